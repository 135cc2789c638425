import { type Category, CategoryInput, type Sex } from '@baton/schema/doc';
import { categoryOf } from '@baton/schema/results';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addCategories,
  ageText,
  categoryIdFor,
  changeCategory,
  missingGroups,
  moveCategory,
  parseAge,
  removeCategory,
} from '../../src/operator/category-edit.ts';
import { categoryNotes } from '../../src/operator/category-notes.ts';
import { MAX_CATEGORIES } from '../../src/operator/race-edit.ts';

const category = (name: string, sex: Sex | null, ageFrom: number | null, ageTo: number | null): Category => ({
  categoryId: name,
  name,
  sex,
  ageFrom,
  ageTo,
});

describe('category ids', () => {
  it('are the name, once in a race, and nothing that a document could not hold as a key', () => {
    expect(categoryIdFor(' Women 20–29 ', new Set())).toBe('Women 20–29');
    expect(categoryIdFor('Juniors', new Set(['Juniors', 'Juniors 2']))).toBe('Juniors 3');
    expect(categoryIdFor('Überflieger', new Set())).toBe('Überflieger');
    expect(categoryIdFor('__proto__', new Set())).toBe('-proto-');
    expect(categoryIdFor('   ', new Set())).toBe('category');
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (name) => {
        const categoryId = categoryIdFor(name, new Set());
        expect(CategoryInput.parse({ categoryId, name: 'x' }).categoryId).toBe(categoryId);
      }),
    );
  });

  it('stay when the name changes', () => {
    const [women] = addCategories([], [{ name: 'Women', sex: 'F', ageFrom: null, ageTo: null }]);
    expect(changeCategory([women!], 'Women', { name: 'Ladies' })[0]).toMatchObject({
      categoryId: 'Women',
      name: 'Ladies',
    });
  });
});

describe('age groups', () => {
  const plan = { sexes: ['F', 'M'], from: 20, step: 10, last: 50, younger: true } as const;

  it('are bands of one width with an open end, each sex in turn', () => {
    expect(missingGroups(plan, []).map((it) => it.name)).toEqual([
      ...['Women under 20', 'Women 20–29', 'Women 30–39', 'Women 40–49', 'Women 50+'],
      ...['Men under 20', 'Men 20–29', 'Men 30–39', 'Men 40–49', 'Men 50+'],
    ]);
    expect(missingGroups({ ...plan, step: 5, last: 52, younger: false }, []).slice(-1)).toEqual([
      { name: 'Men 50+', sex: 'M', ageFrom: 50, ageTo: null },
    ]);
    expect(missingGroups({ ...plan, from: 60, last: 50 }, []).map((it) => it.name)).toEqual([
      ...['Women under 60', 'Women 60+', 'Men under 60', 'Men 60+'],
    ]);
    expect(missingGroups({ ...plan, from: 0 }, [])[0]?.name).toBe('Women 0–9');
  });

  it('leave out what the race has, under whatever name, and take no more than it can hold', () => {
    const have = [category('W20', 'F', 20, 29)];
    expect(missingGroups(plan, have).some((it) => it.name === 'Women 20–29')).toBe(false);
    const full = Array.from({ length: MAX_CATEGORIES - 3 }, (_, at) => category(`c${at}`, 'X', at % 150, at % 150));
    expect(addCategories(full, missingGroups(plan, full))).toHaveLength(MAX_CATEGORIES);
  });

  it('take everybody of their sexes exactly once', () => {
    fc.assert(
      fc.property(
        fc.record({
          sexes: fc.constantFrom<readonly Sex[]>(['F', 'M'], ['F', 'M', 'X'], ['F']),
          from: fc.integer({ min: 0, max: 150 }),
          step: fc.constantFrom<5 | 10>(5, 10),
          last: fc.integer({ min: 0, max: 150 }),
          younger: fc.constant(true),
        }),
        (groups) => {
          expect(categoryNotes(addCategories([], missingGroups(groups, [])))).toEqual([]);
        },
      ),
    );
  });
});

it('moves and removes; reads ages strictly and says them shortly', () => {
  const list = [category('a', null, null, null), category('b', null, null, null)];
  expect(moveCategory(list, 'b', -1).map((it) => it.name)).toEqual(['b', 'a']);
  expect(moveCategory(list, 'b', 1)).toBe(list);
  expect(removeCategory(list, 'a').map((it) => it.name)).toEqual(['b']);
  expect(['', '0', '150'].map(parseAge)).toEqual([null, 0, 150]);
  for (const text of ['151', '-1', '4.5', 'x', '1e2']) expect(parseAge(text)).toBeUndefined();
  expect(ageText({ ageFrom: 30, ageTo: 30 })).toBe('30');
});

describe('notes on categories', () => {
  it.each([
    ['good ones', [category('W', 'F', null, null), category('M', 'M', null, null)], []],
    [
      'a wide one first',
      [category('Women', 'F', null, null), category('W40', 'F', 40, 49)],
      [/“W40” stays empty: “Women”/],
    ],
    [
      'several that take it all',
      [category('a', 'F', 0, 39), category('b', 'F', 40, 90), category('c', 'F', 30, 50)],
      [/“c” stays empty: the categories before it/],
    ],
    [
      'an overlap',
      [category('W20', 'F', 20, 30), category('W30', 'F', 30, 39)],
      [/“W20” and “W30” overlap \(women 30\): the upper one counts/],
    ],
    ['a gap', [category('W20', 'F', 20, 29), category('W35', 'F', 35, 39)], [/No category takes women of 30–34/]],
    ['ages the wrong way round', [category('W', 'F', 40, 30)], [/“W” is for nobody/]],
    ['a name twice', [category('W', 'F', 0, 20), { ...category('w ', 'F', 21, 30), categoryId: '2' }], [/called “W”/]],
    [
      'one for any sex after one for women',
      [category('W', 'F', 0, 20), category('U21', null, 0, 20)],
      [/overlap \(women under 21\)/],
    ],
  ] as const)('%s', (_, categories, expected) => {
    const notes = categoryNotes(categories);
    expect(notes, notes.join('\n')).toHaveLength(expected.length);
    for (const [at, pattern] of expected.entries()) expect(notes[at]).toMatch(pattern);
  });

  it('call a category empty exactly when the rule that places people gives it to nobody', () => {
    const anAge = fc.option(fc.integer({ min: 0, max: 150 }));
    const one = fc.record({ sex: fc.constantFrom<Sex | null>('F', 'M', 'X', null), ageFrom: anAge, ageTo: anAge });
    const people = [...(['F', 'M', 'X', null] as const)].flatMap((sex) =>
      [null, ...Array.from({ length: 151 }, (_, age) => 2026 - age)].map((birthYear) => ({
        sex,
        birthYear,
        category: null,
      })),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 5 }), (bounds) => {
        const list = bounds.map((it, at): Category => ({ ...it, categoryId: `c${at}`, name: `c${at}` }));
        const reached = new Set(people.map((it) => categoryOf(it, list, 2026)));
        const notes = categoryNotes(list);
        for (const { name } of list) {
          const isCalledEmpty = notes.some(
            (it) => it.startsWith(`“${name}” stays empty`) || it.startsWith(`“${name}” is for nobody`),
          );
          expect(isCalledEmpty).toBe(!reached.has(name));
        }
      }),
      { numRuns: 60 },
    );
  });
});
