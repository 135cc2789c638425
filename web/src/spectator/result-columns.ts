import type { RaceInfo, ResultRow } from './public-body.ts';
import type { RowFilter } from './row-window.ts';

/** What there is to show of a race: columns without a single value are left out. */
export interface ResultColumns {
  readonly category: boolean;
  readonly splits: readonly { readonly pointId: string; readonly name: string }[];
  /** The time that stands out; `none` keeps the column for DNS, DNF and DSQ. */
  readonly main: 'net' | 'gun' | 'none';
  /** Gun time beside a net one. */
  readonly gunToo: boolean;
  readonly behind: boolean;
}

/** Split columns come from the race, in course order; start and finish have columns of their own. */
export const columnsOf = (race: RaceInfo, rows: readonly ResultRow[]): ResultColumns => {
  const seen = new Set(rows.flatMap((row) => row.splits.filter((it) => it.elapsedMs !== null).map((it) => it.pointId)));
  const net = rows.some((row) => row.chipMs !== null);
  const gun = rows.some((row) => row.gunMs !== null);
  return {
    category: rows.some((row) => row.category !== null),
    splits: race.points.filter((it) => it.kind === 'split' && seen.has(it.pointId)),
    main: net ? 'net' : gun ? 'gun' : 'none',
    gunToo: net && gun,
    behind: rows.some((row) => row.behindMs !== null && row.behindMs > 0),
  };
};

/** A row says its category by id, or as the roster wrote it; people are shown the name. */
export const categoryName = (race: RaceInfo, category: string | null): string | null =>
  race.categories.find((it) => it.categoryId === category)?.name ?? category;

/** A place among those who are shown: a list of one category counts its own. */
export const placeOf = (row: ResultRow, filter: Pick<RowFilter, 'category' | 'sex'>): number | null => {
  if (filter.category !== null && filter.sex !== null) return null;
  if (filter.category !== null) return row.categoryRank;
  return filter.sex === null ? row.rank : row.sexRank;
};

/** How far behind the first of those who are shown; ranks go by the same time as distances do. */
export const behindOf = (row: ResultRow, first: ResultRow | undefined): number | null =>
  row.behindMs === null ? null : row.behindMs - (first?.behindMs ?? 0);
