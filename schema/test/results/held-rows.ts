import { movedRow } from '../../src/feed/index.ts';
import type { FoldChanges, OnCourseRow, RaceFold, ResultRow } from '../../src/results/index.ts';

/** What somebody holds who got all rows once and hears of changes since: the rules of the feed, nothing else. */
export interface HeldRows {
  readonly apply: (changes: FoldChanges) => void;
  readonly rows: () => readonly ResultRow[];
  readonly onCourse: () => readonly OnCourseRow[];
  readonly total: () => number;
}

const byBib = <Row extends { readonly bib: string }>(rows: readonly Row[]): Map<string, readonly Row[]> => {
  const bibs = new Map<string, readonly Row[]>();
  for (const row of rows) bibs.set(row.bib, [...(bibs.get(row.bib) ?? []), row]);
  return bibs;
};

export const holdRows = (fold: Pick<RaceFold, 'results'>): HeldRows => {
  let rows = new Map<string, readonly ResultRow[]>();
  let course = new Map<string, readonly OnCourseRow[]>();
  let total = 0;
  return {
    apply: (changes) => {
      if (changes.type === 'none') return;
      if (changes.type === 'all') {
        const now = fold.results();
        rows = byBib(now.rows);
        course = byBib(now.onCourse);
        total = now.rows.length;
        return;
      }
      const { moved } = changes;
      if (moved !== null) {
        rows = new Map([...rows].map(([bib, held]) => [bib, held.map((row) => movedRow(row, moved))]));
      }
      for (const [bib, changed] of byBib(changes.rows)) rows.set(bib, changed);
      for (const bib of changes.gone) rows.delete(bib);
      for (const [bib, changed] of byBib(changes.onCourse)) course.set(bib, changed);
      for (const bib of changes.offCourse) course.delete(bib);
      total = changes.total;
    },
    rows: () => [...rows.values()].flat(),
    onCourse: () => [...course.values()].flat(),
    total: () => total,
  };
};

const SECTIONS = { DNF: 2, DSQ: 3, DNS: 4 } as const;

const section = ({ status, rank }: ResultRow): number => {
  if (status !== null) return SECTIONS[status];
  return rank === null ? 1 : 0;
};

const text = (row: object): string => JSON.stringify(row);

const compareText = (a: object, b: object): number => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);

/**
 * Rows in an order that follows from the rows alone. It is that of the results wherever rows say what that order is:
 * by section and rank. Who is under way further or nearer, and equals, are put in the order of their texts.
 */
export const inOwnOrder = (rows: readonly ResultRow[]): readonly ResultRow[] =>
  [...rows].sort((a, b) => section(a) - section(b) || (a.rank ?? 0) - (b.rank ?? 0) || compareText(a, b));

export const inAnyOrder = (rows: readonly OnCourseRow[]): readonly OnCourseRow[] => [...rows].sort(compareText);
