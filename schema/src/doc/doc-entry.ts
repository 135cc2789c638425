import type * as Y from 'yjs';
import type { z } from 'zod';

/** An entry that was left out of what a reader returned, and why. */
export interface DocProblem {
  readonly root: string;
  /** Key in the root, cut to 128 characters. */
  readonly key: string;
  readonly message: string;
}

const MAX_SHOWN = 128;

export const problemAt = (root: string, key: string, message: string): DocProblem => ({
  root,
  key: key.slice(0, MAX_SHOWN),
  message: message.slice(0, MAX_SHOWN * 2),
});

/** The first thing zod found wrong, with its path. */
export const firstIssue = (error: z.ZodError): string => {
  const [issue] = error.issues;
  if (issue === undefined) return 'unexpected value';
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Equality of plain JSON values. */
export const sameJson = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
  );
};

/** Sets a plain value only where it differs: each write stays in a document's history for ever. */
export const setEntry = (map: Y.Map<unknown>, key: string, value: unknown): void => {
  if (!map.has(key) || !sameJson(map.get(key), value)) map.set(key, value);
};

/**
 * Removes an entry, and leaves in the document that it was removed. A bare `delete` has no number in Yjs: nobody could
 * tell later who removed an entry, nor that somebody else changed it meanwhile. So null is written first, as a change
 * like any other, and that is what is deleted: to every reader the entry is absent.
 */
export const removeEntry = (map: Y.Map<unknown>, key: string): void => {
  if (!map.has(key)) return;
  map.set(key, null);
  map.delete(key);
};

/** Keys whose last value was removed. Yjs keeps the place of a removed entry as long as its map is there. */
export const removedKeys = (map: Y.Map<unknown>): readonly string[] =>
  [...map._map].flatMap(([key, item]) => (item.deleted ? [key] : []));

/**
 * Writes a value, null removes, even where it stays as it is: who decides between two values says so. Two people who
 * decide differently, apart, can be told from one.
 */
export const rewriteEntry = (map: Y.Map<unknown>, key: string, value: unknown): void => {
  map.set(key, value);
  if (value === null) map.delete(key);
};

/** Sets a value, or removes the entry for null. */
export const putEntry = (map: Y.Map<unknown>, key: string, value: string | number | null): void => {
  if (value !== null) setEntry(map, key, value);
  else removeEntry(map, key);
};

/** Removes the entries that `matches` takes. */
export const deleteEntries = (map: Y.Map<unknown>, matches: (key: string, value: unknown) => boolean): void => {
  const found: string[] = [];
  for (const [key, value] of map.entries()) if (matches(key, value)) found.push(key);
  for (const key of found) removeEntry(map, key);
};

/** Entries in the order of their keys: the same on every replica, however the edits arrived. */
export const sortedEntries = (map: Y.Map<unknown>): readonly (readonly [string, unknown])[] =>
  [...map.entries()].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
