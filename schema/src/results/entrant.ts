import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { prefixLength } from './counted-list.ts';
import { type Course, countFates, courseOf, type Lane } from './course.ts';
import type { Entry } from './entry.ts';
import type { FateCount, FateCounter } from './fate.ts';
import { type ChipReads, compareHeld, type HeldRead, isTimed, type TimedRead } from './held-reads.ts';
import type { RacePlan } from './race-plan.ts';

/** Somebody who carries a chip that was read, or has a row without one. */
export interface Entrant {
  readonly key: ParticipantId;
  participant: Participant;
  /** Whether they have a row even without a read. */
  listed: boolean;
  readonly chips: Set<ChipReads>;
  /** Reads that stand at a point of the race. */
  lanes: Lane[];
  /** The lanes must be made anew of the chips' reads. */
  stale: boolean;
  course: Course;
  /** What its reads add to the fates. */
  counted: readonly FateCount[];
  entry: Entry | null;
}

const NOTHING_PASSED: Course = { start: null, finish: null, splits: [] };

export const createEntrant = (participant: Participant): Entrant => ({
  key: participant.participantId,
  participant,
  listed: false,
  chips: new Set(),
  lanes: [],
  stale: false,
  course: NOTHING_PASSED,
  counted: [],
  entry: null,
});

const laneOf = (lanes: Lane[], { source: { streamId } }: HeldRead, point: number): Lane => {
  const known = lanes.find((lane) => lane.streamId === streamId);
  if (known !== undefined) return known;
  const fresh = { streamId, point, reads: [] };
  lanes.push(fresh);
  return fresh;
};

/** Puts a read into its lane; nearly always it is the latest. */
export const takeRead = ({ lanes }: Entrant, read: TimedRead, point: number): void => {
  const { reads } = laneOf(lanes, read, point);
  const last = reads.at(-1);
  if (last === undefined || compareHeld(last, read) < 0) reads.push(read);
  else
    reads.splice(
      prefixLength(reads, (it) => compareHeld(it, read) < 0),
      0,
      read,
    );
};

/** `pointOf` null: the read stands nowhere. */
const lanesOf = (chips: Iterable<ChipReads>, pointOf: (read: HeldRead) => number | null): Lane[] => {
  const lanes: Lane[] = [];
  for (const { reads } of chips) {
    for (const read of reads) {
      const point = pointOf(read);
      if (point !== null && isTimed(read)) laneOf(lanes, read, point).reads.push(read);
    }
  }
  for (const lane of lanes) lane.reads.sort(compareHeld);
  return lanes;
};

/** Makes the crossings anew and corrects the fates. */
export const settleCourse = (
  entrant: Entrant,
  plan: RacePlan,
  fates: FateCounter,
  pointOf: (read: HeldRead) => number | null,
): void => {
  if (entrant.stale) entrant.lanes = lanesOf(entrant.chips, pointOf);
  entrant.stale = false;
  entrant.course = courseOf(plan, entrant.lanes);
  for (const it of entrant.counted) fates.add(it.streamId, it.pointId, it.fate, -it.reads);
  const counted: FateCount[] = [];
  for (const lane of entrant.lanes) {
    const { streamId } = lane;
    const pointId = plan.points[lane.point]?.pointId ?? null;
    countFates(plan, entrant.course, lane, (fate, reads) =>
      counted.push(fates.shared({ streamId, pointId, fate, reads })),
    );
  }
  entrant.counted = counted;
  for (const it of entrant.counted) fates.add(it.streamId, it.pointId, it.fate, it.reads);
};
