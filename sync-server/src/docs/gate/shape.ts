import * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import { createHolders, type Holder, type Holders } from './holders.ts';
import type { GateLimits } from './limits.ts';
import { createHoles } from './list-holes.ts';
import { createNodes } from './list-nodes.ts';
import { createListOrder } from './list-order.ts';
import { CONTENT, type DeletedRange, type Id, type Struct } from './scan.ts';

/** The values that one key of a map has had. */
interface Entry {
  readonly holder: Holder;
  readonly key: string;
  /** How many: placed by the update so far, and once `counted` also those of the document. */
  steps: number;
  counted: boolean;
  tail: Id | 'none' | 'unsure';
}

/** Where a struct is once it has been placed. */
export interface Place {
  /** The key of a map that it is a value of. */
  readonly entry: Entry | null;
  /** The list or text that it is in. */
  readonly list: Holder | null;
  /** The map, list or text that it is. */
  readonly holder: Holder | null;
  /** Values that Yjs may have to look at to place it. */
  readonly walk: number;
}

const NOWHERE: Place = { entry: null, list: null, holder: null, walk: 0 };

/** Where the structs of the update are that have been placed already; null for others. */
export type PlacedBefore = (id: Id) => Place | null;

/** Yjs has made one struct of what a client wrote in a row; to cut it copies its values, 64 in the time of a step. */
const stepsPast = (last: Y.Item | undefined, enough: number): number => {
  let steps = 0;
  for (let item = last ?? null; item !== null && steps <= enough; item = item.left) steps += 1 + (item.length >> 6);
  return steps;
};

const tailOf = (last: Y.Item | undefined): Entry['tail'] =>
  last === undefined ? 'none' : { client: last.id.client, clock: last.id.clock + last.length - 1 };

const follows = (tail: Entry['tail'], origin: Id | null): boolean => {
  if (tail === 'unsure') return false;
  if (tail === 'none') return origin === null;
  return origin !== null && tail.client === origin.client && tail.clock === origin.clock;
};

const isOwnLast = ({ origin, client, clock }: Struct): boolean =>
  origin !== null && origin.client === client && origin.clock === clock - 1;

const checkEntry = ({ rightOrigin, content }: Struct): void => {
  if (rightOrigin !== null) refuse('an entry of a map has nothing to its right');
  if (content === CONTENT.text) refuse('an entry of a map has no characters as its value');
};

/** Keys of maps, each looked at once. */
const createEntries = (holders: Holders) => {
  const entries = new Map<Holder, Map<string, Entry>>();

  const entriesOf = (holder: Holder): Map<string, Entry> => {
    const found = entries.get(holder);
    if (found !== undefined) return found;
    const made = new Map<string, Entry>();
    entries.set(holder, made);
    return made;
  };

  return (holder: Holder, key: string): Entry => {
    const known = entriesOf(holder);
    const found = known.get(key);
    if (found !== undefined) return found;
    const last = holder.type?._map.get(key);
    if (last === undefined) holders.count(holder, 1);
    const entry: Entry = { holder, key, steps: 0, counted: last === undefined, tail: tailOf(last) };
    known.set(key, entry);
    return entry;
  };
};

export interface Shape {
  readonly place: (struct: Struct) => Place;
  /** What it takes to delete a range of what is there, or placed; in the same steps as walks. */
  readonly placeDeleted: (range: DeletedRange) => number;
}

/**
 * What the structs of an update make of the document's maps and lists, told before anything is applied. Yjs places a struct
 * among the values that its key has had: one that replaces the last is placed at once, any other may take a walk over all of
 * them. In a list, what is put between two neighbours is placed at once (`list-order.ts`).
 */
export const createShape = (doc: Y.Doc, placedBefore: PlacedBefore, limits: GateLimits): Shape => {
  const holders = createHolders(doc, limits);
  const nodes = createNodes(doc);
  const insert = createListOrder(doc, nodes, limits);
  const erase = createHoles(doc, nodes);
  const entryOf = createEntries(holders);
  let walked = 0;

  const placeInDocument = ({ client, clock }: Id): Place => {
    const item = Y.getItem(doc.store, Y.createID(client, clock));
    // collected: what hangs on it is collected as well
    if (!(item instanceof Y.Item) || !(item.parent instanceof Y.AbstractType)) return NOWHERE;
    const holder = item.content instanceof Y.ContentType ? holders.of(item.content.type) : null;
    const parent = holders.of(item.parent);
    if (item.parentSub === null) return { entry: null, list: parent, holder, walk: 0 };
    return { entry: entryOf(parent, item.parentSub), list: null, holder, walk: 0 };
  };

  const placeOf = (id: Id): Place => placedBefore(id) ?? placeInDocument(id);

  const placeAt = ({ parent, key }: Struct): Pick<Place, 'entry' | 'list'> => {
    if (parent === null) return NOWHERE;
    const holder = typeof parent === 'string' ? holders.named(parent) : placeOf(parent).holder;
    if (holder === null) return NOWHERE;
    return key === null ? { entry: null, list: holder } : { entry: entryOf(holder, key), list: null };
  };

  /** Where its neighbours are, or else its parent; nowhere when one of them is collected, as Yjs has it. */
  const whereOf = (struct: Struct): Pick<Place, 'entry' | 'list'> => {
    const left = struct.origin && placeOf(struct.origin);
    const right = struct.rightOrigin && placeOf(struct.rightOrigin);
    if (left === null) return right ?? placeAt(struct);
    if (right === null || left.list === right.list) return left;
    if (left.entry !== null) return left;
    const isCollected = left.list === null || (right.list === null && right.entry === null);
    return isCollected ? NOWHERE : refuse('the neighbours of a change are in different lists');
  };

  const count = (entry: Entry): number => {
    if (!entry.counted) entry.steps += stepsPast(entry.holder.type?._map.get(entry.key), limits.history);
    entry.counted = true;
    return entry.steps;
  };

  const countWalk = (walk: number): number => {
    walked += 2 * walk;
    if (walked > limits.walk) refuse('too many changes amid keys or lists that have had many values');
    return walk;
  };

  /** Among others: a client's own next value then follows this one, so that a series of them takes one walk. */
  const walkAmong = (entry: Entry): number => {
    const walk = count(entry) + 1;
    if (walk > limits.history) refuse(`a concurrent change of a key that has had over ${limits.history} values`);
    entry.tail = 'unsure';
    return countWalk(walk);
  };

  const walkFor = (entry: Entry, struct: Struct): number => {
    if (follows(entry.tail, struct.origin)) {
      entry.tail = { client: struct.client, clock: struct.clock + struct.length - 1 };
      return 0;
    }
    const ownLast = isOwnLast(struct) && placedBefore({ client: struct.client, clock: struct.clock - 1 }) !== null;
    return ownLast ? 1 : walkAmong(entry);
  };

  const holderIn = (parent: Holder, { content }: Struct): Holder | null =>
    content === CONTENT.type ? holders.inside(parent, null) : null;

  const placeEntry = (entry: Entry, struct: Struct): Place => {
    checkEntry(struct);
    const walk = walkFor(entry, struct);
    entry.steps += 1 + (struct.length >> 6);
    return { entry, list: null, holder: holderIn(entry.holder, struct), walk };
  };

  const placeItem = (list: Holder, struct: Struct): Place => {
    const { steps, pieces } = insert(list, struct);
    holders.countItems(list, pieces, struct.content === CONTENT.any ? struct.length : 0);
    return { entry: null, list, holder: holderIn(list, struct), walk: countWalk(steps) };
  };

  const place = (struct: Struct): Place => {
    const { entry, list } = whereOf(struct);
    if (entry !== null) return placeEntry(entry, struct);
    return list === null ? NOWHERE : placeItem(list, struct);
  };

  const placeDeleted = (range: DeletedRange): number => {
    const { steps, pieces } = erase(range);
    const list = pieces === 0 ? null : placeOf(range).list;
    if (list !== null) holders.countItems(list, pieces, 0);
    return countWalk(steps);
  };

  return { place, placeDeleted };
};
