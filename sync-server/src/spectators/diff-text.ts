import type { Point } from '@baton/schema/doc';
import { type FeedDiff, packedRow } from '@baton/schema/feed';

/** Points of a race, as spectators know them. */
export type PointsOf = (raceId: string) => readonly Point[];

/** A diff of one result is shorter than this, in bytes of its message. */
const MAX_BYTES = 500;

/** What version and time of a message may take, besides. */
const CUT_BYTES = JSON.stringify({ version: Number.MAX_SAFE_INTEGER, asOf: Number.MAX_SAFE_INTEGER }).length;

const textOf = (data: object): string => JSON.stringify({ type: 'diff', data });

/** The message of a diff; where it would be too long, the ids and names of points in its rows are left out. */
export const diffText = (diff: FeedDiff, pointsOf: PointsOf): string => {
  const text = textOf(diff);
  const { raceId, results } = diff;
  if (raceId === undefined || results === undefined || Buffer.byteLength(text) < MAX_BYTES) return text;
  const points = pointsOf(raceId);
  return textOf({ ...diff, results: results.map((row) => packedRow(row, points) ?? row) });
};

/** Who passes a point has a row among the results and one on the course: together they may be too long for one message. */
export const shortDiffs = (diff: FeedDiff, pointsOf: PointsOf): readonly FeedDiff[] => {
  const { raceId, oncourse, offcourse, oncourseTotal, ...results } = diff;
  const isOnCourse = oncourse !== undefined || offcourse !== undefined || oncourseTotal !== undefined;
  if (raceId === undefined || results.results?.length !== 1 || !isOnCourse) return [diff];
  if (Buffer.byteLength(diffText(diff, pointsOf)) + CUT_BYTES < MAX_BYTES) return [diff];
  const course = {
    raceId,
    ...(oncourse === undefined ? {} : { oncourse }),
    ...(offcourse === undefined ? {} : { offcourse }),
    ...(oncourseTotal === undefined ? {} : { oncourseTotal }),
  };
  return [{ raceId, ...results }, course];
};
