import type { Category, Sex } from '@baton/schema/doc';
import { ageText, MAX_AGE } from './category-edit.ts';
import { doubledNames } from './race-edit.ts';

/**
 * Who a list of categories leaves out or takes twice. A participant counts in the *first* category
 * that fits, so a wide one before a narrow one empties it.
 */

/** Nobody's sex known: only a category for any sex takes them. */
type SexCell = Sex | null;

const SEX_CELLS: readonly SexCell[] = ['F', 'M', 'X', null];
/** After the ages: no year of birth known, which only a category without ages takes. */
const NO_AGE = MAX_AGE + 1;

const WHO: Readonly<Record<Sex, string>> = { F: 'women', M: 'men', X: 'X' };
const whoOf = (sex: SexCell): string => (sex === null ? 'people without a sex' : WHO[sex]);

const agesOf = ({ ageFrom, ageTo }: Category): { readonly from: number; readonly to: number } =>
  ageFrom === null && ageTo === null ? { from: 0, to: NO_AGE } : { from: ageFrom ?? 0, to: ageTo ?? MAX_AGE };

/** Which category takes whom, by sex and age. */
type Claims = ReadonlyMap<SexCell, (Category | undefined)[]>;

/** Somebody whom a category would take but for one before it. */
interface Loss {
  readonly to: Category;
  readonly sex: SexCell;
  readonly age: number;
}

interface Share {
  readonly wins: number;
  readonly losses: readonly Loss[];
}

const claim = (claims: Claims, category: Category): Share => {
  const { from, to } = agesOf(category);
  const losses: Loss[] = [];
  let wins = 0;
  for (const [sex, ages] of claims) {
    if (category.sex !== null && category.sex !== sex) continue;
    for (let age = from; age <= to; age++) {
      const earlier = ages[age];
      if (earlier === undefined) {
        ages[age] = category;
        wins += 1;
      } else losses.push({ to: earlier, sex, age });
    }
  }
  return { wins, losses };
};

/** The ages of one sex that are lost to one category, as people say it. */
const lostText = (losses: readonly Loss[], first: Loss): string => {
  const ages = losses
    .filter((it) => it.to === first.to && it.sex === first.sex && it.age <= MAX_AGE)
    .map((it) => it.age);
  const [from = 0, to = MAX_AGE] = [ages[0], ages.at(-1)];
  const span = { ageFrom: from === 0 ? null : from, ageTo: to === MAX_AGE ? null : to };
  return `${whoOf(first.sex)} ${ageText(span)}`.trim();
};

const shareNote = (category: Category, { wins, losses }: Share): string | null => {
  const [first] = losses;
  if (wins === 0 && first === undefined) return `“${category.name}” is for nobody: its ages end before they begin.`;
  if (first === undefined) return null;
  const others = new Set(losses.map((it) => it.to)).size > 1;
  if (wins === 0) {
    const blocker = others ? 'the categories before it take' : `“${first.to.name}” before it takes`;
    return `“${category.name}” stays empty: ${blocker} everybody it is for.`;
  }
  return `“${first.to.name}” and “${category.name}” overlap (${lostText(losses, first)}): the upper one counts.`;
};

/** Ages between the youngest and the oldest of one sex that no category takes. */
const gapNotes = (claims: Claims): readonly string[] =>
  [...claims].flatMap(([sex, cells]) => {
    if (sex === null) return [];
    const ages = cells.slice(0, NO_AGE);
    const notes: string[] = [];
    const last = ages.findLastIndex((it) => it !== undefined);
    let age = ages.findIndex((it) => it !== undefined);
    for (; age >= 0 && age < last; age++) {
      if (ages[age] !== undefined) continue;
      const from = age;
      while (ages[age + 1] === undefined) age += 1;
      notes.push(`No category takes ${whoOf(sex)} of ${ageText({ ageFrom: from, ageTo: age })}.`);
    }
    return notes;
  });

/** Notes on a race's categories in the order they have; none of them keeps anybody from anything. */
export const categoryNotes = (categories: readonly Category[]): readonly string[] => {
  const claims: Claims = new Map(
    SEX_CELLS.map((sex) => [sex, Array.from<Category | undefined>({ length: NO_AGE + 1 })]),
  );
  const shares = categories.map((category) => shareNote(category, claim(claims, category)));
  return [
    ...doubledNames(categories).map((name) => `Two categories are called “${name}”.`),
    ...shares.filter((it) => it !== null),
    ...gapNotes(claims),
  ];
};
