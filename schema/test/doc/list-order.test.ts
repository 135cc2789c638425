import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placesFor } from '../../src/doc/list-order.ts';

const numbered = (ids: readonly string[], known: ReadonlyMap<string, number> = new Map()) => {
  const places = placesFor(ids, known);
  return new Map(ids.map((id, at) => [id, places[at] ?? Number.NaN]));
};

/** As every reader sorts a list. */
const sorted = (places: ReadonlyMap<string, number>): readonly string[] =>
  [...places].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1)).map(([id]) => id);

const changed = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly string[] =>
  [...after].filter(([id, place]) => before.has(id) && before.get(id) !== place).map(([id]) => id);

const distinct = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 12 });
const numbers = fc.oneof(fc.integer({ min: -3, max: 6 }), fc.double({ noNaN: true, noDefaultInfinity: true }));

describe('places in a shared list', () => {
  it('begin at 0, and a new entry comes behind the others', () => {
    expect(placesFor(['a', 'b', 'c'], new Map())).toEqual([0, 1, 2]);
    expect(placesFor(['a', 'b', 'x'], numbered(['a', 'b']))).toEqual([0, 1, 2]);
    expect(placesFor(['x', 'a', 'b'], numbered(['a', 'b']))).toEqual([-1, 0, 1]);
  });

  it('of the others stay when one goes', () => {
    const before = numbered(['a', 'b', 'c', 'd']);
    expect(changed(before, numbered(['b', 'c', 'd'], before))).toEqual([]);
  });

  it('change for one entry when one is moved, wherever to', () => {
    fc.assert(
      fc.property(distinct, fc.nat(), fc.nat(), (ids, from, to) => {
        if (ids.length === 0) return;
        const before = numbered(ids);
        const [moved = ''] = ids.slice(from % ids.length);
        const rest = ids.filter((it) => it !== moved);
        const wanted = rest.toSpliced(to % ids.length, 0, moved);
        const after = numbered(wanted, before);
        expect(sorted(after)).toEqual(wanted);
        expect(changed(before, after).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('put entries where they are wanted, whatever numbers they had', () => {
    fc.assert(
      fc.property(distinct, fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), numbers), (ids, known) => {
        expect(sorted(numbered(ids, new Map(Object.entries(known))))).toEqual(ids);
      }),
    );
  });

  it('are given anew where no number is left between two neighbours', () => {
    const close = new Map([
      ['m', 1],
      ['z', 1 + Number.EPSILON],
    ]);
    expect(placesFor(['m', 'a', 'z'], close)).toEqual([0, 1, 2]);
    expect(placesFor(['b', 'a'], new Map([['a', Number.MAX_VALUE]]))).toEqual([0, 1]);
  });

  it('are found for the longest list that a race may have, in the time of one frame', () => {
    const ids = Array.from({ length: 500 }, (_, at) => `c${at}`);
    const started = performance.now();
    expect(sorted(numbered(ids.toReversed(), numbered(ids)))).toEqual(ids.toReversed());
    expect(performance.now() - started).toBeLessThan(500);
  });
});
