import type { ParticipantId, Race } from '@baton/schema/doc';
import type { PointId, RaceId } from '@baton/schema/ids';
import { pairFromKey, pairKey } from '@baton/schema/reads';
import { type BucketMap, entriesOf } from './bucket-map.ts';
import { bearerOf, type Course, gunOf } from './course.ts';

/** `<streamId>/<epoch> <chip>` → the newest read's wall time. */
export type SeenChips = BucketMap<number>;

export const seenKey = (pair: string, chip: string): string => `${pair} ${chip}`;

/** How many are on their way to a timing point. */
export interface Expected {
  readonly race: Race;
  readonly pointId: PointId;
  readonly name: string;
  readonly count: number;
}

/** Where an epoch was read: the race, and the index of its point; null: mapped to none. */
const placesOf = ({ setup, plans }: Course) => {
  const known = new Map<string, { readonly raceId: RaceId; readonly point: number } | null>();
  return (pair: string) => {
    const found = known.get(pair);
    if (found !== undefined) return found;
    const id = pairFromKey(pair);
    const raceId = id === null ? undefined : setup.epochRaces.get(pairKey(id.streamId, id.epoch));
    const pointId = id === null ? undefined : setup.streamPoints.get(id.streamId);
    const points = raceId === undefined ? [] : (plans.get(raceId)?.points ?? []);
    const point = points.findIndex((it) => it.pointId === pointId);
    const place = raceId === undefined || point < 0 ? null : { raceId, point };
    known.set(pair, place);
    return place;
  };
};

/** Who carries the chip and takes part in the race; null: nobody, or nobody who is still expected. */
const runnerOf = (course: Course, raceId: RaceId, chip: string): ParticipantId | null => {
  const runner = bearerOf(course, chip);
  if (runner === null || (runner.raceId !== null && runner.raceId !== raceId)) return null;
  return course.roster.corrections.get(runner.participantId)?.status == null ? runner.participantId : null;
};

/** Index of the last point on the course at which each runner of each race was seen since the gun. */
const furthest = (course: Course, seen: SeenChips): ReadonlyMap<RaceId, ReadonlyMap<string, number>> => {
  const races = new Map<RaceId, Map<string, number>>();
  const placeOf = placesOf(course);
  for (const [key, wall] of entriesOf(seen)) {
    const space = key.indexOf(' ');
    const place = placeOf(key.slice(0, space));
    if (place === null || wall < (gunOf(course, place.raceId) ?? Number.NEGATIVE_INFINITY)) continue;
    const runner = runnerOf(course, place.raceId, key.slice(space + 1));
    if (runner === null) continue;
    const race = races.get(place.raceId) ?? new Map<string, number>();
    races.set(place.raceId, race);
    if ((race.get(runner) ?? -1) < place.point) race.set(runner, place.point);
  }
  return races;
};

const ofRace = (race: Race, runners: ReadonlyMap<string, number>): readonly Expected[] => {
  const at = new Array<number>(race.points.length).fill(0);
  for (const point of runners.values()) at[point] = (at[point] ?? 0) + 1;
  return race.points.flatMap(({ pointId, name }, index) => {
    // before anybody was read here or farther on, only who is on the last part of the way: the field may be far
    const from = at.slice(index).some((it) => it > 0) ? 0 : index - 1;
    const count = at.slice(Math.max(0, from), index).reduce((sum, it) => sum + it, 0);
    return index === 0 ? [] : [{ race, pointId, name, count }];
  });
};

/**
 * Who was seen at an earlier point since the gun (at a start mat: the starters), and neither here nor farther on, and has no status
 * such as DNF. Computed anew from what was read, so that a mapping, a chip or a correction that comes late counts at once.
 */
export const expectedAt = (course: Course, seen: SeenChips): readonly Expected[] => {
  const races = furthest(course, seen);
  return [...course.setup.races.values()].flatMap((race) => ofRace(race, races.get(race.raceId) ?? new Map()));
};
