import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runAtOnce } from '../../src/roster/sliced.ts';
import { sortSliced } from '../../src/roster/sort-sliced.ts';

interface Item {
  readonly key: number;
  readonly place: number;
}

const byKey = (a: Item, b: Item): number => a.key - b.key;

const itemsOf = (keys: readonly number[]): readonly Item[] => keys.map((key, place) => ({ key, place }));

it('sorts as a sort at once does, equals in their order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 500 }), { maxLength: 12_000, size: 'max' }), (keys) => {
      const items = itemsOf(keys);
      expect(runAtOnce(sortSliced(items, byKey))).toEqual([...items].sort(byKey));
    }),
    { numRuns: 30 },
  );
});

it('[P16] compares so often, at most, between two pauses', () => {
  let compared = 0;
  let most = 0;
  const items = itemsOf(Array.from({ length: 55_000 }, (_, n) => (n * 7919) % 55_001));
  const work = sortSliced(items, (a, b) => {
    compared++;
    return byKey(a, b);
  });
  for (let done = false; !done; compared = 0) {
    done = work.next().done === true;
    most = Math.max(most, compared);
  }
  expect(most).toBeLessThan(25_000);
});
