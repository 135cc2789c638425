import { describe, expect, it } from 'vitest';
import { isTimezone, wallMs, wallOf } from '../../src/results/index.ts';
import { parseTime } from '../../src/results/wall-time.ts';

const wall = (text: string, timezone = 'Europe/Berlin'): string | null => {
  const ms = wallMs(text, wallOf(timezone));
  return ms === null ? null : new Date(ms).toISOString().slice(0, 23);
};

describe('written times', () => {
  it.each([
    ['2026-03-06T20:27:47.350', '2026-03-06T20:27:47.350'],
    ['2026-03-06 20:27:47', '2026-03-06T20:27:47.000'],
    ['2026-03-06T20:27', '2026-03-06T20:27:00.000'],
    ['2026-03-06T20:27:47,5', '2026-03-06T20:27:47.500'],
    ['2026-03-06T20:27:47.123456789', '2026-03-06T20:27:47.123'],
    ['2024-02-29T00:00:00', '2024-02-29T00:00:00.000'],
  ])('%s without a zone is what the wall shows', (text, expected) => {
    expect(wall(text)).toBe(expected);
    expect(wall(text, 'Asia/Kathmandu')).toBe(expected);
  });

  it.each([
    ['2026-03-06T09:00:00Z', 'Europe/Berlin', '2026-03-06T10:00:00.000'],
    ['2026-03-06T09:00:00.250Z', 'Asia/Kathmandu', '2026-03-06T14:45:00.250'],
    ['2026-03-06T10:00:00+01:00', 'Europe/Berlin', '2026-03-06T10:00:00.000'],
    ['2026-03-06T04:00:00-0500', 'Europe/Berlin', '2026-03-06T10:00:00.000'],
    ['2026-03-29T00:59:59Z', 'Europe/Berlin', '2026-03-29T01:59:59.000'],
    ['2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29T03:00:00.000'],
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25T02:30:00.000'],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25T02:30:00.000'],
    ['2026-12-31T23:30:00Z', 'Pacific/Auckland', '2027-01-01T12:30:00.000'],
    ['2026-04-04T15:59:00Z', 'Australia/Lord_Howe', '2026-04-05T02:29:00.000'],
  ])('%s is shown on the wall of %s as %s', (text, timezone, expected) => {
    expect(wall(text, timezone)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '2026-02-30T10:00:00',
    '2026-13-01T10:00:00',
    '2026-00-01T10:00:00',
    '2026-03-06T24:00:00',
    '2026-03-06T10:60:00',
    '2026-03-06T10:00:60',
    '2026-03-06',
    '1477419456.803',
    '2026-03-06T10:00:00.Z',
    ' 2026-03-06T10:00:00',
    `2026-03-06T10:00:00.${'1'.repeat(100_000)}`,
  ])('%.30s is no time', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it('knows zones by name', () => {
    expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires'].map(isTimezone)).toEqual([true, true, true]);
    expect(['', 'Mars/Olympus', '../etc', '__proto__'].map(isTimezone)).toEqual([false, false, false, false]);
  });
});
