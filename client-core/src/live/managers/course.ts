import type { Participant, Point, Race, Roster, Setup } from '@baton/schema/doc';
import { chipKey } from '@baton/schema/doc';
import type { EventId, RaceId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { planRace, type RacePlan, venueClock } from '@baton/schema/results';
import type { ReadItem, SetupItem, StateCodec } from '../consumer.ts';

/** What a manager needs to know of the event besides its documents; it is fixed while the manager runs. */
export interface WatchedEvent {
  readonly eventId: EventId;
  /** IANA zone that `isTimezone` takes: the wall that readers show. */
  readonly timezone: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
}

/** The documents, as reads are judged by them. */
export interface Course {
  readonly setup: Setup;
  readonly roster: Roster;
  /** The rules by which results are made: an alarm and a result never judge one read differently. */
  readonly plans: ReadonlyMap<RaceId, RacePlan>;
}

export const courseOf = ({ setup, roster }: SetupItem, { timezone, date }: WatchedEvent): Course => {
  const clock = venueClock(timezone, date);
  const planOf = (raceId: RaceId): RacePlan => planRace({ raceId, setup, roster, timezone, date }, clock);
  return { setup, roster, plans: new Map([...setup.races.keys()].map((raceId) => [raceId, planOf(raceId)])) };
};

/** Where a read was taken and whose it is, or null while that cannot be said: it may be once the documents change. */
export interface PlacedRead {
  readonly race: Race;
  readonly plan: RacePlan;
  readonly point: Point;
  readonly participant: Participant;
  /** Wall time in ms, the reader's clock corrected. */
  readonly wall: number;
}

export const placeRead = (course: Course, read: ReadItem): PlacedRead | null => {
  const key = pairKey(read.streamId, read.epoch);
  const raceId = course.setup.epochRaces.get(key);
  const race = raceId === undefined ? undefined : course.setup.races.get(raceId);
  const plan = raceId === undefined ? undefined : course.plans.get(raceId);
  if (race === undefined || plan === undefined || read.chip === null || read.readerTime === null) return null;
  const index = plan.pointOf(read.streamId, read.epoch);
  const point = typeof index === 'number' ? plan.points[index] : undefined;
  const wall = plan.clock.wallOfText(read.readerTime);
  const participant = plan.bearerOf(read.chip);
  if (point === undefined || wall === null || typeof participant === 'string') return null;
  return { race, plan, point, participant, wall: wall + plan.clock.base + (course.setup.epochOffsets.get(key) ?? 0) };
};

/** Wall time of a race's gun, in ms; null: none. */
export const gunOf = ({ plans }: Course, raceId: RaceId): number | null => {
  const plan = plans.get(raceId);
  return plan === undefined || plan.gun === null ? null : plan.gun + plan.clock.base;
};

/** Who carries a chip; null: nobody that the roster knows. */
export const bearerOf = ({ roster }: Course, chip: string): Participant | null => {
  // reads carry chips as the roster keys them, nearly always
  const participantId = roster.chips.get(chip) ?? roster.chips.get(chipKey(chip));
  return participantId === undefined ? null : (roster.participants.get(participantId) ?? null);
};

interface WithCourse {
  /** Null: the documents have not been told yet. */
  readonly course: Course | null;
}

/** A checkpoint does not hold the documents: they are told again after each start, before the first read. */
export const withoutCourse = <S extends WithCourse>(): StateCodec<S> => ({
  encode: ({ course: _, ...kept }) => kept,
  // the same version of the same manager wrote it: the checkpoint's checksum says so
  decode: (json) => (typeof json === 'object' && json !== null ? ({ ...json, course: null } as S) : null),
});
