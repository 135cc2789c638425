import { compileFilters, type Filter } from '@baton/schema/filter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMatcher } from '../../src/subscriptions/matcher.ts';
import { createShelf, type Doc, type ShelfListener, type WritableShelf } from '../../src/subscriptions/shelf.ts';

const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'b', '3'), fc.boolean(), fc.constant(null));
const field = fc.constantFrom('rank', 'category', 'sex', 'nested.deep');
const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ field, op: fc.constantFrom('==', '!=', 'array-contains'), value }),
  fc.record({
    field,
    op: fc.constantFrom('<', '<=', '>', '>='),
    value: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('a', 'b')),
  }),
  fc.record({ field, op: fc.constant('in' as const), value: fc.array(value, { maxLength: 3 }) }),
);
const filters = fc.array(filter, { maxLength: 3 });
const row = fc.record(
  {
    rank: value,
    category: value,
    sex: value,
    nested: fc.record({ deep: value }, { requiredKeys: [] }),
    list: fc.array(value, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

describe('matching', () => {
  it('[SX-12] finds exactly those whose filters pass, each once, whoever came and went', () => {
    fc.assert(
      fc.property(
        fc.array(filters, { maxLength: 20 }),
        fc.array(fc.nat(19), { maxLength: 10 }),
        fc.array(row, { maxLength: 10 }),
        (all, gone, rows) => {
          const matcher = createMatcher<number>();
          for (const [index, it] of all.entries()) matcher.add(index, it);
          for (const index of gone) matcher.remove(index);
          const left = [...all.keys()].filter((index) => !gone.includes(index));
          expect(matcher.size()).toBe(left.length);
          for (const document of rows) {
            const found: number[] = [];
            matcher.each(document, (index) => found.push(index));
            expect(found.sort((a, b) => a - b)).toEqual(
              left.filter((index) => compileFilters(all[index] ?? [])(document)),
            );
          }
        },
      ),
    );
  });

  it('asks only those filed where the document belongs, not everybody', () => {
    const matcher = createMatcher<number>();
    for (let bib = 0; bib < 10_000; bib++) matcher.add(bib, [{ field: 'bib', op: '==', value: String(bib) }]);
    for (let rank = 1; rank <= 1000; rank++) matcher.add(10_000 + rank, [{ field: 'rank', op: '<=', value: rank }]);
    const found: number[] = [];
    matcher.each({ bib: '77', rank: 998 }, (item) => found.push(item));
    expect(found.sort()).toEqual([10_998, 10_999, 11_000, 77].sort());
    expect(matcher.asked()).toBe(4);
  });
});

/** One who holds what a shelf tells, from `join` on. */
const followerOf = (shelf: WritableShelf, wanted: readonly Filter[]) => {
  const matches = compileFilters(wanted);
  const held = new Map<string, Doc>();
  const onDelta: ShelfListener['onDelta'] = (type, doc) => {
    expect(held.has(doc.id)).toBe(type !== 'create');
    if (type === 'delete') held.delete(doc.id);
    else held.set(doc.id, doc);
  };
  const join = (): void => {
    for (const doc of shelf.documents()) if (matches(doc)) held.set(doc.id, doc);
    shelf.add({ onReset: () => held.clear(), onDelta }, wanted);
  };
  return { matches, held, join };
};

const byId = (docs: Iterable<Doc>): ReadonlyMap<string, Doc> => new Map([...docs].map((doc) => [doc.id, doc]));

type Step = { readonly key: string; readonly row: Readonly<Record<string, unknown>> | null };

describe('a shelf', () => {
  it('[SX-07][SX-28] leaves each of its followers with exactly the documents that pass, told once per change', () => {
    const step: fc.Arbitrary<Step> = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      row: fc.option(row, { nil: null }),
    });
    fc.assert(
      fc.property(
        fc.array(filters, { minLength: 1, maxLength: 6 }),
        fc.array(step, { maxLength: 40 }),
        fc.nat(20),
        (all, steps, joinAt) => {
          const shelf = createShelf('rows', 'era');
          const followers = all.map((it) => followerOf(shelf, it));
          const joinAll = (): void => {
            for (const { join } of followers) join();
          };
          for (const [index, it] of steps.entries()) {
            if (index === joinAt) joinAll();
            shelf.put(it.key, it.row, index);
          }
          if (steps.length <= joinAt) joinAll();
          for (const { matches, held } of followers) {
            expect(byId(held.values())).toEqual(byId([...shelf.documents()].filter(matches)));
          }
        },
      ),
    );
  });

  it('knows what happened since a place, and that it no longer knows', () => {
    const shelf = createShelf('rows', 'era');
    for (let count = 1; count <= 25_000; count++) shelf.put('a', { count }, count);
    expect(shelf.since(25_000)).toEqual([]);
    expect(shelf.since(24_999)).toMatchObject([
      { at: 25_000, before: { count: 24_999 }, after: { count: 25_000, version: 25_000 } },
    ]);
    expect(shelf.since(15_000)).toHaveLength(10_000);
    expect(shelf.since(1)).toBeNull();
    expect(shelf.since(25_001)).toBeNull();
  });
});
