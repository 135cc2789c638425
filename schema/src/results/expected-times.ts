import type { Entry, Mark } from './entry.ts';
import type { RacePlan } from './race-plan.ts';
import { nextPoint } from './result-rows.ts';
import { markValue, rankedMarks, type StandingLists } from './standing-lists.ts';

/**
 * How long the way from a point to the next one takes, by those who went it. From a point at which time has elapsed it is
 * a share of that time, so that it follows each runner's own pace; from the start it is a duration.
 */
export interface Leg {
  readonly share: number | null;
  readonly durationMs: number | null;
}

/**
 * Estimates are made of a sample: of those who passed the next point, the first 1, 2, 4, 8 … of them are looked at, at
 * most so many, evenly spread. So an estimate is a function of the results alone and moves seldom, not with each runner
 * who comes by: each time it moves, it moves the row of everybody who is on that way.
 */
const MAX_SAMPLE = 64;

const NO_LEG: Leg = { share: null, durationMs: null };

/** The median, to three digits: what is finer would only make rows change. */
const median = (values: number[]): number | null => {
  values.sort((a, b) => a - b);
  const middle = values[values.length >>> 1];
  return middle === undefined ? null : Number(middle.toPrecision(3));
};

const markAt = (plan: RacePlan, entry: Entry, point: number): Mark | null => {
  const kind = plan.points[point]?.kind;
  if (kind === 'finish') return entry.finish;
  return kind === 'start' ? entry.start : (rankedMarks(entry).find((mark) => mark.point === point) ?? null);
};

/** The greatest power of two that is not greater. */
const headOf = (size: number): number => (size === 0 ? 0 : 2 ** (31 - Math.clz32(size)));

/** Those who passed a point, in the order of their times. */
interface Passed {
  readonly size: number;
  readonly at: (index: number) => Entry | null;
  /** Where an entry stands among them; null: it does not. */
  readonly indexOf: (entry: Entry) => number | null;
}

const passedFinish = ({ rows }: StandingLists): Passed => ({
  size: rows.ranked(),
  at: (index) => rows.at(index) ?? null,
  indexOf: ({ rankBy }) => (rankBy === null ? null : rows.countBelow(rankBy)),
});

const passedSplit = (plan: RacePlan, lists: StandingLists, point: number): Passed => {
  const list = lists.marks[point];
  return {
    size: list?.size() ?? 0,
    at: (index) => list?.at(index)?.owner.entry ?? null,
    indexOf: (entry) => {
      const mark = markAt(plan, entry, point);
      const value = mark === null ? null : markValue(plan, mark);
      return value === null || list === undefined ? null : list.countBelow(value);
    },
  };
};

const passed = (plan: RacePlan, lists: StandingLists, point: number): Passed =>
  plan.points[point]?.kind === 'finish' ? passedFinish(lists) : passedSplit(plan, lists, point);

const sampleOf = ({ size, at }: Passed): readonly Entry[] => {
  const head = headOf(size);
  const count = Math.min(head, MAX_SAMPLE);
  return Array.from({ length: count }, (_, nth) => at(Math.floor(((nth + 0.5) * head) / count))).filter(
    (entry) => entry !== null,
  );
};

const legBetween = (plan: RacePlan, sample: readonly Entry[], from: number, to: number): Leg => {
  const shares: number[] = [];
  const durations: number[] = [];
  for (const entry of sample) {
    const [a, b] = [markAt(plan, entry, from), markAt(plan, entry, to)];
    if (a === null || b === null || b.wall <= a.wall) continue;
    durations.push(b.wall - a.wall);
    if (a.elapsedMs !== null && a.elapsedMs > 0) shares.push((b.wall - a.wall) / a.elapsedMs);
  }
  return { share: median(shares), durationMs: median(durations) };
};

/** When somebody is expected at the next point, as their `elapsedMs` is counted; whole seconds. */
export const expectedAt = (
  plan: RacePlan,
  { point, elapsedMs }: Pick<Mark, 'point' | 'elapsedMs'>,
  leg: Leg,
): number | null => {
  if (elapsedMs === null) return null;
  const paced = plan.points[point]?.kind === 'split' && elapsedMs > 0;
  const durationMs = paced ? (leg.share === null ? null : leg.share * elapsedMs) : leg.durationMs;
  return durationMs === null ? null : Math.round((elapsedMs + durationMs) / 1000) * 1000;
};

const sameLeg = (a: Leg, b: Leg): boolean => a.share === b.share && a.durationMs === b.durationMs;

/** The legs of a race, each made again only when its sample may have changed. */
export interface Legs {
  readonly from: (point: number) => Leg;
  /** To be called before an entry is replaced, and after it with both the other way round. */
  readonly touch: (entry: Entry | null, other: Entry | null) => void;
  readonly forget: () => void;
  /** Points from which the way takes another time than at the last call. */
  readonly moved: () => readonly number[];
  readonly settleMoved: () => void;
  /** As of the last `settleMoved`. */
  readonly settledFrom: (point: number) => Leg;
}

const sameMark = (a: Mark | null, b: Mark | null): boolean =>
  a === b || (a !== null && b !== null && a.wall === b.wall && a.elapsedMs === b.elapsedMs);

/** Whether a leg looks the same through two entries of one participant. */
const sameWay = (plan: RacePlan, a: Entry, b: Entry, from: number, to: number): boolean =>
  // whoever is ranked stands in the order of the rows, equals by their bibs
  (plan.points[to]?.kind !== 'finish' || (a.rankBy === b.rankBy && a.participant.bib === b.participant.bib)) &&
  sameMark(markAt(plan, a, from), markAt(plan, b, from)) &&
  sameMark(markAt(plan, a, to), markAt(plan, b, to));

export const createLegs = (plan: RacePlan, lists: StandingLists): Legs => {
  const points = plan.points.map((_, index) => index);
  const next = points.map((point) => nextPoint(plan, point));
  const known = new Map<number, { readonly leg: Leg; readonly head: number }>();
  let settled: readonly Leg[] = points.map(() => NO_LEG);

  const legFrom = (from: number): Leg => {
    const to = next[from] ?? null;
    if (to === null) return NO_LEG;
    const others = passed(plan, lists, to);
    const head = headOf(others.size);
    const before = known.get(from);
    if (before?.head === head) return before.leg;
    const leg = legBetween(plan, sampleOf(others), from, to);
    known.set(from, { leg, head });
    return leg;
  };

  const touch = (entry: Entry | null, other: Entry | null): void => {
    if (entry === null) return;
    for (const from of known.keys()) {
      const to = next[from] ?? null;
      if (to === null || (other !== null && sameWay(plan, entry, other, from, to))) continue;
      const others = passed(plan, lists, to);
      const index = others.indexOf(entry);
      if (index !== null && index <= headOf(others.size)) known.delete(from);
    }
  };

  return {
    from: legFrom,
    touch,
    forget: () => known.clear(),
    moved: () => points.filter((point) => !sameLeg(legFrom(point), settled[point] ?? NO_LEG)),
    settleMoved: () => {
      settled = points.map(legFrom);
    },
    settledFrom: (point) => settled[point] ?? NO_LEG,
  };
};
