import type { Fate } from '../../../src/results/fate.ts';
import { compareHeld, type TimedRead } from '../../../src/results/held-reads.ts';
import type { RacePlan } from '../../../src/results/race-plan.ts';

export interface LocatedRead {
  readonly read: TimedRead;
  readonly wall: number;
  readonly point: number;
}

const compareLocated = (a: LocatedRead, b: LocatedRead): number => compareHeld(a.read, b.read);

/** The rules of `courseOf` as they are told: one look at all reads in order, nothing found by bisection. */
export interface Passage {
  readonly start: LocatedRead | null;
  readonly finish: LocatedRead | null;
  /** By point index; only split points. */
  readonly splits: ReadonlyMap<number, LocatedRead>;
  /** Reads in the order of their wall times, with their fates. */
  readonly reads: readonly LocatedRead[];
  readonly fates: readonly Fate[];
}

type PassagePlan = Pick<RacePlan, 'points' | 'gun' | 'rules'>;

interface Course {
  readonly plan: PassagePlan;
  readonly start: LocatedRead | null;
  readonly finish: LocatedRead | null;
  readonly splits: ReadonlyMap<number, LocatedRead>;
}

const afterGun = (plan: PassagePlan, it: LocatedRead): boolean => plan.gun === null || it.wall >= plan.gun;

const kindOf = (plan: PassagePlan, it: LocatedRead): 'start' | 'split' | 'finish' | undefined =>
  plan.points[it.point]?.kind;

const findStart = (plan: PassagePlan, reads: readonly LocatedRead[]): LocatedRead | null => {
  const raced = reads.filter((it) => afterGun(plan, it));
  const first = raced.find((it) => kindOf(plan, it) === 'start');
  if (first === undefined) return null;
  let start = first;
  for (const it of raced) {
    if (it.wall > first.wall + plan.rules.startWindowMs) break;
    if (kindOf(plan, it) === 'start') start = it;
    else if (it.wall > first.wall) break;
  }
  return start;
};

/** Wall time from which reads beyond the start can count. */
const startedAt = ({ plan, start }: Pick<Course, 'plan' | 'start'>): number =>
  start?.wall ?? plan.gun ?? Number.NEGATIVE_INFINITY;

const findFinish = (course: Omit<Course, 'finish' | 'splits'>, reads: readonly LocatedRead[]): LocatedRead | null => {
  const { plan } = course;
  const earliest = startedAt(course) + plan.rules.minLapMs;
  return reads.find((it) => kindOf(plan, it) === 'finish' && it.wall >= earliest) ?? null;
};

const findSplits = (
  course: Omit<Course, 'splits'>,
  reads: readonly LocatedRead[],
): ReadonlyMap<number, LocatedRead> => {
  const splits = new Map<number, LocatedRead>();
  const from = startedAt(course);
  const until = course.finish?.wall ?? Number.POSITIVE_INFINITY;
  for (const it of reads) {
    const counts = it.wall >= from && it.wall <= until && kindOf(course.plan, it) === 'split';
    if (counts && !splits.has(it.point)) splits.set(it.point, it);
  }
  return splits;
};

/** The fate of a read relative to the crossing of its point. */
const besides = (crossing: LocatedRead | null, it: LocatedRead, windowMs: number, later: Fate): Fate => {
  if (crossing === it) return 'counted';
  return crossing !== null && it.wall - crossing.wall < windowMs ? 'within-gap' : later;
};

const fateAtStart = ({ start, plan }: Course, it: LocatedRead): Fate =>
  start !== null && it.wall < start.wall ? 'within-gap' : besides(start, it, plan.rules.dedupWindowMs, 'repeated');

const fateOf = (course: Course, it: LocatedRead): Fate => {
  const { plan, finish } = course;
  if (!afterGun(plan, it)) return 'before-start';
  const kind = kindOf(plan, it);
  if (kind === 'start') return fateAtStart(course, it);
  if (it.wall < startedAt(course)) return 'before-start';
  const { dedupWindowMs } = plan.rules;
  if (kind === 'finish') {
    return finish === null || it.wall < finish.wall ? 'too-soon' : besides(finish, it, dedupWindowMs, 'after-finish');
  }
  const split = course.splits.get(it.point) ?? null;
  const later = finish !== null && it.wall > finish.wall ? 'after-finish' : 'repeated';
  return besides(split, it, dedupWindowMs, later);
};

/** `reads` in any order, each once. */
export const passageOf = (plan: PassagePlan, reads: readonly LocatedRead[]): Passage => {
  const ordered = [...reads].sort(compareLocated);
  const started = { plan, start: findStart(plan, ordered) };
  const finished = { ...started, finish: findFinish(started, ordered) };
  const course: Course = { ...finished, splits: findSplits(finished, ordered) };
  return {
    start: course.start,
    finish: course.finish,
    splits: course.splits,
    reads: ordered,
    fates: ordered.map((it) => fateOf(course, it)),
  };
};
