import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeededRandom, withSeed } from '../src/seeded-random.ts';

const draw = (seed: number, count = 20): readonly number[] => {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, () => random.next());
};

describe('seeded random', () => {
  it('gives the same numbers for the same seed, on every machine, and others for another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(createSeededRandom(7).int(0, 1_000_000)).toBe(348337);
  });

  it('stays in its ranges', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.integer({ min: -50, max: 50 }),
        fc.nat({ max: 100 }),
        (seed, from, size) => {
          const random = createSeededRandom(seed);
          const next = random.next();
          const int = random.int(from, from + size);
          expect(next >= 0 && next < 1).toBe(true);
          expect(Number.isInteger(int) && int >= from && int <= from + size).toBe(true);
          expect([...random.shuffled([1, 2, 3, 4])].sort()).toEqual([1, 2, 3, 4]);
          expect([1, 2, 3]).toContain(random.pick([1, 2, 3]));
          expect(random.bytes(size)).toHaveLength(size);
        },
      ),
    );
  });

  it('is spread evenly', () => {
    const random = createSeededRandom(1);
    const counts = new Array<number>(10).fill(0);
    for (let at = 0; at < 10_000; at++) {
      const bucket = random.int(0, 9);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('splits into streams that do not depend on how much was drawn', () => {
    const one = createSeededRandom(5);
    const other = createSeededRandom(5);
    other.next();
    expect(one.split('a').next()).toBe(other.split('a').next());
    expect(one.split('a').next()).not.toBe(one.split('b').next());
  });

  it('a failing run says how to repeat it', async () => {
    const run = withSeed(async (random) => {
      if (random.seed === 42) throw new Error('unlucky');
    }, 42);
    await expect(run).rejects.toThrow('failed with seed 42; repeat it with BATON_SEED=42');
  });
});
