import { compareBibs } from '@baton/schema/feed';
import type { RaceInfo, ResultRow } from './public-body.ts';

const STATUS_ORDER = { DNF: 2, DSQ: 3, DNS: 4 } as const;

const section = (row: ResultRow): number => {
  if (row.status !== null) return STATUS_ORDER[row.status];
  return row.rank === null ? UNDER_WAY : 0;
};

const UNDER_WAY = 1;

/** Ranked rows stand where they stand; who is under way is ordered by times that a row does not tell all of. */
export const isUnderWay = (row: ResultRow): boolean => section(row) === UNDER_WAY;

const isThrough = (row: ResultRow): boolean => row.gunMs !== null || row.chipMs !== null;

const furthest = (race: RaceInfo, row: ResultRow): number => {
  const last = row.splits.at(-1);
  return last === undefined ? -1 : race.points.findIndex((it) => it.pointId === last.pointId);
};

const lastAt = (row: ResultRow): number => row.splits.at(-1)?.elapsedMs ?? row.updatedAt ?? 0;

const compareUnderWay = (race: RaceInfo, a: ResultRow, b: ResultRow): number =>
  Number(isThrough(b)) - Number(isThrough(a)) || furthest(race, b) - furthest(race, a) || lastAt(a) - lastAt(b);

/**
 * The relay's order of a race's rows, from what rows say: ranked first, then who is under way (furthest first, by
 * the newest read where nothing else is told), then DNF, DSQ, DNS; equals by bib.
 */
export const compareRows =
  (race: RaceInfo) =>
  (a: ResultRow, b: ResultRow): number => {
    const part = section(a);
    if (part !== section(b)) return part - section(b);
    const order = part === 0 ? (a.rank ?? 0) - (b.rank ?? 0) : part === UNDER_WAY ? compareUnderWay(race, a, b) : 0;
    return order || compareBibs(a.bib, b.bib);
  };
