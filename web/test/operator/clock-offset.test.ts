import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOffsetText, parseClockOffset } from '../../src/operator/clock-offset.ts';

describe('the correction of a reader’s clock', () => {
  it.each([
    ['', 0],
    ['2.5', 2500],
    ['+90', 90_000],
    ['-1:00:00', -3_600_000],
    ['-0:30', -30_000],
    ['+3 d 0:00:01', 3 * 86_400_000 + 1000],
    ['2026-05-17 09:30:02,5 = 2026-05-17 09:30:00', -2500],
    ['2000-01-01T00:00:00 = 2000-02-01T00:00:00', 31 * 86_400_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseClockOffset(text)).toBe(ms);
  });

  it.each([
    'soon',
    '+',
    '1:2:3:4',
    '09:30 = 10:30',
    '2026-05-17 09:30 = ',
    '=',
    '2000-01-01 = 2026-01-01',
    '1e9',
    '+-5',
    '2026-05-17 09:30Z = 2026-05-17 09:30',
  ])('%s is none', (text) => {
    expect(parseClockOffset(text)).toBeNull();
  });

  it('is shown so that it can be typed again', () => {
    expect(clockOffsetText(-3_602_500)).toBe('-1:00:02.5');
    expect(clockOffsetText(832_324_650_000)).toBe('+9633 d 9:17:30');
    fc.assert(
      fc.property(fc.integer({ min: -3_155_760_000_000, max: 3_155_760_000_000 }), (ms) => {
        expect(parseClockOffset(clockOffsetText(ms))).toBe(ms);
      }),
    );
  });
});
