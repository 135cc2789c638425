import type { ResultRow } from '../protocol/http.ts';

/**
 * A point that somebody passed; null: not passed, or none that has a split. With its id and name for each point, the row of a
 * race of six is twice as long as a message should be.
 */
export type Passed = readonly [elapsedMs: number | null, rank: number | null] | null;

/**
 * A row as a diff carries it whose message would be too long: `passed` stands for `splits`, by the race's points in their order, and
 * what is null is not there.
 */
export type PackedRow = Pick<ResultRow, 'bib' | 'name'> &
  Partial<Omit<ResultRow, 'raceId' | 'splits'>> & { readonly passed: readonly Passed[] };

type Points = readonly { readonly pointId: string; readonly name: string }[];

/** Null: there are no splits, or they are not those of these points, in their order and by their names; the row goes as it is. */
export const packedRow = (row: ResultRow, points: Points): PackedRow | null => {
  const { raceId: _, bib, name, splits, ...rest } = row;
  if (splits.length === 0) return null;
  const passed: Passed[] = [];
  for (const { pointId, name: told, elapsedMs, rank } of splits) {
    while (passed.length < points.length && points[passed.length]?.pointId !== pointId) passed.push(null);
    if (points[passed.length]?.name !== told) return null;
    passed.push([elapsedMs, rank]);
  }
  return { bib, name, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)), passed };
};

const NOTHING: Omit<ResultRow, 'raceId' | 'bib' | 'name' | 'splits'> = {
  club: null,
  category: null,
  sex: null,
  status: null,
  rank: null,
  categoryRank: null,
  sexRank: null,
  gunMs: null,
  chipMs: null,
  behindMs: null,
  updatedAt: null,
};

/** The row that was packed; points that the race does not have are left out. */
export const unpackedRow = ({ passed, ...rest }: PackedRow, raceId: string, points: Points): ResultRow => ({
  ...NOTHING,
  ...rest,
  raceId: raceId as ResultRow['raceId'], // as the diff names it
  splits: passed.flatMap((it, at) => {
    const point = points[at];
    if (it === null || point === undefined) return [];
    const [elapsedMs, rank] = it;
    return [{ pointId: point.pointId as ResultRow['splits'][number]['pointId'], name: point.name, elapsedMs, rank }];
  }),
});

export const isPacked = (row: ResultRow | PackedRow): row is PackedRow => 'passed' in row;
