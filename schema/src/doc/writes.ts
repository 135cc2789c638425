import * as Y from 'yjs';
import type { WriteId } from './edit-log.ts';

/**
 * Everything that was ever written under one key of a `Y.Map`, as long as the document keeps it (`gc: false`): Yjs
 * holds the writes of a key as a list, the last of which is the value, and each names the write that its author saw as
 * the last (`origin`). Two writes of which neither descends from the other were made apart.
 *
 * This reads `_map` and items of Yjs 13.6, which has no public way to them; nothing else in Baton does, besides the
 * numbers of `edit-log.ts`.
 */
export interface Write extends WriteId {
  /** Place in the list; the last one counts. */
  readonly at: number;
  /** Place of the write its author saw last; null: none. */
  readonly after: number | null;
  /** Null for a removal. Undefined where a peer has thrown the content away. */
  readonly value: unknown;
}

const idText = ({ client, clock }: WriteId): string => `${client}:${clock}`;

/** A write's name, for keys and for people who compare two machines. */
export const writeName = idText;

const contentsOf = ({ content }: Y.Item): readonly unknown[] =>
  content instanceof Y.ContentDeleted ? [] : content.getContent();

/** Whether each write follows the one before it: nobody wrote apart from another. A glance that spares reading the list. */
const isLine = (last: Y.Item): boolean => {
  for (let item = last; item.left !== null; item = item.left) {
    const { origin, left } = item;
    if (origin === null || origin.client !== left.id.client || origin.clock !== left.id.clock + left.length - 1) {
      return false;
    }
  }
  return true;
};

/**
 * Yjs joins neighbours of one client into one item with several values: each after the first follows the one before.
 * Loops and plain objects: a large import that was taken back is read by the hundred thousand.
 */
const addWrites = (writes: Write[], item: Y.Item, after: number | null): void => {
  const { id, length } = item;
  const contents = contentsOf(item);
  for (let at = 0; at < length; at++) {
    const place = writes.length;
    writes.push({
      client: id.client,
      clock: id.clock + at,
      at: place,
      after: at === 0 ? after : place - 1,
      value: contents[at],
    });
  }
};

const lineOf = (items: readonly Y.Item[]): readonly Write[] => {
  const writes: Write[] = [];
  for (const item of items) addWrites(writes, item, writes.length === 0 ? null : writes.length - 1);
  return writes;
};

const forkedOf = (items: readonly Y.Item[]): readonly Write[] => {
  const places = new Map<string, number>();
  for (const { id, length } of items) {
    for (let at = 0; at < length; at++) places.set(`${id.client}:${id.clock + at}`, places.size);
  }
  const writes: Write[] = [];
  for (const item of items) {
    const after = item.origin === null ? null : (places.get(idText(item.origin)) ?? null);
    addWrites(writes, item, after);
  }
  return writes;
};

/** The writes of a key in the document's own order, the same on every replica. */
export const writesOf = (map: Y.Map<unknown>, key: string): readonly Write[] => {
  const last = map._map.get(key);
  if (last === undefined) return [];
  // nearly all of a large roster: written once
  if (last.left === null && last.length === 1) {
    const { client, clock } = last.id;
    return [{ client, clock, at: 0, after: null, value: contentsOf(last)[0] }];
  }
  const items: Y.Item[] = [];
  for (let item: Y.Item | null = last; item !== null; item = item.left) items.push(item);
  items.reverse();
  return isLine(last) ? lineOf(items) : forkedOf(items);
};

/** Every key that was ever written, removed ones included. */
export const writtenKeys = (map: Y.Map<unknown>): readonly string[] => [...map._map.keys()];

/** The keys that were written apart: in a roster of 55,000 a few, where people have worked at once. */
export const forkedKeys = (map: Y.Map<unknown>): readonly string[] => {
  const keys: string[] = [];
  for (const [key, item] of map._map) if (!isLine(item)) keys.push(key);
  return keys;
};

/** The map in which this one stands, and its key there; null for a root. */
export const parentOf = (map: Y.Map<unknown>): { readonly map: Y.Map<unknown>; readonly key: string } | null => {
  const item = map._item;
  return item !== null && item.parent instanceof Y.Map && item.parentSub !== null
    ? { map: item.parent, key: item.parentSub }
    : null;
};

/** Whether the value that counts has been removed, by whatever peer. */
export const isAbsent = (map: Y.Map<unknown>, key: string): boolean => !map.has(key);

/**
 * The writes that another one overruled though its author never saw them: ends of lines of writes that do not lead to
 * the last one.
 */
export const overruled = (writes: readonly Write[]): readonly Write[] => {
  const seen = new Set<number>();
  for (let at: number | null = writes.length - 1; at !== null && at >= 0; at = writes[at]?.after ?? null) seen.add(at);
  const followed = new Set(writes.map((write) => write.after));
  return writes.filter((write) => !seen.has(write.at) && !followed.has(write.at));
};
