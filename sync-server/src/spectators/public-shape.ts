import type { Race, Setup } from '@baton/schema/doc';
import type { PublicCategory, PublicEvent, PublicRace } from '@baton/schema/feed';
import type { RaceId } from '@baton/schema/ids';
import type { EventRecord } from '../storage/records.ts';

/** Everything public is put together field by field: what is added to a record one day is not public by that. */

export const publicEvent = (event: EventRecord): PublicEvent => ({
  eventId: event.eventId,
  title: event.title,
  date: event.date,
  timezone: event.timezone,
  location: event.location,
  status: event.status,
  statusChangedAt: event.statusChangedAt,
});

/** A race of which only results are known so far goes by its id. */
export const unnamedRace = (raceId: RaceId): Race => ({
  raceId,
  name: raceId,
  startAt: null,
  points: [],
  categories: [],
});

const publicRace = (race: Race, rankBy: PublicRace['rankBy']): PublicRace => ({
  raceId: race.raceId,
  name: race.name,
  startAt: race.startAt,
  points: race.points.map(({ pointId, name, kind }) => ({ pointId, name, kind })),
  categories: race.categories.map(({ categoryId, name, sex, ageFrom, ageTo }) => ({
    categoryId,
    name,
    sex,
    ageFrom,
    ageTo,
  })),
  rankBy,
});

/**
 * Races of the setup, then those that only another timing system has told of. One that somebody removed stays away, whatever is
 * told of it.
 */
export const racesOf = (setup: Setup, told: Iterable<RaceId>): readonly Race[] => {
  const isUnnamed = (raceId: RaceId): boolean => !setup.races.has(raceId) && !setup.removedRaces.has(raceId);
  const unnamed = [...told].filter(isUnnamed).sort();
  return [...setup.races.values(), ...unnamed.map(unnamedRace)];
};

export const publicRaces = (races: readonly Race[], { rules }: Pick<Setup, 'rules'>): readonly PublicRace[] =>
  races.map((race) => publicRace(race, rules.rankBy));

/** Categories of all races, those of the same id and name once. */
export const publicCategories = (races: readonly Race[]): readonly PublicCategory[] => {
  const found = new Map<string, { readonly categoryId: string; readonly name: string; readonly raceIds: string[] }>();
  for (const { raceId, categories } of races) {
    for (const { categoryId, name } of categories) {
      const key = JSON.stringify([categoryId, name]);
      const known = found.get(key) ?? { categoryId, name, raceIds: [] };
      known.raceIds.push(raceId);
      found.set(key, known);
    }
  }
  return [...found.values()];
};
