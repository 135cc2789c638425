import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedList, createCountedList } from '../../src/results/counted-list.ts';

type Step =
  | { readonly type: 'insert' | 'remove'; readonly value: number }
  | { readonly type: 'fill'; readonly size: number };

/** Long runs that fall together, so that nodes are split, emptied and joined. */
const someSteps: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      fc
        .record({
          type: fc.constantFrom('insert' as const, 'remove' as const),
          from: fc.integer({ min: 0, max: 3000 }),
          step: fc.constantFrom(-7, -1, 1, 3),
          length: fc.integer({ min: 1, max: 700 }),
        })
        .map(({ type, from, step, length }) =>
          Array.from({ length }, (_, index): Step => ({ type, value: from + index * step })),
        ),
      fc.integer({ min: 0, max: 400 }).map((size): readonly Step[] => [{ type: 'fill', size }]),
    ),
    { maxLength: 14 },
  )
  .map((runs) => runs.flat());

/** A list after some steps, and what it must hold. */
const played = (steps: readonly Step[]): { readonly list: CountedList<number>; readonly sorted: readonly number[] } => {
  const list = createCountedList<number>((a, b) => a - b);
  let model = new Set<number>();
  for (const step of steps) {
    if (step.type === 'fill') {
      model = new Set(Array.from({ length: step.size }, (_, index) => index * 5));
      list.fill([...model]);
    } else if (step.type === 'insert') {
      if (!model.has(step.value)) list.insert(step.value);
      model.add(step.value);
    } else {
      list.remove(step.value);
      model.delete(step.value);
    }
  }
  return { list, sorted: [...model].sort((a, b) => a - b) };
};

describe('counted list', () => {
  it('is a sorted array that counts, whatever is put in and taken out', () => {
    fc.assert(
      fc.property(someSteps, fc.array(fc.integer({ min: -10, max: 4000 }), { maxLength: 20 }), (steps, limits) => {
        const { list, sorted } = played(steps);
        expect(list.size()).toBe(sorted.length);
        expect([...list.from(0)]).toEqual(sorted);
        for (const limit of limits) {
          expect(list.countWhile((value) => value < limit)).toBe(sorted.filter((value) => value < limit).length);
          expect(list.at(limit)).toBe(limit < 0 ? undefined : sorted[limit]);
          expect([...list.from(limit)].slice(0, 3)).toEqual(sorted.slice(Math.max(0, limit)).slice(0, 3));
        }
      }),
    );
  });
});
