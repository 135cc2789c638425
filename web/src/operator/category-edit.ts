import type { Category, Sex } from '@baton/schema/doc';
import { MAX_CATEGORIES, moveItem } from './race-edit.ts';

export type NewCategory = Omit<Category, 'categoryId'>;

export const SEX_WORDS: Readonly<Record<Sex, string>> = { F: 'Women', M: 'Men', X: 'X' };
export const SEXES: readonly Sex[] = ['F', 'M', 'X'];

export const MAX_AGE = 150;
export const AGE_EXPECTED = `whole years, 0 to ${MAX_AGE}`;

/** An age as typed; null for none given, undefined when it is no age. */
export const parseAge = (text: string): number | null | undefined => {
  if (text.trim() === '') return null;
  if (!/^\d{1,3}$/.test(text.trim())) return undefined;
  const age = Number(text);
  return age <= MAX_AGE ? age : undefined;
};

const ID_LENGTH = 100;

/**
 * The id of a new category: its name, for rosters and result lists refer to categories by id. It
 * stays when the name changes. `taken` are the ids of its own race.
 */
export const categoryIdFor = (name: string, taken: ReadonlySet<string>): string => {
  const base = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}+–& -]+/gu, '-')
    .trim()
    .slice(0, ID_LENGTH)
    .trim();
  const stem = base === '' ? 'category' : base;
  let candidate = stem;
  for (let number = 2; taken.has(candidate); number++) candidate = `${stem} ${number}`;
  return candidate;
};

/** Adds them at the end, as far as a race can hold them. */
export const addCategories = (categories: readonly Category[], fresh: readonly NewCategory[]): readonly Category[] => {
  const taken = new Set(categories.map((it) => it.categoryId));
  const added = fresh.slice(0, MAX_CATEGORIES - categories.length).map((it): Category => {
    const categoryId = categoryIdFor(it.name, taken);
    taken.add(categoryId);
    return { categoryId, ...it };
  });
  return [...categories, ...added];
};

export const changeCategory = (
  categories: readonly Category[],
  categoryId: string,
  change: Partial<NewCategory>,
): readonly Category[] => categories.map((it) => (it.categoryId === categoryId ? { ...it, ...change } : it));

export const moveCategory = (categories: readonly Category[], categoryId: string, by: -1 | 1): readonly Category[] =>
  moveItem(categories, (it) => it.categoryId === categoryId, by);

export const removeCategory = (categories: readonly Category[], categoryId: string): readonly Category[] =>
  categories.filter((it) => it.categoryId !== categoryId);

/** Groups of equal width for each sex; the oldest is open. Ages in years. */
export interface AgeGroups {
  readonly sexes: readonly Sex[];
  readonly from: number;
  readonly step: 5 | 10;
  /** Where the open group begins, at the latest. */
  readonly last: number;
  /** One more group for everybody younger than `from`. */
  readonly younger: boolean;
}

const bandsOf = ({ from, step, last, younger }: AgeGroups): readonly Pick<Category, 'ageFrom' | 'ageTo'>[] => {
  const bands: Pick<Category, 'ageFrom' | 'ageTo'>[] = younger && from > 0 ? [{ ageFrom: null, ageTo: from - 1 }] : [];
  let age = from;
  for (; age + step <= last; age += step) bands.push({ ageFrom: age, ageTo: age + step - 1 });
  return [...bands, { ageFrom: age, ageTo: null }];
};

/** `20–29`, `70+`, `under 20`; empty where every age fits. */
export const ageText = ({ ageFrom, ageTo }: Pick<Category, 'ageFrom' | 'ageTo'>): string => {
  if (ageFrom === null) return ageTo === null ? '' : `under ${ageTo + 1}`;
  if (ageTo === null) return `${ageFrom}+`;
  return ageFrom === ageTo ? String(ageFrom) : `${ageFrom}–${ageTo}`;
};

const sameGroup = (a: NewCategory, b: NewCategory): boolean =>
  a.sex === b.sex && a.ageFrom === b.ageFrom && a.ageTo === b.ageTo;

/** The groups that a race does not have yet. */
export const missingGroups = (groups: AgeGroups, categories: readonly Category[]): readonly NewCategory[] =>
  groups.sexes
    .flatMap((sex) =>
      bandsOf(groups).map((band): NewCategory => ({ name: `${SEX_WORDS[sex]} ${ageText(band)}`, sex, ...band })),
    )
    .filter((group) => !categories.some((it) => sameGroup(it, group)));
