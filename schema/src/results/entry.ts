import type { ResultStatus } from '../doc/bib.ts';
import { type Correction, type Participant, participantName } from '../doc/roster-doc.ts';
import { categoryOf } from './category.ts';
import type { Course, Crossing } from './course.ts';
import type { ExternalResult, ExternalRider } from './external-results.ts';
import type { RacePlan } from './race-plan.ts';
import { bibNumber } from './ranking.ts';

/** Where a row stands in the list, as numbers: section by section, then by `major`, `minor` and the bib. */
interface Place {
  /** 0 ranked, 1 under way, 2 DNF, 3 DSQ, 4 DNS. */
  readonly section: number;
  readonly major: number;
  readonly minor: number;
  readonly bibNumber: number;
}

/** What one participant's result is by itself, before it is compared with the others. It never changes. */
export interface Entry extends Place {
  readonly participant: Participant;
  readonly name: string;
  readonly category: string | null;
  readonly status: ResultStatus | null;
  readonly gunMs: number | null;
  readonly chipMs: number | null;
  /** What ranks go by: a time, or in a race without any start a `moment`; null: not ranked. */
  readonly rankBy: number | null;
  readonly splits: readonly Mark[];
  /** The start and the finish, where they were crossed. */
  readonly start: Mark | null;
  readonly finish: Mark | null;
  /** The furthest point before the finish; null before the start. */
  readonly last: Mark | null;
  /** Where another timing system says they were last, in its words; null: it says nothing, or a point of the race. */
  readonly toldPoint: string | null;
  readonly finished: boolean;
  readonly updatedAt: number | null;
}

/** A point that was passed. */
export interface Mark {
  /** Index in the plan's points; -1: on the course, at none of them. */
  readonly point: number;
  /** Since the gun, or the chip's start where the race is ranked by it; null where there is neither. */
  readonly elapsedMs: number | null;
  readonly wall: number;
}

/** Ranks go by the gun or the chip's own start as the rules say, and by the other where there is no such time. */
const preferred = (plan: RacePlan, gunMs: number | null, chipMs: number | null): number | null =>
  plan.rules.rankBy === 'gun' ? (gunMs ?? chipMs) : (chipMs ?? gunMs);

interface Times {
  readonly gunMs: number | null;
  readonly chipMs: number | null;
}

const since = (from: number | null | undefined, to: number | undefined): number | null =>
  from == null || to === undefined ? null : to - from;

const measured = (plan: RacePlan, { start, finish }: Course): Times => ({
  gunMs: since(plan.gun, finish?.read.wall),
  chipMs: since(start?.read.wall, finish?.read.wall),
});

/** A manual time counts from the gun; the time from the chip's start follows where both starts are known. */
const corrected = (plan: RacePlan, { start }: Course, manualMs: number): Times => {
  const delay = since(plan.gun, start?.read.wall);
  return { gunMs: manualMs, chipMs: delay === null ? null : Math.max(0, manualMs - delay) };
};

const markOf = (plan: RacePlan, { start }: Course, { point, read: { wall } }: Crossing): Mark => ({
  point,
  elapsedMs: preferred(plan, since(plan.gun, wall), since(start?.read.wall, wall)),
  wall,
});

const furthest = (marks: readonly (Mark | null)[]): Mark | null =>
  marks.reduce((a, b) => (b !== null && (a === null || b.point > a.point) ? b : a), null);

/** Index of the point that another system means, by its id or its name; -1: none of the race's. */
const toldPointOf = (plan: RacePlan, told: string | null): number => {
  const byId = plan.points.findIndex((it) => it.pointId === told);
  if (byId !== -1 || told === null) return byId;
  return plan.points.findIndex((it) => it.name.toLowerCase() === told.toLowerCase());
};

/** Where somebody is whom another timing system sees on the course, unless reads tell of a point as far. */
const externalLast = (plan: RacePlan, rider: ExternalRider, read: Mark | null): Mark => {
  const point = toldPointOf(plan, rider.lastPoint);
  if (read !== null && read.point >= point) return read;
  return { point, elapsedMs: null, wall: plan.clock.wallAt(rider.startedAt ?? rider.at) };
};

/** What people or other systems said of a participant: an operator's correction stands over another system's result. */
interface Told {
  readonly status: ResultStatus | null;
  readonly timeMs: number | null;
}

const toldOf = (correction: Correction | undefined, external: ExternalResult | undefined): Told => {
  const manualMs = correction?.manualMs ?? null;
  // an operator's time counts: it lifts what another system says of the status
  const others = manualMs === null ? (external?.status ?? null) : null;
  return { status: correction?.status ?? others, timeMs: manualMs ?? external?.timeMs ?? null };
};

const updatedAtOf = (
  plan: RacePlan,
  { start, splits, finish }: Course,
  said: readonly ({ readonly at: number } | undefined)[],
): number | null => {
  let latest: number | null = null;
  for (const crossing of [start, ...splits, finish]) {
    if (crossing !== null)
      latest = Math.max(latest ?? Number.NEGATIVE_INFINITY, crossing.read.received + plan.clock.base);
  }
  for (const it of said) if (it !== undefined) latest = Math.max(latest ?? Number.NEGATIVE_INFINITY, it.at);
  return latest;
};

/** Beyond all times that can be elapsed between two walls with years of four digits. */
const MOMENT = 1e15;

const isMoment = (rankBy: number): boolean => rankBy > MOMENT / 2;

/** In a race without any start, ranks follow the order in which the finish was crossed, behind those who were given a time. */
const rankValue = (plan: RacePlan, { finish }: Course, times: Times, told: Told): number | null => {
  if (told.status !== null) return null;
  if (plan.timed || told.timeMs !== null) return preferred(plan, times.gunMs, times.chipMs);
  return finish === null ? null : MOMENT + finish.read.wall;
};

/** Whether two have a distance: a time and a moment have none. */
export const areComparable = (a: number, b: number): boolean => isMoment(a) === isMoment(b);

export const behindMs = (rankBy: number | null, leader: number | null): number | null =>
  rankBy === null || leader === null || !areComparable(rankBy, leader) ? null : rankBy - leader;

const STATUS_SECTION: Readonly<Record<ResultStatus, number>> = { DNF: 2, DSQ: 3, DNS: 4 };

/** Section of the rows of those who have neither a rank nor a status. */
export const UNDER_WAY = 1;

/** Beyond any index of a point. */
const AT_FINISH = 1e6;

/** Under way: who is further on the course first, then who was there earlier. */
const placeOf = ({
  status,
  rankBy,
  finished,
  last,
}: Pick<Entry, 'status' | 'rankBy' | 'finished' | 'last'>): Omit<Place, 'bibNumber'> => {
  if (status !== null) return { section: STATUS_SECTION[status], major: 0, minor: 0 };
  if (rankBy !== null) return { section: 0, major: rankBy, minor: 0 };
  const reached = (last?.point ?? -1) + (finished ? AT_FINISH : 0);
  return { section: UNDER_WAY, major: -reached, minor: last?.wall ?? 0 };
};

export const entryOf = (plan: RacePlan, participant: Participant, course: Course): Entry => {
  const correction = plan.roster.corrections.get(participant.participantId);
  const external = plan.external.byBib.get(participant.bib);
  const rider = plan.external.onCourse.get(participant.bib);
  const { status, timeMs } = toldOf(correction, external);
  const times = timeMs === null ? measured(plan, course) : corrected(plan, course, timeMs);
  const mark = (crossing: Crossing): Mark => markOf(plan, course, crossing);
  const splits = course.splits.map(mark);
  const start = course.start === null ? null : mark(course.start);
  const read = furthest([start, ...splits]);
  const last = rider === undefined ? read : externalLast(plan, rider, read);
  const rankBy = rankValue(plan, course, times, { status, timeMs });
  const finished = course.finish !== null || timeMs !== null;
  const { section, major, minor } = placeOf({ status, rankBy, finished, last });
  // one literal: millions of comparisons are quicker where all entries have one shape
  return {
    participant,
    name: participantName(participant),
    category: categoryOf(participant, plan.categories, plan.year),
    status,
    gunMs: times.gunMs,
    chipMs: times.chipMs,
    rankBy,
    splits,
    start,
    finish: course.finish === null ? null : mark(course.finish),
    last,
    toldPoint: last?.point === -1 ? (rider?.lastPoint ?? null) : null,
    finished,
    updatedAt: updatedAtOf(plan, course, [correction, external]),
    section,
    major,
    minor,
    bibNumber: bibNumber(participant.bib),
  };
};

/** Whether there is anything to show of a participant. */
export const hasResult = (entry: Entry): boolean => entry.finished || entry.status !== null || entry.last !== null;

const sameMark = (a: Mark | null, b: Mark | null): boolean =>
  a === b || (a !== null && b !== null && a.point === b.point && a.elapsedMs === b.elapsedMs && a.wall === b.wall);

const sameMarks = (a: readonly Mark[], b: readonly Mark[]): boolean =>
  a.length === b.length && a.every((mark, index) => sameMark(mark, b[index] ?? null));

/** Whether nobody could tell two entries apart. */
export const sameEntry = (a: Entry, b: Entry): boolean =>
  a.participant === b.participant &&
  a.category === b.category &&
  a.status === b.status &&
  a.gunMs === b.gunMs &&
  a.chipMs === b.chipMs &&
  a.rankBy === b.rankBy &&
  a.finished === b.finished &&
  a.updatedAt === b.updatedAt &&
  sameMark(a.start, b.start) &&
  sameMark(a.finish, b.finish) &&
  sameMark(a.last, b.last) &&
  a.toldPoint === b.toldPoint &&
  sameMarks(a.splits, b.splits);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** As `compareBibs`, with the numbers known. */
const compareBibs = (a: Entry, b: Entry): number =>
  a.bibNumber < b.bibNumber ? -1 : a.bibNumber > b.bibNumber ? 1 : compareText(a.participant.bib, b.participant.bib);

/** The order of rows: ranked first, then those under way (furthest first), then DNF, DSQ, DNS; equals by bib. */
export const compareEntries = (a: Entry, b: Entry): number => {
  if (a === b) return 0;
  if (a.section !== b.section) return a.section - b.section;
  if (a.major !== b.major) return a.major - b.major;
  if (a.minor !== b.minor) return a.minor - b.minor;
  return compareBibs(a, b) || compareText(a.participant.participantId, b.participant.participantId);
};
