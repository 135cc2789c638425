import { sameJson } from '../doc/doc-entry.ts';
import type { FoldChanges } from './fold-changes.ts';
import type { Standing } from './result-rows.ts';

/** More rows than these are better fetched anew. */
const MAX_ROWS = 500;

const byBib = (standings: readonly Standing[]): ReadonlyMap<string, readonly Standing[]> => {
  const bibs = new Map<string, Standing[]>();
  for (const standing of standings) {
    const known = bibs.get(standing.row.bib);
    if (known === undefined) bibs.set(standing.row.bib, [standing]);
    else known.push(standing);
  }
  return bibs;
};

type RowOf = (standing: Standing) => object | null;

const present = (standings: readonly Standing[] | undefined, rowOf: RowOf): readonly object[] =>
  (standings ?? []).map(rowOf).filter((row) => row !== null);

/** Bibs whose rows differ. */
const different = (
  before: ReadonlyMap<string, readonly Standing[]>,
  after: ReadonlyMap<string, readonly Standing[]>,
  rowOf: RowOf,
): ReadonlySet<string> => {
  const bibs = new Set([...before.keys(), ...after.keys()]);
  for (const bib of bibs) {
    if (sameJson(present(before.get(bib), rowOf), present(after.get(bib), rowOf))) bibs.delete(bib);
  }
  return bibs;
};

/** Changes between two lists of standings, found by comparing every row. */
export const changesBetween = (before: readonly Standing[], after: readonly Standing[]): FoldChanges => {
  const [old, now] = [byBib(before), byBib(after)];
  const rows = different(old, now, ({ row }) => row);
  const courses = different(old, now, ({ onCourse }) => onCourse);
  if (rows.size === 0 && courses.size === 0) return { type: 'none' };
  if (rows.size > MAX_ROWS) return { type: 'all' };
  const left = [...courses].filter((bib) => present(now.get(bib), ({ onCourse }) => onCourse).length === 0);
  const concerned = [...before, ...after].filter(({ row }) => rows.has(row.bib));
  return {
    type: 'some',
    rows: after.flatMap(({ row }) => (rows.has(row.bib) ? [row] : [])),
    gone: [...rows].filter((bib) => !now.has(bib)),
    moved: null,
    total: after.length,
    onCourse: after.flatMap(({ onCourse }) => (onCourse !== null && courses.has(onCourse.bib) ? [onCourse] : [])),
    offCourse: left,
    changedParticipants: [...new Set(concerned.map(({ participantId }) => participantId))],
  };
};
