import { type FeedDiff, movedRow } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { Sliced } from '@baton/schema/roster';
import type { Pause } from '../work/pauses.ts';
import { createPace } from './pace.ts';
import { createShelf, type Doc, type WritableShelf } from './shelf.ts';

/** Result rows as documents, by race and bib. */
export interface ResultsShelf {
  readonly shelf: WritableShelf;
  /** Some hundred rows at a time: a result that comes late moves everybody behind it. */
  readonly takeDiff: (diff: FeedDiff, now: number) => Sliced<void>;
  /** Puts every row of a race; what is held and was not among them goes. */
  readonly fillRace: (raceId: string, parts: AsyncIterable<readonly ResultRow[]>, now: number) => Promise<void>;
  /** Races that are none of these go. */
  readonly keepRaces: (raceIds: ReadonlySet<string>, now: number) => Promise<void>;
}

/** Bibs may be given twice by mistake: the second of a bib is another document. */
const keyAt = (raceId: string, bib: string, index: number): string =>
  `${raceId}/${encodeURIComponent(bib)}${index === 0 ? '' : `/${index + 1}`}`;

const byBib = (rows: readonly ResultRow[]): ReadonlyMap<string, readonly ResultRow[]> => {
  const groups = new Map<string, ResultRow[]>();
  for (const row of rows) {
    const group = groups.get(row.bib);
    if (group === undefined) groups.set(row.bib, [row]);
    else group.push(row);
  }
  return groups;
};

const rowOf = (doc: Doc): ResultRow => doc as unknown as ResultRow; // what was put is a row

/** @param pause lets others have their turn */
export const createResultsShelf = (era: string, pause: Pause): ResultsShelf => {
  const shelf = createShelf('results', era);
  const keysOf = new Map<string, Set<string>>();

  const put = (raceId: string, key: string, row: ResultRow | null, now: number): void => {
    const keys = keysOf.get(raceId) ?? new Set();
    keysOf.set(raceId, keys);
    if (row === null) keys.delete(key);
    else keys.add(key);
    shelf.put(key, row === null ? null : { ...row }, now);
  };

  /** All rows of a bib; what it had more of goes. */
  const putBib = (raceId: string, bib: string, rows: readonly ResultRow[], now: number): void => {
    for (const [index, row] of rows.entries()) put(raceId, keyAt(raceId, bib, index), row, now);
    for (let index = rows.length; shelf.get(keyAt(raceId, bib, index)) !== undefined; index++) {
      put(raceId, keyAt(raceId, bib, index), null, now);
    }
  };

  function* moveOthers({ moved }: FeedDiff, raceId: string, told: ReadonlySet<string>, now: number): Sliced<void> {
    if (moved === undefined) return;
    const isEnough = createPace(shelf);
    for (const key of keysOf.get(raceId) ?? []) {
      const doc = shelf.get(key);
      if (doc !== undefined && !told.has(rowOf(doc).bib)) shelf.put(key, { ...movedRow(rowOf(doc), moved) }, now);
      if (isEnough()) yield;
    }
  }

  const removeAll = async (raceId: string, gone: Iterable<string>, now: number): Promise<void> => {
    const isEnough = createPace(shelf);
    for (const key of gone) {
      put(raceId, key, null, now);
      if (isEnough()) await pause();
    }
  };

  return {
    shelf,
    takeDiff: function* (diff, now) {
      const { raceId, results = [], gone = [] } = diff;
      if (raceId === undefined) return;
      const groups = byBib(results);
      yield* moveOthers(diff, raceId, new Set([...groups.keys(), ...gone]), now);
      for (const [bib, rows] of groups) putBib(raceId, bib, rows, now);
      for (const bib of gone) putBib(raceId, bib, [], now);
    },
    fillRace: async (raceId, parts, now) => {
      const unseen = new Set(keysOf.get(raceId) ?? []);
      const counts = new Map<string, number>();
      const isEnough = createPace(shelf);
      for await (const rows of parts) {
        for (const row of rows) {
          const index = counts.get(row.bib) ?? 0;
          counts.set(row.bib, index + 1);
          const key = keyAt(raceId, row.bib, index);
          unseen.delete(key);
          put(raceId, key, row, now);
          if (isEnough()) await pause();
        }
        await pause();
      }
      await removeAll(raceId, unseen, now);
    },
    keepRaces: async (raceIds, now) => {
      for (const [raceId, keys] of keysOf) {
        if (raceIds.has(raceId)) continue;
        await removeAll(raceId, [...keys], now);
        keysOf.delete(raceId);
      }
    },
  };
};
