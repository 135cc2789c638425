import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayUse, NOTHING_USED, noteBytes, waitMs } from '../../src/limits/day-use.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** When an hour has gone for sure. */
const GONE = DAY + HOUR;

/** As the relay does it: what comes while something is left is taken whole. */
const play = (coming: readonly { readonly at: number; readonly bytes: number }[], limit: number) => {
  let use: DayUse = NOTHING_USED;
  const taken: { readonly at: number; readonly bytes: number }[] = [];
  for (const it of coming) {
    if (waitMs(use, limit, it.at) > 0) continue;
    use = noteBytes(use, it.bytes, it.at);
    taken.push(it);
  }
  return { use, taken };
};

describe('bytes of a day', () => {
  it('nothing waits until they are used up, and then until the hour that used them has gone', () => {
    const use = noteBytes(noteBytes(NOTHING_USED, 60, 0), 40, 5 * HOUR);
    expect(waitMs(use, 101, 5 * HOUR)).toBe(0);
    expect(waitMs(use, 100, 5 * HOUR)).toBe(GONE - 5 * HOUR);
    expect(waitMs(use, 40, 5 * HOUR)).toBe(GONE);
    expect(waitMs(use, 100, GONE)).toBe(0);
  });

  it('one thing that is larger than all of them is taken, and nothing behind it', () => {
    const { taken } = play(
      [
        { at: 0, bytes: 5000 },
        { at: 1, bytes: 1 },
        { at: GONE, bytes: 2 },
      ],
      100,
    );
    expect(taken.map((it) => it.bytes)).toEqual([5000, 2]);
  });

  it('[P18] within any 24 hours no more is taken than the amount and one thing more, and the wait it tells is enough', () => {
    const coming = fc.array(fc.record({ after: fc.nat(3 * HOUR), bytes: fc.integer({ min: 1, max: 50 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(coming, fc.integer({ min: 1, max: 400 }), (steps, limit) => {
        let at = 0;
        const times = steps.map(({ after, bytes }) => {
          at += after;
          return { at, bytes };
        });
        const { use, taken } = play(times, limit);
        for (const last of taken) {
          const within = taken.filter((it) => it.at <= last.at && it.at > last.at - DAY);
          const sum = within.reduce((all, it) => all + it.bytes, 0);
          expect(sum).toBeLessThan(limit + last.bytes);
        }
        expect(waitMs(use, limit, at + waitMs(use, limit, at))).toBe(0);
        expect(use.earlier.length).toBeLessThanOrEqual(24);
        expect(use.earlierBytes).toBe(use.earlier.reduce((sum, { bytes }) => sum + bytes, 0));
      }),
    );
  });
});
