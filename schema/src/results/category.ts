import type { Category } from '../doc/race.ts';
import type { Participant } from '../doc/roster-doc.ts';

const fits = (category: Category, sex: Participant['sex'], age: number | null): boolean => {
  if (category.sex !== null && category.sex !== sex) return false;
  if (category.ageFrom === null && category.ageTo === null) return true;
  return age !== null && age >= (category.ageFrom ?? 0) && age <= (category.ageTo ?? Number.POSITIVE_INFINITY);
};

/**
 * The category a participant counts in: their own (by id, else by name, else as it is written), or the
 * first of the race's that fits sex and age; null when none does. The age is the one reached in the
 * race's year, for only the year of birth is known.
 */
export const categoryOf = (
  participant: Pick<Participant, 'category' | 'sex' | 'birthYear'>,
  categories: readonly Category[],
  year: number,
): string | null => {
  const own = participant.category;
  if (own !== null) {
    const named = (it: Category): boolean => it.name.toLowerCase() === own.toLowerCase();
    return (categories.find((it) => it.categoryId === own) ?? categories.find(named))?.categoryId ?? own;
  }
  const age = participant.birthYear === null ? null : year - participant.birthYear;
  return categories.find((it) => fits(it, participant.sex, age))?.categoryId ?? null;
};
