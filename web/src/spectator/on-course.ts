import { compareBibs } from '@baton/schema/feed';
import type { OnCourseRow, RaceInfo } from './public-body.ts';

/** Who is furthest first; at the same point, who was there first. */
export const compareProgress =
  (race: RaceInfo) =>
  (a: OnCourseRow, b: OnCourseRow): number => {
    const at = (row: OnCourseRow): number => race.points.findIndex((it) => it.pointId === row.lastPoint);
    const elapsed = (row: OnCourseRow): number => row.elapsedMs ?? Number.MAX_SAFE_INTEGER;
    return at(b) - at(a) || elapsed(a) - elapsed(b) || compareBibs(a.bib, b.bib);
  };
