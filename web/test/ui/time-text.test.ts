import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agoText,
  clockText,
  countText,
  dateText,
  dayAndClockText,
  gapText,
  plural,
  raceTimeText,
  titleWithYear,
} from '../../src/ui/time-text.ts';

describe('race times', () => {
  it.each([
    [0, '0:00.0'],
    [100, '0:00.1'],
    [61_000, '1:01.0'],
    [3_599_900, '59:59.9'],
    [3_599_910, '1:00:00.0'],
    [36_610_000, '10:10:10.0'],
    [-1500, '−0:01.5'],
  ])('%i ms reads %s', (ms, text) => {
    expect(raceTimeText(ms)).toBe(text);
  });

  it('never shows a faster time than was run', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400_000_000 }), (ms) => {
        const parts = raceTimeText(ms).split(':').map(Number);
        const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
        const shown = Math.round(seconds * 1000);
        expect(shown).toBeGreaterThanOrEqual(ms);
        expect(shown - ms).toBeLessThan(100);
      }),
    );
  });

  it('writes a dash where there is no time', () => {
    expect(raceTimeText(null)).toBe('–');
    expect(raceTimeText(Number.NaN)).toBe('–');
    expect(gapText(null)).toBe('–');
  });

  it('writes a gap with a plus, and nothing for the first', () => {
    expect(gapText(12_340)).toBe('+0:12.4');
    expect(gapText(0)).toBe('');
  });
});

describe('instants', () => {
  const at = Date.UTC(2026, 2, 14, 8, 5, 9);

  it('shows the time of day in the event’s zone', () => {
    expect(clockText(at, 'Europe/Berlin')).toBe('09:05:09');
    expect(clockText(at, 'America/New_York')).toBe('04:05:09');
    expect(clockText(Date.UTC(2026, 0, 1), 'UTC')).toBe('00:00:00');
    expect(dayAndClockText(at, 'UTC')).toBe('14 Mar, 08:05:09');
  });

  it('falls back to the device’s zone when nobody knows the one given', () => {
    expect(clockText(at, 'Mars/Olympus')).toBe(clockText(at));
  });

  it('shows dates in words, and what is no date as it is', () => {
    expect(dateText('2026-03-14')).toBe('Saturday, 14 March 2026');
    expect(dateText('soon')).toBe('soon');
    expect(dateText('2026-99-99')).toBe('2026-99-99');
  });

  it('puts the year into a title once', () => {
    expect(titleWithYear('Spring Run', '2026-03-14')).toBe('Spring Run 2026');
    expect(titleWithYear('Spring Run 2026', '2026-03-14')).toBe('Spring Run 2026');
    expect(titleWithYear('Spring Run', '?')).toBe('Spring Run');
  });

  it.each([
    [0, 'just now'],
    [12_000, '12 s ago'],
    [185_000, '3 min ago'],
    [7_300_000, '2 h ago'],
    [400_000_000, '4 days ago'],
  ])('says that %i ms are %s', (age, text) => {
    expect(agoText(at - age, at)).toBe(text);
  });

  it('says never where nothing has come', () => {
    expect(agoText(null, at)).toBe('never');
  });
});

it('counts in words', () => {
  expect(countText(1_234_567)).toBe('1,234,567');
  expect(plural(1, 'read')).toBe('1 read');
  expect(plural(12_000, 'read')).toBe('12,000 reads');
  expect(plural(2, 'entry', 'entries')).toBe('2 entries');
});
