import * as Y from 'yjs';
import { CONTENT, type DeletedRange, type Id, type Struct } from './scan.ts';

/** Yjs makes one struct of what a client wrote in a row, also of what comes as several. */
export interface Run {
  length: number;
  readonly copies: Copies;
  /** Holes that the update has made in it. */
  holes: number;
}

/** What Yjs copies where it cuts or joins, and how much of that in the time of a step. */
export type Copies = 'values' | 'characters' | 'nothing';

export const CUT: Readonly<Record<Copies, number>> = { values: 2, characters: 1024, nothing: Number.POSITIVE_INFINITY };
/** Counted for less than it is: who pushes one value after the other does no harm. */
export const JOIN: Readonly<Record<Copies, number>> = { ...CUT, values: 16, characters: Number.POSITIVE_INFINITY };

export const copiesOf = ({ content }: Struct): Copies => {
  if (content === CONTENT.text) return 'characters';
  return content === CONTENT.any ? 'values' : 'nothing';
};

const copiesOfItem = ({ content }: Y.Item): Copies => {
  if (content instanceof Y.ContentString) return 'characters';
  return content instanceof Y.ContentAny || content instanceof Y.ContentJSON ? 'values' : 'nothing';
};

export const costOf = (length: number, copies: Copies, rate: Readonly<Record<Copies, number>>): number =>
  Math.floor(length / rate[copies]);

/** A piece of a list, of the document or of the update, cut no finer than was asked for. */
export interface Node {
  readonly client: number;
  readonly clock: number;
  length: number;
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
  run: Run;
  readonly isStored: boolean;
  readonly isDeleted: boolean;
  /** Undefined: what is at `nextId`. */
  next: Node | null | undefined;
  nextId: Id | null;
}

export const isSame = (a: Id | null, b: Id | null): boolean =>
  a === null || b === null ? a === b : a.client === b.client && a.clock === b.clock;

export const endOf = ({ clock, length }: { readonly clock: number; readonly length: number }): number => clock + length;

/** To insert into an array moves what is behind. */
export const costOfMove = (count: number): number => count >> 8;

/** Index of the last node that begins up to a clock; -1 when none does. */
const lastUpTo = (nodes: readonly Node[], clock: number): number => {
  let low = -1;
  let high = nodes.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((nodes[middle]?.clock ?? 0) <= clock) low = middle;
    else high = middle - 1;
  }
  return low;
};

export const startOf = (item: Y.Item | null): Id | null => item && { client: item.id.client, clock: item.id.clock };

/** The part of an item that no other node has; lists keep their order, so an older view of the rest does no harm. */
const nodeOfItem = (item: Y.Item, from: number, to: number): Node => {
  const { client } = item.id;
  const isEnd = to === item.id.clock + item.length;
  return {
    client,
    clock: from,
    length: to - from,
    origin: from === item.id.clock ? item.origin : { client, clock: from - 1 },
    rightOrigin: item.rightOrigin,
    run: { length: item.length, copies: copiesOfItem(item), holes: 0 },
    isStored: true,
    isDeleted: item.deleted,
    next: undefined,
    nextId: isEnd ? startOf(item.right) : { client, clock: to },
  };
};

const itemAt = (doc: Y.Doc, client: number, clock: number): Y.Item | Y.GC | null =>
  clock >= 0 && clock < Y.getState(doc.store, client) ? Y.getItem(doc.store, Y.createID(client, clock)) : null;

const deletedValues = (item: Y.Item | Y.GC | null): number =>
  item instanceof Y.Item && item.deleted && copiesOfItem(item) === 'values' ? item.length : 0;

/** Values beside a range that are deleted already: with them, Yjs makes one struct of what is deleted now. */
export const deletedBeside = (doc: Y.Doc, { client, clock, length }: DeletedRange): number =>
  deletedValues(itemAt(doc, client, clock - 1)) + deletedValues(itemAt(doc, client, clock + length));

export const isDeletedAlready = (doc: Y.Doc, { client, clock, length }: DeletedRange): boolean => {
  const item = itemAt(doc, client, clock);
  return item?.deleted === true && clock + length <= item.id.clock + item.length;
};

/** What one change of a list takes. */
export interface Cost {
  readonly steps: number;
  /** Of lists, that there are more then. */
  readonly pieces: number;
}

/** Pieces of lists that have been looked at, by client in the order of their clocks. */
export const createNodes = (doc: Y.Doc) => {
  const byClient = new Map<number, Node[]>();
  let moved = 0;

  const of = (client: number): Node[] => {
    const found = byClient.get(client);
    if (found !== undefined) return found;
    const nodes: Node[] = [];
    byClient.set(client, nodes);
    return nodes;
  };

  const insert = (nodes: Node[], at: number, node: Node): void => {
    moved += costOfMove(nodes.length - at);
    if (at === nodes.length) nodes.push(node);
    else nodes.splice(at, 0, node);
  };

  const seen = ({ client, clock }: Id): Node | null => {
    const nodes = byClient.get(client);
    const node = nodes?.[lastUpTo(nodes, clock)];
    return node !== undefined && clock < endOf(node) ? node : null;
  };

  const stored = ({ client, clock }: Id): Node | null => {
    const item = itemAt(doc, client, clock);
    if (!(item instanceof Y.Item)) return null;
    const nodes = of(client);
    const at = lastUpTo(nodes, clock);
    const before = nodes[at];
    const from = Math.max(item.id.clock, before === undefined ? 0 : endOf(before));
    const to = Math.min(item.id.clock + item.length, nodes[at + 1]?.clock ?? Number.POSITIVE_INFINITY);
    const node = nodeOfItem(item, from, to);
    insert(nodes, at + 1, node);
    return node;
  };

  /** Whether something begins at a place, or the document has it deleted: to delete from there on cuts nothing. */
  const isEdge = (client: number, clock: number): boolean => {
    const node = seen({ client, clock });
    if (node !== null) return node.clock === clock || node.isDeleted;
    const item = itemAt(doc, client, clock);
    return item === null || item.id.clock === clock || item.deleted;
  };

  return {
    seen,
    isEdge,
    find: (id: Id): Node | null => seen(id) ?? stored(id),
    add: (node: Node): void => {
      const nodes = of(node.client);
      insert(nodes, lastUpTo(nodes, node.clock) + 1, node);
    },
    /** What moving has cost since it was asked last. */
    takeMoved: (): number => {
      const cost = moved;
      moved = 0;
      return cost;
    },
  };
};

export type ListNodes = ReturnType<typeof createNodes>;
