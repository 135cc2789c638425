import type { OnCourseRow, SomeChanges } from '@baton/schema/results';
import type { Sliced } from '@baton/schema/roster';

/** Estimates that moved by less are not worth a message to everybody. */
const NEWS_MS = 10_000;
/** Rows told in one message although nothing but their estimate moved. */
const MAX_ESTIMATES = 20;

/** What spectators were told of who is on the course of one race, and so what of it is news. */
export interface CourseBoard {
  /** Takes changes of the fold in; gives those rows that spectators should hear of. Some thousand rows at a time. */
  readonly apply: (changes: SomeChanges) => Sliced<readonly OnCourseRow[]>;
  /** Everything was told, or is about to be; `expected` tells what, of a row that is where it was then. */
  readonly reset: (expected: (row: OnCourseRow) => number | null) => void;
}

const isElsewhere = (a: OnCourseRow, b: OnCourseRow): boolean =>
  a.lastPoint !== b.lastPoint || a.elapsedMs !== b.elapsedMs || a.nextPoint !== b.nextPoint || a.name !== b.name;

/** How far an estimate is from the one that was told; without limit where there is only one of them. */
const drift = (told: number | null, now: number | null): number => {
  if (told === null || now === null) return told === now ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(now - told);
};

type Estimate = { readonly row: OnCourseRow; readonly by: number };

const furthest = (estimates: readonly Estimate[]): Estimate[] =>
  [...estimates].sort((a, b) => b.by - a.by).slice(0, MAX_ESTIMATES);

/** Rows looked at in one step. */
const STEP = 100;
/** Kept before the furthest of them are picked out. */
const MAX_KEPT = 1000;

/**
 * Each runner who passes a point moves the estimates of all who are behind: told at once, that would be a message as long as the
 * field for each of them. Small moves are left untold until they add up; whoever asks over HTTP gets the newest.
 */
export const createCourseBoard = (): CourseBoard => {
  /** Told since all was told. */
  const told = new Map<string, OnCourseRow>();
  let expectedThen: ((row: OnCourseRow) => number | null) | null = null;

  /** By how much an estimate moved; null: the row is news whatever its estimate. */
  const moved = (row: OnCourseRow, isChanged: boolean): number | null => {
    const before = told.get(row.bib);
    if (before !== undefined) return isElsewhere(before, row) ? null : drift(before.expectedMs, row.expectedMs);
    return isChanged || expectedThen === null ? null : drift(expectedThen(row), row.expectedMs);
  };

  function* apply({ rows, onCourse, offCourse }: SomeChanges): Sliced<readonly OnCourseRow[]> {
    const changed = new Set(rows.map(({ bib }) => bib));
    for (const bib of offCourse) told.delete(bib);
    const news: OnCourseRow[] = [];
    let estimates: Estimate[] = [];
    for (const [index, row] of onCourse.entries()) {
      const by = moved(row, changed.has(row.bib));
      if (by === null) news.push(row);
      else if (by >= NEWS_MS) estimates.push({ row, by });
      if (estimates.length >= MAX_KEPT) estimates = furthest(estimates);
      if (index % STEP === STEP - 1) yield;
    }
    for (const { row } of furthest(estimates)) news.push(row);
    for (const row of news) told.set(row.bib, row);
    return news;
  }

  return {
    apply,
    reset: (expected) => {
      told.clear();
      expectedThen = expected;
    },
  };
};
