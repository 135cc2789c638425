import * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import type { Holder } from './holders.ts';
import type { GateLimits } from './limits.ts';
import { CONTENT, type Id, type Struct } from './scan.ts';

/** Yjs makes one struct of what a client wrote in a row, also of what comes as several. */
interface Run {
  length: number;
  /** Cutting it copies its content, so much of it in the time of a step: values, characters, or nothing. */
  readonly shift: number;
}

const SHIFTS = { values: 6, characters: 10, nothing: 31 } as const;

const shiftOf = ({ content }: Struct): number => {
  if (content === CONTENT.text) return SHIFTS.characters;
  return content === CONTENT.any ? SHIFTS.values : SHIFTS.nothing;
};

const shiftOfItem = ({ content }: Y.Item): number => {
  if (content instanceof Y.ContentString) return SHIFTS.characters;
  return content instanceof Y.ContentDeleted ? SHIFTS.nothing : SHIFTS.values;
};

/** A piece of a list, of the document or of the update, cut no finer than was asked for. */
interface Node {
  readonly client: number;
  readonly clock: number;
  length: number;
  readonly origin: Id | null;
  readonly rightOrigin: Id | null;
  readonly run: Run;
  readonly isStored: boolean;
  /** Undefined: what is at `nextId`. */
  next: Node | null | undefined;
  nextId: Id | null;
}

const isSame = (a: Id | null, b: Id | null): boolean =>
  a === null || b === null ? a === b : a.client === b.client && a.clock === b.clock;

const endOf = ({ clock, length }: { readonly clock: number; readonly length: number }): number => clock + length;

const costOfCut = ({ length, shift }: Run): number => 1 + (length >> shift);

/** To insert into an array moves what is behind. */
const costOfMove = (count: number): number => count >> 8;

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

const startOf = (item: Y.Item | null): Id | null => item && { client: item.id.client, clock: item.id.clock };

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
    run: { length: item.length, shift: shiftOfItem(item) },
    isStored: true,
    next: undefined,
    nextId: isEnd ? startOf(item.right) : { client, clock: to },
  };
};

const storedRun = (doc: Y.Doc, { client, clock }: Id): Run | null => {
  const item = clock < Y.getState(doc.store, client) ? Y.getItem(doc.store, Y.createID(client, clock)) : null;
  return item instanceof Y.Item && !item.deleted ? { length: item.length, shift: shiftOfItem(item) } : null;
};

/** Pieces of lists that have been looked at, by client in the order of their clocks. */
const createNodes = (doc: Y.Doc) => {
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
    const item = clock < Y.getState(doc.store, client) ? Y.getItem(doc.store, Y.createID(client, clock)) : null;
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

  return {
    seen,
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

const continues = (left: Node | null, { client, clock, origin, rightOrigin }: Struct): left is Node =>
  left !== null &&
  origin?.client === client &&
  origin.clock === clock - 1 &&
  left.client === client &&
  isSame(left.rightOrigin, rightOrigin);

/** Where a struct comes to be beside another one: `open` tells what follows. */
type Verdict = 'before' | 'behind' | 'open';

const besideSibling = (struct: Struct, other: Node): Verdict => {
  if (other.client < struct.client) return 'behind';
  return isSame(struct.rightOrigin, other.rightOrigin) ? 'before' : 'open';
};

const besideOther = (source: Node | null, passed: ReadonlySet<Node>, conflicting: ReadonlySet<Node>): Verdict => {
  if (source === null || !passed.has(source)) return 'before';
  return conflicting.has(source) ? 'open' : 'behind';
};

/**
 * Where the structs of an update come to be in the document's lists, found as `Item.integrate` of Yjs 13.6 finds it, without
 * changing anything: so that what each will cost is counted, not guessed. What was written in a row, or between two
 * neighbours, is placed at once, however long the list; only what is concurrent takes a walk.
 */
export const createListOrder = (doc: Y.Doc, { history }: GateLimits) => {
  const nodes = createNodes(doc);
  const firsts = new Map<Holder, Node | null>();
  let steps = 0;

  const cut = (node: Node, length: number): Node => {
    const clock = node.clock + length;
    const origin = { client: node.client, clock: clock - 1 };
    const right: Node = { ...node, clock, length: node.length - length, origin };
    node.length = length;
    node.next = right;
    nodes.add(right);
    steps += costOfCut(node.run) + costOfMove(doc.store.clients.get(node.client)?.length ?? 0);
    return right;
  };

  const endingAt = (id: Id): Node | null => {
    const node = nodes.find(id);
    if (node !== null && endOf(node) > id.clock + 1) cut(node, id.clock + 1 - node.clock);
    return node;
  };

  const beginningAt = (id: Id): Node | null => {
    const node = nodes.find(id);
    return node !== null && node.clock < id.clock ? cut(node, id.clock - node.clock) : node;
  };

  const firstOf = (list: Holder): Node | null => {
    const known = firsts.get(list);
    if (known !== undefined) return known;
    const start = startOf(list.type?._start ?? null);
    return start && nodes.find(start);
  };

  const nextOf = (node: Node): Node | null => {
    if (node.next === undefined) node.next = node.nextId && nodes.find(node.nextId);
    return node.next;
  };

  const countStep = (): void => {
    steps++;
    if (steps > history) refuse(`a concurrent change of a list among over ${history} others`);
  };

  /** The one behind which it comes to be, among those that were put between the same neighbours. */
  const walk = (list: Holder, struct: Struct, left: Node | null, right: Node | null): Node | null => {
    let behind = left;
    const passed = new Set<Node>();
    const conflicting = new Set<Node>();
    for (let other = left ? nextOf(left) : firstOf(list); other !== null && other !== right; other = nextOf(other)) {
      countStep();
      passed.add(other);
      conflicting.add(other);
      const source = other.origin && nodes.seen(other.origin);
      const verdict = isSame(struct.origin, other.origin)
        ? besideSibling(struct, other)
        : besideOther(source, passed, conflicting);
      if (verdict === 'before') break;
      if (verdict === 'open') continue;
      behind = other;
      conflicting.clear();
    }
    return behind;
  };

  const link = (list: Holder, struct: Struct, behind: Node | null, left: Node | null): void => {
    const shift = shiftOf(struct);
    // what the document has of the values is copied when they become more
    if (continues(left, struct) && left.isStored && shift === SHIFTS.values) steps += left.run.length >> shift;
    const run = continues(left, struct) && left.run.shift === shift ? left.run : { length: 0, shift };
    run.length += struct.length;
    const { client, clock, length, origin, rightOrigin } = struct;
    const next = behind ? nextOf(behind) : firstOf(list);
    const node: Node = { client, clock, length, origin, rightOrigin, run, isStored: false, next, nextId: null };
    nodes.add(node);
    if (behind === null) firsts.set(list, node);
    else behind.next = node;
  };

  /** Puts a struct into a list, and tells the steps that this takes. */
  const insert = (list: Holder, struct: Struct): number => {
    steps = 0;
    const left = struct.origin && endingAt(struct.origin);
    const right = struct.rightOrigin && beginningAt(struct.rightOrigin);
    const isBetween = (left === null ? firstOf(list) : nextOf(left)) === right;
    link(list, struct, isBetween ? left : walk(list, struct, left, right), left);
    return steps + nodes.takeMoved();
  };

  /** The steps that it takes to delete something from the midst of a run: half of it is copied, on average. */
  const costOfHole = ({ client, clock }: Id, length: number): number => {
    const run = nodes.seen({ client, clock })?.run ?? storedRun(doc, { client, clock });
    return run === null || length >= run.length ? 0 : run.length >> (run.shift + 1);
  };

  return { insert, costOfHole };
};
