import { movedRow } from '@baton/schema/feed';
import type { DiffData } from './feed-body.ts';
import type { RaceInfo, ResultRow, ResultsPage } from './public-body.ts';
import { compareRows, isUnderWay } from './row-order.ts';

/** Which rows of a race are looked at. */
export interface RowFilter {
  readonly raceId: string;
  readonly category: string | null;
  readonly sex: string | null;
  /** Part of a bib, name or club; empty for everybody. */
  readonly search: string;
  /** One runner alone. */
  readonly bib: string | null;
}

/**
 * The first rows of a list, kept at what the feed says. Every row in it is as the relay has it at `version`, and none
 * is missing between them; beyond the last one nothing is known.
 */
export interface RowWindow {
  readonly filter: RowFilter;
  readonly rows: readonly ResultRow[];
  /** All rows of the list, in the window or not. */
  readonly total: number;
  readonly limit: number;
  readonly version: number;
  /**
   * False: the list should be asked for again. The rows are right, but there are too few, or their number or the
   * order of those under way cannot be told from here.
   */
  readonly isSure: boolean;
}

/** Rows of one runner: a bib may be given twice by mistake. */
export const ROWS_OF_ONE = 4;

export const everybody = (raceId: string): RowFilter => ({
  raceId,
  category: null,
  sex: null,
  search: '',
  bib: null,
});

export const isEverybody = (filter: RowFilter): boolean =>
  filter.category === null && filter.sex === null && filter.search === '' && filter.bib === null;

/** As the relay folds what is searched: without case and accents. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

const isIn = (filter: RowFilter) => {
  const wanted = folded(filter.search);
  return (row: ResultRow): boolean =>
    (filter.bib === null || row.bib === filter.bib) &&
    (filter.category === null || row.category === filter.category) &&
    (filter.sex === null || row.sex === filter.sex) &&
    (wanted === '' || [row.bib, row.name, row.club ?? ''].some((text) => folded(text).includes(wanted)));
};

export const windowOf = (filter: RowFilter, limit: number, page: ResultsPage, version: number): RowWindow => {
  const rows = filter.bib === null ? page.data : page.data.filter(isIn(filter));
  return {
    filter,
    rows: rows.slice(0, limit),
    total: filter.bib === null ? page.total : rows.length,
    limit,
    version,
    isSure: true,
  };
};

/** Whom a diff names: their rows are in it, or they have none any more. */
const namedBibs = (diff: DiffData): ReadonlySet<string> =>
  new Set([...(diff.results ?? []).map((it) => it.bib), ...(diff.gone ?? [])]);

/** How many rows the list has now; null when a row came or went of which it is not known whether it was in it. */
const countedRows = (window: RowWindow, diff: DiffData, coming: readonly ResultRow[]): number | null => {
  const { filter, rows, total } = window;
  if (isEverybody(filter)) return diff.total ?? total;
  const named = namedBibs(diff);
  const held = rows.filter((it) => named.has(it.bib));
  if (rows.length === total) return total - held.length + coming.length;
  const heldBibs = new Set(held.map((it) => it.bib));
  // somebody out of sight may have come into the list, or left it
  const isStrange = [...named].some((bib) => !heldBibs.has(bib));
  return isStrange ? null : total - held.length + coming.length;
};

/** The window after a diff of its race. */
const applied = (window: RowWindow, diff: DiffData, race: RaceInfo): RowWindow => {
  const { limit } = window;
  const { moved } = diff;
  const compare = compareRows(race);
  const named = namedBibs(diff);
  const isWhole = window.rows.length === window.total;
  const staying = window.rows.filter((row) => !named.has(row.bib));
  const kept = moved === null ? staying : staying.map((row) => movedRow(row, moved));
  const coming = (diff.results ?? []).filter(isIn(window.filter));
  const last = kept.at(-1);
  // behind the last row lie rows that are not held: whoever comes there is out of sight
  const placed = coming.filter((row) => isWhole || (last !== undefined && compare(row, last) < 0));
  const rows = [...kept, ...placed].sort(compare).slice(0, limit);
  const counted = countedRows(window, diff, coming);
  const total = counted ?? window.total;
  const isGuessed = !isWhole && coming.some(isUnderWay) && window.rows.some(isUnderWay);
  const isFull = rows.length >= Math.min(total, limit);
  return { ...window, rows, total, isSure: window.isSure && counted !== null && !isGuessed && isFull };
};

const speaksOfRows = (diff: DiffData): boolean =>
  (diff.results ?? []).length > 0 || (diff.gone ?? []).length > 0 || diff.moved !== null || diff.total !== null;

/** The window after a diff; one that the window was already taken behind changes nothing. */
export const afterDiff = (window: RowWindow, diff: DiffData, race: RaceInfo | undefined): RowWindow => {
  const version = diff.version ?? window.version;
  if (diff.version !== null && diff.version <= window.version) return window;
  const isMine = diff.raceId === window.filter.raceId && race !== undefined && speaksOfRows(diff);
  return isMine ? { ...applied(window, diff, race), version } : { ...window, version };
};
