import { type Correction, type Participant, participantName, type ResultStatus } from '../doc/roster-doc.ts';
import { categoryOf } from './category.ts';
import type { ExternalResult, ExternalRider } from './external-results.ts';
import type { LocatedRead } from './fold-read.ts';
import type { Passage } from './passage.ts';
import type { RacePlan } from './race-plan.ts';

/** What one participant's result is by itself, before it is compared with the others. */
export interface Entry {
  readonly participant: Participant;
  readonly name: string;
  readonly category: string | null;
  readonly status: ResultStatus | null;
  readonly gunMs: number | null;
  readonly chipMs: number | null;
  /** What ranks go by: a time, or in a race without any start a `moment`; null: not ranked. */
  readonly rankBy: number | null;
  readonly splits: readonly EntrySplit[];
  /** Index of the last point on the course that was crossed, and the time there; null before the start. */
  readonly last: EntrySplit | null;
  readonly finished: boolean;
  readonly updatedAt: number | null;
}

export interface EntrySplit {
  readonly point: number;
  /** Since the gun, or the chip's start where the race is ranked by it; null where there is neither. */
  readonly elapsedMs: number | null;
  /** What splits are ranked by. */
  readonly wall: number;
}

type Since = (it: LocatedRead | null) => number | null;

/** Ranks go by the gun or the chip's own start as the rules say, and by the other where there is no such time. */
const preferred = (plan: RacePlan, gunMs: number | null, chipMs: number | null): number | null =>
  plan.rules.rankBy === 'gun' ? (gunMs ?? chipMs) : (chipMs ?? gunMs);

interface Times {
  readonly gunMs: number | null;
  readonly chipMs: number | null;
}

const measured = (plan: RacePlan, passage: Passage): Times => {
  const since =
    (from: number | null): Since =>
    (it) =>
      from === null || it === null ? null : it.wall - from;
  return { gunMs: since(plan.gun)(passage.finish), chipMs: since(passage.start?.wall ?? null)(passage.finish) };
};

/** A manual time counts from the gun; the time from the chip's start follows where both starts are known. */
const corrected = (plan: RacePlan, passage: Passage, manualMs: number): Times => {
  const { gun } = plan;
  const delay = gun === null || passage.start === null ? null : passage.start.wall - gun;
  return { gunMs: manualMs, chipMs: delay === null ? null : Math.max(0, manualMs - delay) };
};

const splitOf = (plan: RacePlan, passage: Passage, it: LocatedRead): EntrySplit => {
  const sinceGun = plan.gun === null ? null : it.wall - plan.gun;
  const sinceStart = passage.start === null ? null : it.wall - passage.start.wall;
  return { point: it.point, elapsedMs: preferred(plan, sinceGun, sinceStart), wall: it.wall };
};

const lastOf = (plan: RacePlan, passage: Passage): EntrySplit | null => {
  const crossings = [passage.start, ...passage.splits.values()].filter((it) => it !== null);
  const furthest = crossings.reduce<LocatedRead | null>((a, b) => (a === null || b.point > a.point ? b : a), null);
  return furthest === null ? null : splitOf(plan, passage, furthest);
};

/** Where somebody is whom another timing system sees on the course, unless reads tell of a point as far. */
const externalLast = (plan: RacePlan, rider: ExternalRider, measured: EntrySplit | null): EntrySplit | null => {
  const point = plan.points.findIndex((it) => it.pointId === rider.lastPoint);
  if (measured !== null && measured.point >= point) return measured;
  return { point, elapsedMs: null, wall: plan.wall(rider.startedAt ?? rider.at) };
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

const updatedAtOf = (passage: Passage, said: readonly ({ readonly at: number } | undefined)[]): number | null => {
  const times = [passage.start, ...passage.splits.values(), passage.finish].flatMap((it) =>
    it === null ? [] : [it.read.receivedAt],
  );
  for (const it of said) if (it !== undefined) times.push(it.at);
  return times.length === 0 ? null : Math.max(...times);
};

/** Beyond all times that can be elapsed between two walls with years of four digits. */
const MOMENT = 1e15;

const isMoment = (rankBy: number): boolean => rankBy > MOMENT / 2;

/** In a race without any start, ranks follow the order in which the finish was crossed, behind those who were given a time. */
const rankValue = (plan: RacePlan, passage: Passage, times: Times, told: Told): number | null => {
  if (told.status !== null) return null;
  if (plan.timed || told.timeMs !== null) return preferred(plan, times.gunMs, times.chipMs);
  return passage.finish === null ? null : MOMENT + passage.finish.wall;
};

/** A time and a moment have no distance. */
export const behindMs = (rankBy: number | null, leader: number | null): number | null =>
  rankBy === null || leader === null || isMoment(rankBy) !== isMoment(leader) ? null : rankBy - leader;

export const entryOf = (plan: RacePlan, participant: Participant, passage: Passage): Entry => {
  const correction = plan.roster.corrections.get(participant.participantId);
  const external = plan.external.byBib.get(participant.bib);
  const rider = plan.external.onCourse.get(participant.bib);
  const told = toldOf(correction, external);
  const times = told.timeMs === null ? measured(plan, passage) : corrected(plan, passage, told.timeMs);
  const last = lastOf(plan, passage);
  return {
    participant,
    name: participantName(participant),
    category: categoryOf(participant, plan.categories, plan.year),
    status: told.status,
    ...times,
    rankBy: rankValue(plan, passage, times, told),
    splits: [...passage.splits.values()].sort((a, b) => a.point - b.point).map((it) => splitOf(plan, passage, it)),
    last: rider === undefined ? last : externalLast(plan, rider, last),
    finished: passage.finish !== null || told.timeMs !== null,
    updatedAt: updatedAtOf(passage, [correction, external]),
  };
};

/** Whether there is anything to show of a participant. */
export const hasResult = (entry: Entry): boolean => entry.finished || entry.status !== null || entry.last !== null;
