import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createShardedMap, differentParts } from '../../src/doc/sharded-map.ts';

const filled = (count: number) => {
  const map = createShardedMap<string, number>();
  for (let n = 0; n < count; n++) map.set(`#${n}`, n);
  return map;
};

describe('a map in parts', () => {
  it('is the map that its changes make, and so is each snapshot for ever', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('set' as const), key: fc.integer({ min: 0, max: 30 }), value: fc.nat(5) }),
      fc.record({ type: fc.constant('delete' as const), key: fc.integer({ min: 0, max: 30 }) }),
      fc.record({ type: fc.constant('snapshot' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const map = createShardedMap<string, number>();
        const model = new Map<string, number>();
        const taken: (readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>])[] = [];
        for (const it of steps) {
          if (it.type === 'snapshot') taken.push([map.snapshot(), new Map(model)]);
          else if (it.type === 'set') {
            map.set(`#${it.key}`, it.value);
            model.set(`#${it.key}`, it.value);
          } else {
            map.delete(`#${it.key}`);
            model.delete(`#${it.key}`);
          }
        }
        for (const [seen, wanted] of [...taken, [map, model] as const]) {
          expect(new Map(seen)).toEqual(wanted);
          expect(seen.size).toBe(wanted.size);
          for (const key of wanted.keys()) expect(seen.get(key)).toBe(wanted.get(key));
          expect([...seen.keys()].every((key) => seen.has(key))).toBe(true);
          expect(seen.has('#99')).toBe(false);
          expect([...seen.values()].sort()).toEqual([...wanted.values()].sort());
        }
      }),
    );
  });

  it('[P16] an edit of one of 55,000 copies a part of some hundred, and leaves the others in common', () => {
    const map = filled(55_000);
    const before = map.snapshot();
    map.set('#777', -1);
    const parts = [...differentParts(before, map.snapshot())];
    expect(parts).toHaveLength(1);
    const [[old, now]] = parts as [[ReadonlyMap<string, number>, ReadonlyMap<string, number>]];
    expect(old.size).toBeLessThan(1000);
    expect([old.get('#777'), now.get('#777')]).toEqual([777, -1]);
  });

  it('has no part in common with a map of another make', () => {
    const [map, other] = [filled(3).snapshot(), new Map([['#1', 1]])];
    expect([...differentParts(map, other)]).toEqual([[map, other]]);
    expect([...differentParts(map, map)]).toEqual([]);
  });
});
