import type { StreamId } from '../ids.ts';
import { prefixLength } from './counted-list.ts';
import type { Fate } from './fate.ts';
import { compareHeld, type TimedRead } from './held-reads.ts';
import type { RacePlan } from './race-plan.ts';

/** One participant's reads by one stream, in the order of their walls. */
export interface Lane {
  readonly streamId: StreamId;
  /** Index in the plan's points. */
  readonly point: number;
  readonly reads: TimedRead[];
}

/** A read that gives the passage of a point its time. */
export interface Crossing {
  readonly point: number;
  readonly read: TimedRead;
}

/**
 * One participant's reads become crossings. All chips of a participant and all streams at one
 * point are one list, ordered by the reader's time: in what order the reads came in makes no difference.
 *
 * - **start**: who stands near the mat is read many times before leaving, so the *last* read counts:
 *   of those within `startWindowMs` of the first one after the gun, and before the first read elsewhere
 * - **split**: the first read after the start counts
 * - **finish**: the first read after the start (and `minLapMs`) counts; what comes later is after the finish
 *
 * Further reads within `dedupWindowMs` of a counted one are that same crossing. Each is found by bisection: a chip that
 * lies at a mat for hours makes no read dearer than the one before.
 */
export interface Course {
  readonly start: Crossing | null;
  readonly finish: Crossing | null;
  /** In the order of the points. */
  readonly splits: readonly Crossing[];
}

export type CoursePlan = Pick<RacePlan, 'points' | 'gun' | 'rules'>;

const kindOf = (plan: CoursePlan, { point }: Lane): 'start' | 'split' | 'finish' | undefined =>
  plan.points[point]?.kind;

/** How many reads of a lane come before a wall time. */
const countBefore = ({ reads }: Lane, wall: number): number => prefixLength(reads, (it) => it.wall < wall);

const firstFrom = (lanes: readonly Lane[], wall: number): Crossing | null => {
  let first: Crossing | null = null;
  for (const lane of lanes) {
    const read = lane.reads[countBefore(lane, wall)];
    if (read !== undefined && (first === null || compareHeld(read, first.read) < 0))
      first = { point: lane.point, read };
  }
  return first;
};

const findStart = (plan: CoursePlan, lanes: readonly Lane[]): Crossing | null => {
  const atStart = lanes.filter((lane) => kindOf(plan, lane) === 'start');
  const first = firstFrom(atStart, plan.gun ?? Number.NEGATIVE_INFINITY);
  if (first === null) return null;
  const until = first.read.wall + plan.rules.startWindowMs;
  const elsewhere = firstFrom(
    lanes.filter((lane) => kindOf(plan, lane) !== 'start'),
    first.read.wall + 1,
  );
  const counts = (it: TimedRead): boolean =>
    it.wall <= until && (elsewhere === null || compareHeld(it, elsewhere.read) < 0);
  let start = first;
  for (const { point, reads } of atStart) {
    const read = reads[prefixLength(reads, counts) - 1];
    if (read !== undefined && compareHeld(read, start.read) > 0) start = { point, read };
  }
  return start;
};

/** Wall time from which reads beyond the start can count. */
const startedAt = (plan: CoursePlan, start: Crossing | null): number =>
  start?.read.wall ?? plan.gun ?? Number.NEGATIVE_INFINITY;

const findSplits = (lanes: readonly Lane[], from: number, until: number): readonly Crossing[] => {
  const found = new Map<number, Crossing>();
  for (const lane of lanes) {
    const crossing = firstFrom([lane], from);
    if (crossing === null || crossing.read.wall > until) continue;
    const known = found.get(lane.point);
    if (known === undefined || compareHeld(crossing.read, known.read) < 0) found.set(lane.point, crossing);
  }
  return [...found.values()].sort((a, b) => a.point - b.point);
};

export const courseOf = (plan: CoursePlan, lanes: readonly Lane[]): Course => {
  const start = findStart(plan, lanes);
  const from = startedAt(plan, start);
  const ofKind = (kind: 'split' | 'finish'): readonly Lane[] => lanes.filter((lane) => kindOf(plan, lane) === kind);
  const finish = firstFrom(ofKind('finish'), from + plan.rules.minLapMs);
  return { start, finish, splits: findSplits(ofKind('split'), from, finish?.read.wall ?? Number.POSITIVE_INFINITY) };
};

/** Up to a wall time, exclusive, all reads of a lane share a fate; only the one that counts differs. */
type Band = readonly [below: number, fate: Fate];

const FOREVER = Number.POSITIVE_INFINITY;

/** Bands in order; one that ends before the one before it is empty. */
const bandsOf = (plan: CoursePlan, course: Course, lane: Lane): readonly Band[] => {
  const { dedupWindowMs } = plan.rules;
  const within = (crossing: Crossing | null | undefined): number =>
    crossing == null ? Number.NEGATIVE_INFINITY : crossing.read.wall + dedupWindowMs;
  const [from, finish] = [startedAt(plan, course.start), course.finish?.read.wall ?? FOREVER];
  switch (kindOf(plan, lane)) {
    case 'start':
      return [
        [plan.gun ?? Number.NEGATIVE_INFINITY, 'before-start'],
        [within(course.start), 'within-gap'],
        [FOREVER, 'repeated'],
      ];
    case 'finish':
      return [
        [from, 'before-start'],
        [finish, 'too-soon'],
        [within(course.finish), 'within-gap'],
        [FOREVER, 'after-finish'],
      ];
    default:
      return [
        [from, 'before-start'],
        [within(course.splits.find(({ point }) => point === lane.point)), 'within-gap'],
        // whole milliseconds: at the finish's own time it is not after it
        [finish + 1, 'repeated'],
        [FOREVER, 'after-finish'],
      ];
  }
};

const countedIn = ({ start, finish, splits }: Course, { point }: Lane): readonly (TimedRead | undefined)[] => [
  ...[start, finish].map((it) => (it?.point === point ? it.read : undefined)),
  splits.find((it) => it.point === point)?.read,
];

/** The fate of a read in a lane. */
export const fatesIn = (plan: CoursePlan, course: Course, lane: Lane): ((read: TimedRead) => Fate) => {
  const counted = countedIn(course, lane);
  const bands = bandsOf(plan, course, lane);
  return (read) =>
    counted.includes(read) ? 'counted' : (bands.find(([below]) => read.wall < below)?.[1] ?? 'repeated');
};

/** How many reads of a lane have which fate, each told once, without looking at each. */
export const countFates = (
  plan: CoursePlan,
  course: Course,
  lane: Lane,
  tell: (fate: Fate, reads: number) => void,
): void => {
  const counted = countedIn(course, lane).filter(
    (read) => read !== undefined && read.source.streamId === lane.streamId,
  );
  let from = 0;
  let since = Number.NEGATIVE_INFINITY;
  for (const [below, fate] of bandsOf(plan, course, lane)) {
    const to = Math.max(from, countBefore(lane, below));
    let others = to - from;
    for (const read of counted) if (read !== undefined && read.wall >= since && read.wall < below) others--;
    if (others > 0) tell(fate, others);
    from = to;
    since = Math.max(since, below);
  }
  if (counted.length > 0) tell('counted', counted.length);
};
