import type { Filter } from '@baton/schema/filter';
import { compileFilters } from '@baton/schema/filter';
import type { Pace } from '@baton/schema/roster';
import type { Doc, ShelfListener, WritableShelf } from './shelf.ts';

/** What can be subscribed to, and what one must be allowed for it. */
export const COLLECTIONS = {
  results: 'event.read',
  oncourse: 'event.read',
  races: 'event.read',
  announcer: 'event.read',
  reads: 'reads.read',
  streams: 'stream.read',
  nodes: 'node.read',
} as const;
export type CollectionName = keyof typeof COLLECTIONS;

/** A change that passed a subscription's filters. */
export type Delta = Parameters<ShelfListener['onDelta']>;

/** One cut: the documents up to a place, and every change behind it to the listener. */
export interface Opened {
  /** Of that moment, some at a time; at most once. */
  readonly snapshot: () => AsyncIterable<readonly Doc[]>;
  /** Changes behind the place that was asked for; null: they are no longer known, or none was asked for. */
  readonly missed: readonly Delta[] | null;
  readonly close: () => void;
}

/** The documents of one kind of one event, kept up to date while somebody follows them. */
export interface Collection {
  /** Resolves when there is something to open. */
  readonly ready: () => Promise<void>;
  /** Takes the cut, at once. `after`: the place up to which the asker holds everything. */
  readonly open: (listener: ShelfListener, filters: readonly Filter[], after: string | null) => Opened;
  /** The place of a change, for `after`. */
  readonly placeOf: (at: number) => string;
  /** Where the collection stands. */
  readonly place: () => string;
  readonly size: () => number;
  readonly stop: () => void;
}

/** Documents told at once. */
const PART = 50;

/** Some at a time, and then others have their turn: a fast client would have all of it at once. */
export async function* inParts(
  docs: readonly Doc[],
  matches: (doc: Doc) => boolean,
  pace: Pace,
): AsyncIterable<readonly Doc[]> {
  for (let from = 0; from < docs.length; from += PART) {
    yield docs.slice(from, from + PART).filter(matches);
    await pace.rest();
  }
}

/** `after` of this era as a number; null: of none that is known. */
export const placeIn = (era: string, after: string | null): number | null => {
  if (after === null || !after.startsWith(`${era}:`)) return null;
  const at = Number(after.slice(era.length + 1));
  return Number.isSafeInteger(at) && at >= 0 ? at : null;
};

/** What changes that were missed mean to who sees only what passes `filters`. */
const missedOf = (shelf: WritableShelf, filters: readonly Filter[], after: string | null): readonly Delta[] | null => {
  const at = placeIn(shelf.era(), after);
  const changes = at === null ? null : shelf.since(at);
  if (changes === null) return null;
  const matches = compileFilters(filters);
  const missed: Delta[] = [];
  for (const { before, after: now, at: place } of changes) {
    const [was, is] = [before !== null && matches(before), now !== null && matches(now)];
    const doc = now ?? before;
    if (doc !== null && (was || is)) missed.push([was ? (is ? 'update' : 'delete') : 'create', doc, place]);
  }
  return missed;
};

/** Opens a shelf; how its documents come onto it is another matter. */
export const openShelf = (
  shelf: WritableShelf,
  listener: ShelfListener,
  filters: readonly Filter[],
  after: string | null,
  pace: Pace,
): Opened => {
  const missed = missedOf(shelf, filters, after);
  const matches = compileFilters(filters);
  const docs = missed === null ? [...shelf.documents()] : [];
  shelf.add(listener, filters);
  return { snapshot: () => inParts(docs, matches, pace), missed, close: () => shelf.remove(listener) };
};

export const shelfPlaces = (shelf: WritableShelf) => ({
  placeOf: (at: number): string => `${shelf.era()}:${at}`,
  place: (): string => `${shelf.era()}:${shelf.at()}`,
});
