import type { Category, Participant, Race } from '@baton/schema/doc';
import { categoryOf } from '@baton/schema/results';
import { raceYear } from './race-year.ts';
import type { FilterContext } from './roster-filter.ts';

/** A category by its name; one that its race does not have, as it is written. */
export const categoryName = (categories: readonly Category[], categoryId: string): string =>
  categories.find((it) => it.categoryId === categoryId)?.name ?? categoryId;

/** The category that age and sex give in a race, whatever was chosen; null: none fits. */
export const byAgeAndSex = (
  participant: Pick<Participant, 'sex' | 'birthYear'>,
  race: Race | undefined,
  date: string | null,
): string | null => {
  if (race === undefined) return null;
  const found = categoryOf({ ...participant, category: null }, race.categories, raceYear(race, date));
  return found === null ? null : categoryName(race.categories, found);
};

/** The category that somebody counts in, by name; empty when there is none. */
export const categoryText = (participant: Participant, { races, date }: FilterContext): string => {
  const race = participant.raceId === null ? undefined : races.get(participant.raceId);
  if (race === undefined) return participant.category ?? '';
  const found = categoryOf(participant, race.categories, raceYear(race, date));
  return found === null ? '' : categoryName(race.categories, found);
};
