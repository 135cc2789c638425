import * as Y from 'yjs';
import { refuse } from './byte-reader.ts';
import type { GateLimits } from './limits.ts';
import { CONTENT, type Id, type Struct } from './scan.ts';

type SharedType = Y.ContentType['type'];

/** A map, of the document or of the update. */
interface Holder {
  /** Null: the update makes it. */
  readonly type: SharedType | null;
  readonly depth: number;
  /** The outermost map that is a value and holds this one, or is it; null for a root. */
  readonly outermost: Outermost | null;
  readonly entries: Map<string, Entry>;
}

/** Yjs deletes a map with all that is below it at once: `keys` counts that. */
interface Outermost {
  readonly type: SharedType | null;
  keys: number | null;
}

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
  readonly entry: Entry | null;
  /** The map it is. */
  readonly holder: Holder | null;
  /** Values that Yjs may have to look at to place it. */
  readonly walk: number;
}

const NOWHERE: Place = { entry: null, holder: null, walk: 0 };

/** Where the structs of the update are that have been placed already; null for others. */
export type PlacedBefore = (id: Id) => Place | null;

/** Yjs has made one struct of what a client wrote in a row; to cut it copies its values, 64 in the time of a step. */
const stepsPast = (last: Y.Item | undefined, enough: number): number => {
  let steps = 0;
  for (let item = last ?? null; item !== null && steps <= enough; item = item.left) steps += 1 + (item.length >> 6);
  return steps;
};

const keysBelow = (type: SharedType, enough: number): number => {
  let keys = 0;
  const maps = [type];
  for (let map = maps.pop(); map !== undefined && keys <= enough; map = maps.pop()) {
    keys += map._map.size;
    for (const { content } of map._map.values()) if (content instanceof Y.ContentType) maps.push(content.type);
  }
  return keys;
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

/** Maps of the document and of the update, each looked at once. */
const createHolders = (doc: Y.Doc, limits: GateLimits) => {
  const known = new Map<SharedType, Holder>();
  const newRoots = new Map<string, Holder>();

  const root = (type: SharedType | null): Holder => ({ type, depth: 0, outermost: null, entries: new Map() });

  const inside = (parent: Holder, type: SharedType | null): Holder => {
    const depth = parent.depth + 1;
    if (depth > limits.mapDepth) refuse(`at most ${limits.mapDepth} maps are inside each other`);
    return { type, depth, outermost: parent.outermost ?? { type, keys: type === null ? 0 : null }, entries: new Map() };
  };

  const of = (type: SharedType): Holder => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const parent = type._item?.parent ?? null;
    const holder = parent instanceof Y.AbstractType ? inside(of(parent), type) : root(type);
    known.set(type, holder);
    return holder;
  };

  const named = (name: string): Holder => {
    const type = doc.share.get(name);
    if (type !== undefined) return of(type);
    const found = newRoots.get(name);
    if (found !== undefined) return found;
    if (doc.share.size + newRoots.size >= limits.docRoots) refuse(`a document has at most ${limits.docRoots} roots`);
    const holder = root(null);
    newRoots.set(name, holder);
    return holder;
  };

  return { of, named, inside };
};

/**
 * What the structs of an update make of the document's maps, told before anything is applied. Yjs places a struct among the
 * values that its key has had: one that replaces the last is placed at once, any other may take a walk over all of them.
 */
export const createShape = (
  doc: Y.Doc,
  placedBefore: PlacedBefore,
  limits: GateLimits,
): ((struct: Struct) => Place) => {
  const holders = createHolders(doc, limits);
  let walked = 0;

  const countKey = ({ outermost }: Holder): void => {
    if (outermost === null) return;
    const { nestedKeys } = limits;
    outermost.keys ??= outermost.type === null ? 0 : keysBelow(outermost.type, nestedKeys);
    outermost.keys++;
    if (outermost.keys > nestedKeys) refuse(`a map inside another, with all below it, has at most ${nestedKeys} keys`);
  };

  const entryOf = (holder: Holder, key: string): Entry => {
    const found = holder.entries.get(key);
    if (found !== undefined) return found;
    const last = holder.type?._map.get(key);
    if (last === undefined) countKey(holder);
    const entry: Entry = { holder, key, steps: 0, counted: last === undefined, tail: tailOf(last) };
    holder.entries.set(key, entry);
    return entry;
  };

  const placeInDocument = ({ client, clock }: Id): Place => {
    const item = Y.getItem(doc.store, Y.createID(client, clock));
    // collected: what hangs on it is collected as well
    if (!(item instanceof Y.Item) || !(item.parent instanceof Y.AbstractType)) return NOWHERE;
    if (item.parentSub === null) return refuse('a document of Baton has maps of plain values, no lists or texts');
    const holder = item.content instanceof Y.ContentType ? holders.of(item.content.type) : null;
    return { entry: entryOf(holders.of(item.parent), item.parentSub), holder, walk: 0 };
  };

  const placeOf = (id: Id): Place => placedBefore(id) ?? placeInDocument(id);

  const entryFor = ({ origin, parent, key }: Struct): Entry | null => {
    if (origin !== null) return placeOf(origin).entry;
    if (parent === null || key === null) return null;
    const holder = typeof parent === 'string' ? holders.named(parent) : placeOf(parent).holder;
    return holder === null ? null : entryOf(holder, key);
  };

  const count = (entry: Entry): number => {
    if (!entry.counted) entry.steps += stepsPast(entry.holder.type?._map.get(entry.key), limits.history);
    entry.counted = true;
    return entry.steps;
  };

  /** Among others: a client's own next value then follows this one, so that a series of them takes one walk. */
  const walkAmong = (entry: Entry): number => {
    const walk = count(entry) + 1;
    if (walk > limits.history) refuse(`a concurrent change of a key that has had over ${limits.history} values`);
    walked += 2 * walk;
    if (walked > limits.walk) refuse('too many concurrent changes of keys that have had many values');
    entry.tail = 'unsure';
    return walk;
  };

  const walkFor = (entry: Entry, struct: Struct): number => {
    if (follows(entry.tail, struct.origin)) {
      entry.tail = { client: struct.client, clock: struct.clock + struct.length - 1 };
      return 0;
    }
    const ownLast = isOwnLast(struct) && placedBefore({ client: struct.client, clock: struct.clock - 1 }) !== null;
    return ownLast ? 1 : walkAmong(entry);
  };

  return (struct) => {
    const entry = entryFor(struct);
    if (entry === null) return NOWHERE;
    const walk = walkFor(entry, struct);
    entry.steps += 1 + (struct.length >> 6);
    const holder = struct.content === CONTENT.type ? holders.inside(entry.holder, null) : null;
    return { entry, holder, walk };
  };
};
