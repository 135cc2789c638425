import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createUsualTimes } from '../../src/results/usual-time.ts';
import { parseTime } from '../../src/results/wall-time.ts';

const two = fc.integer({ min: 0, max: 99 }).map((value) => `${value}`.padStart(2, '0'));

/** Mostly times; each part may be beyond its range. */
const someText = fc
  .record({
    year: fc.constantFrom('2026', '2024', '1999', '1000', '0999', '9999', '20x6'),
    month: fc.constantFrom('01', '02', '12', '13', '00', '1 '),
    day: fc.oneof(fc.constantFrom('01', '28', '29', '30', '31'), two),
    separator: fc.constantFrom('T', 'T', 'T', ' '),
    time: fc.oneof(
      fc.constantFrom('23:59:59', '00:00:00', '24:00:00', '12:60:00'),
      fc.tuple(two, two, two).map((it) => it.join(':')),
    ),
    rest: fc.constantFrom('.000', '.999', '.5', '', '.123Z', ',123', '.1x3', '.1234'),
  })
  .map(({ year, month, day, separator, time, rest }) => `${year}-${month}-${day}${separator}${time}${rest}`);

describe('times as readers mostly write them', () => {
  it('are what the general parser reads, and are written again as they were', () => {
    const usual = createUsualTimes();
    fc.assert(
      fc.property(someText, (text) => {
        const ms = usual(text);
        if (ms === null) return;
        expect(parseTime(text)).toEqual({ type: 'wall', ms });
        expect(new Date(ms).toISOString().slice(0, 23)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('are not taken for others', () => {
    const usual = createUsualTimes();
    expect(usual('2026-03-06T10:00:00.250')).toBe(Date.UTC(2026, 2, 6, 10, 0, 0, 250));
    for (const text of ['2026-03-06T10:00:00.25', '2026-03-06 10:00:00.250', '2026-02-30T10:00:00.250', '', 'soon']) {
      expect(usual(text)).toBeNull();
    }
  });
});
