import type { Filter } from '@baton/schema/filter';
import { createMatcher } from './matcher.ts';

/** Fields that every document has beside those of its row. */
export interface SystemFields {
  /** `<collection>/<key>`. */
  readonly id: string;
  readonly collection: string;
  /** Rises with each change of the document. */
  readonly version: number;
  /** ms since the Unix epoch, by the relay's clock. */
  readonly updatedAt: number;
  readonly createdAt: number;
  readonly deleted: boolean;
}

export type Doc = SystemFields & Readonly<Record<string, unknown>>;

/** One document before and after; null: it was not, or is not, there. */
export interface DocChange {
  /** Place among the shelf's changes, from 1. */
  readonly at: number;
  readonly before: Doc | null;
  readonly after: Doc | null;
}

/** What a change is to who sees only documents that pass some filters. */
export type DeltaType = 'create' | 'update' | 'delete';

export const deltaOf = (wasSeen: boolean, isSeen: boolean): DeltaType | null => {
  if (wasSeen) return isSeen ? 'update' : 'delete';
  return isSeen ? 'create' : null;
};

export interface ShelfListener {
  readonly onDelta: (type: DeltaType, doc: Doc, at: number) => void;
  /** What is held is no longer known: everything is told anew. */
  readonly onReset: () => void;
}

/** The documents of one collection of one event, and who follows them. */
export interface Shelf {
  /** Shelf's identity: places of another one mean nothing. */
  readonly era: () => string;
  /** Place of the last change. */
  readonly at: () => number;
  readonly documents: () => Iterable<Doc>;
  readonly add: (listener: ShelfListener, filters: readonly Filter[]) => void;
  readonly remove: (listener: ShelfListener) => void;
  readonly size: () => number;
  /** Changes behind a place of this era, oldest first; null: some of them are no longer known. */
  readonly since: (at: number) => readonly DocChange[] | null;
}

export interface WritableShelf extends Shelf {
  readonly get: (key: string) => Doc | undefined;
  /** Replaces the row of a key; null removes it. A row that is what it was changes nothing. */
  readonly put: (key: string, row: object | null, at: number) => void;
  readonly keys: () => Iterable<string>;
  /** All is told anew, from another era on. */
  readonly reset: (era: string) => void;
}

/** Changes that are remembered for who comes back after a short break. */
const MAX_CHANGES = 10_000;

const SYSTEM: ReadonlySet<string> = new Set(['id', 'collection', 'version', 'updatedAt', 'createdAt', 'deleted']);

/** Whether two rows say the same; nested values are small and compared as JSON. */
export const sameRow = (doc: Doc, row: object): boolean => {
  for (const [field, value] of Object.entries(row) as [string, unknown][]) {
    if (SYSTEM.has(field)) continue;
    const held = doc[field];
    if (held !== value && JSON.stringify(held) !== JSON.stringify(value)) return false;
  }
  return true;
};

const timeOf = (row: object, field: 'updatedAt' | 'createdAt', now: number): number => {
  const told: unknown = Reflect.get(row, field);
  return typeof told === 'number' ? told : now;
};

export const createShelf = (collection: string, firstEra: string): WritableShelf => {
  const docs = new Map<string, Doc>();
  const matcher = createMatcher<ShelfListener>();
  let changes: DocChange[] = [];
  let era = firstEra;
  let last = 0;

  const tell = (change: DocChange): void => {
    if (matcher.size() === 0) return;
    const concerned = new Map<ShelfListener, { was: boolean; is: boolean }>();
    const note = (listener: ShelfListener, side: 'was' | 'is'): void => {
      const known = concerned.get(listener) ?? { was: false, is: false };
      known[side] = true;
      concerned.set(listener, known);
    };
    const { before, after, at } = change;
    if (before !== null) matcher.each(before, (listener) => note(listener, 'was'));
    if (after !== null) matcher.each(after, (listener) => note(listener, 'is'));
    for (const [listener, { was, is }] of concerned) {
      const type = deltaOf(was, is);
      const doc = after ?? before;
      if (type === null || doc === null) continue;
      listener.onDelta(type, doc, at);
    }
  };

  const commit = (before: Doc | null, after: Doc | null): void => {
    const change = { at: ++last, before, after };
    changes.push(change);
    if (changes.length > 2 * MAX_CHANGES) changes = changes.slice(-MAX_CHANGES);
    tell(change);
  };

  const remove = (key: string, now: number): void => {
    const before = docs.get(key);
    if (before === undefined) return;
    docs.delete(key);
    commit({ ...before, version: before.version + 1, updatedAt: now, deleted: true }, null);
  };

  return {
    era: () => era,
    at: () => last,
    documents: () => docs.values(),
    keys: () => docs.keys(),
    get: (key) => docs.get(key),
    put: (key, row, now) => {
      if (row === null) return remove(key, now);
      const before = docs.get(key) ?? null;
      if (before !== null && sameRow(before, row)) return;
      const after: Doc = {
        ...row,
        id: `${collection}/${key}`,
        collection,
        version: (before?.version ?? 0) + 1,
        updatedAt: timeOf(row, 'updatedAt', now),
        createdAt: before?.createdAt ?? timeOf(row, 'createdAt', now),
        deleted: false,
      };
      docs.set(key, after);
      commit(before, after);
    },
    add: matcher.add,
    remove: matcher.remove,
    size: matcher.size,
    since: (at) => {
      if (at === last) return [];
      const first = changes[0];
      return first === undefined || at < first.at - 1 || at > last ? null : changes.slice(at - first.at + 1);
    },
    reset: (next) => {
      era = next;
      docs.clear();
      changes = [];
      last = 0;
      matcher.all((listener) => listener.onReset());
    },
  };
};
