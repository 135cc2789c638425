import { type FeedDiff, movedRow } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { Pace, Sliced } from '@baton/schema/roster';
import { createShelf, type Doc, type WritableShelf } from './shelf.ts';

/** Result rows as documents, by race and bib. */
export interface ResultsShelf {
  readonly shelf: WritableShelf;
  /** A row at a time: a result that comes late moves everybody behind it. */
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

const NONE: ReadonlySet<string> = new Set();

const rowOf = (doc: Doc): ResultRow => doc as unknown as ResultRow; // what was put is a row

/** @param pace lets others have their turn */
export const createResultsShelf = (era: string, pace: Pace): ResultsShelf => {
  const shelf = createShelf('results', era);
  const keysOf = new Map<string, Set<string>>();

  const put = (raceId: string, key: string, row: ResultRow | null, now: number): void => {
    const keys = keysOf.get(raceId) ?? new Set();
    keysOf.set(raceId, keys);
    if (row === null) keys.delete(key);
    else keys.add(key);
    shelf.put(key, row, now);
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
    for (const key of keysOf.get(raceId) ?? []) {
      const doc = shelf.get(key);
      if (doc !== undefined && !told.has(rowOf(doc).bib)) shelf.put(key, movedRow(rowOf(doc), moved), now);
      yield;
    }
  }

  const removeOthers = async (raceId: string, seen: ReadonlySet<string>, now: number): Promise<void> => {
    for (const key of keysOf.get(raceId) ?? []) {
      if (!seen.has(key)) put(raceId, key, null, now);
      if (pace.isOver()) await pace.rest();
    }
  };

  return {
    shelf,
    takeDiff: function* (diff, now) {
      const { raceId, results = [], gone = [] } = diff;
      if (raceId === undefined) return;
      const groups = byBib(results);
      yield* moveOthers(diff, raceId, new Set([...groups.keys(), ...gone]), now);
      for (const [bib, rows] of groups) {
        putBib(raceId, bib, rows, now);
        yield;
      }
      for (const bib of gone) {
        putBib(raceId, bib, [], now);
        yield;
      }
    },
    fillRace: async (raceId, parts, now) => {
      const seen = new Set<string>();
      const counts = new Map<string, number>();
      for await (const rows of parts) {
        for (const row of rows) {
          const index = counts.get(row.bib) ?? 0;
          counts.set(row.bib, index + 1);
          const key = keyAt(raceId, row.bib, index);
          seen.add(key);
          put(raceId, key, row, now);
          if (pace.isOver()) await pace.rest();
        }
      }
      await removeOthers(raceId, seen, now);
    },
    keepRaces: async (raceIds, now) => {
      for (const raceId of keysOf.keys()) {
        if (raceIds.has(raceId)) continue;
        await removeOthers(raceId, NONE, now);
        keysOf.delete(raceId);
      }
    },
  };
};
