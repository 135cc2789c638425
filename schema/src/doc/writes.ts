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

type Entry = WriteId & { readonly origin: WriteId | null; readonly value: unknown };

/** Yjs joins neighbours of one client into one item with several values: each after the first follows the one before. */
const entriesOf = (item: Y.Item): readonly Entry[] => {
  const { client, clock } = item.id;
  const contents: readonly unknown[] = item.content instanceof Y.ContentDeleted ? [] : item.content.getContent();
  return Array.from({ length: item.length }, (_, at) => ({
    client,
    clock: clock + at,
    origin: at === 0 ? item.origin : { client, clock: clock + at - 1 },
    value: contents[at],
  }));
};

/** The writes of a key in the document's own order, the same on every replica. */
export const writesOf = (map: Y.Map<unknown>, key: string): readonly Write[] => {
  const last = map._map.get(key);
  if (last === undefined) return [];
  // nearly all of a large roster: written once
  if (last.left === null && last.length === 1) return entriesOf(last).map((it) => ({ ...it, at: 0, after: null }));
  const entries: Entry[] = [];
  for (let item: Y.Item | null = last; item !== null; item = item.left) entries.unshift(...entriesOf(item));
  const places = new Map(entries.map((entry, at) => [idText(entry), at]));
  return entries.map(({ origin, ...write }, at) => ({
    ...write,
    at,
    after: origin === null ? null : (places.get(idText(origin)) ?? null),
  }));
};

/** Every key that was ever written, removed ones included. */
export const writtenKeys = (map: Y.Map<unknown>): readonly string[] => [...map._map.keys()];

/** Whether a key was written more than once: a glance that spares reading the list. */
export const hasPast = (map: Y.Map<unknown>, key: string): boolean => {
  const item = map._map.get(key);
  return item !== undefined && (item.left !== null || item.length > 1);
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
