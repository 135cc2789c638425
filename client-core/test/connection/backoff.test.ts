import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffBound, backoffDelay, DEFAULT_BACKOFF } from '../../src/connection/backoff.ts';

describe('back-off', () => {
  it('[EF-16] doubles from 1 s and stays at 30 s', () => {
    const bounds = [0, 1, 2, 3, 4, 5, 6, 50, 5000].map((attempt) => backoffBound(attempt, DEFAULT_BACKOFF));
    expect(bounds).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]);
  });

  it('[P20] jitters over the whole range, never beyond it', () => {
    const delay = fc.record({
      attempt: fc.nat(100),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    fc.assert(
      fc.property(delay, ({ attempt, random }) => {
        const ms = backoffDelay(attempt, random);
        return ms >= 0 && ms <= backoffBound(attempt, DEFAULT_BACKOFF);
      }),
    );
    expect(backoffDelay(3, 0)).toBe(0);
    expect(backoffDelay(3, 0.5)).toBe(4000);
  });
});
