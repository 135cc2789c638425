import type { FoldChanges, OnCourseRow } from '@baton/schema/results';

/** Estimates that moved by less are not worth a message to everybody. */
const NEWS_MS = 10_000;
/** Rows told in one message although nothing but their estimate moved. */
const MAX_ESTIMATES = 20;

/** Who is on the course of one race, and what of it is news. */
export interface CourseBoard {
  readonly rows: () => readonly OnCourseRow[];
  readonly size: () => number;
  /** Takes changes of the fold in; gives those rows that spectators should hear of. */
  readonly apply: (changes: Extract<FoldChanges, { type: 'some' }>) => readonly OnCourseRow[];
  readonly reset: (rows: readonly OnCourseRow[]) => void;
}

const isElsewhere = (a: OnCourseRow, b: OnCourseRow): boolean =>
  a.lastPoint !== b.lastPoint || a.elapsedMs !== b.elapsedMs || a.nextPoint !== b.nextPoint || a.name !== b.name;

/** How far an estimate is from the one that was told; without limit where there is only one of them. */
const drift = (told: number | null, now: number | null): number => {
  if (told === null || now === null) return told === now ? 0 : Number.POSITIVE_INFINITY;
  return Math.abs(now - told);
};

/**
 * Each runner who passes a point moves the estimates of all who are behind: told at once, that would be a message as long as the
 * field for each of them. Small moves are left untold until they add up; whoever asks over HTTP gets the newest.
 */
export const createCourseBoard = (): CourseBoard => {
  let current = new Map<string, readonly OnCourseRow[]>();
  let size = 0;
  /** As spectators were told. */
  let told = new Map<string, OnCourseRow>();

  const byBib = (rows: readonly OnCourseRow[]): Map<string, readonly OnCourseRow[]> => {
    const found = new Map<string, OnCourseRow[]>();
    for (const row of rows) {
      const others = found.get(row.bib);
      if (others === undefined) found.set(row.bib, [row]);
      else others.push(row);
    }
    return found;
  };

  const newsOf = (rows: readonly OnCourseRow[]): readonly OnCourseRow[] => {
    const news: OnCourseRow[] = [];
    const estimates: { readonly row: OnCourseRow; readonly by: number }[] = [];
    for (const row of rows) {
      const before = told.get(row.bib);
      const by = before === undefined ? 0 : drift(before.expectedMs, row.expectedMs);
      if (before === undefined || isElsewhere(before, row)) news.push(row);
      else if (by >= NEWS_MS) estimates.push({ row, by });
    }
    const furthest = estimates.sort((a, b) => b.by - a.by).slice(0, MAX_ESTIMATES);
    return [...news, ...furthest.map(({ row }) => row)];
  };

  const put = (bib: string, rows: readonly OnCourseRow[]): void => {
    size += rows.length - (current.get(bib)?.length ?? 0);
    if (rows.length === 0) current.delete(bib);
    else current.set(bib, rows);
  };

  return {
    rows: () => [...current.values()].flat(),
    size: () => size,
    apply: ({ onCourse, offCourse }) => {
      for (const bib of offCourse) {
        put(bib, []);
        told.delete(bib);
      }
      for (const [bib, rows] of byBib(onCourse)) put(bib, rows);
      const news = newsOf(onCourse);
      for (const row of news) told.set(row.bib, row);
      return news;
    },
    reset: (rows) => {
      current = byBib(rows);
      size = rows.length;
      told = new Map(rows.map((row) => [row.bib, row]));
    },
  };
};
