import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createDayMeter } from '../../src/limits/day-meter.ts';
import type { DayUseRecord } from '../../src/storage/records.ts';

const HOUR = 3_600_000;
const DAY = 25 * HOUR;
const OWNER = 'token/t1';

/** What a relay that ran until `startAt` has kept, having brought 10 bytes in its first hour and 5 in its fourth. */
const keptOf = (startAt: number): readonly DayUseRecord[] => {
  const time = createVirtualTime(startAt);
  const meter = createDayMeter(time, []);
  meter.note(OWNER, 10);
  time.advance(3 * HOUR);
  meter.note(OWNER, 5);
  return meter.takeChanged();
};

const START = Date.UTC(2026, 4, 17, 9, 20);

describe('the bytes of a day over a restart', () => {
  it('[P22] count on from where they were, hour by hour, however often it is restarted', () => {
    let kept = keptOf(START);
    for (let minutes = 0; minutes < 60; minutes += 7) {
      const time = createVirtualTime(START + 4 * HOUR + minutes * 60_000);
      const meter = createDayMeter(time, kept);
      expect(meter.waitMs(OWNER, 15)).toBeGreaterThan(19 * HOUR);
      expect(meter.waitMs(OWNER, 16)).toBe(0);
      meter.giveBack(kept);
      kept = meter.takeChanged();
    }
    expect(kept).toEqual(keptOf(START));
    // the first hour’s have gone a day after it, those of the fourth three hours later
    const meter = createDayMeter(createVirtualTime(START + DAY), kept);
    expect(meter.waitMs(OWNER, 6)).toBe(0);
    expect(meter.waitMs(OWNER, 5)).toBeGreaterThan(2 * HOUR);
    expect(meter.waitMs(OWNER, 5)).toBeLessThanOrEqual(3 * HOUR);
  });

  it('[P25] a wall clock that was set back between two runs puts nothing into the future; one that jumps meanwhile is not seen', () => {
    const time = createVirtualTime(START - 30 * 24 * HOUR);
    const meter = createDayMeter(time, keptOf(START));
    expect(meter.waitMs(OWNER, 15)).toBeLessThanOrEqual(DAY);
    expect(meter.waitMs(OWNER, 16)).toBe(0);
    time.jumpClock(10 * DAY);
    expect(meter.waitMs(OWNER, 15)).toBeGreaterThan(23 * HOUR);
    time.advance(DAY);
    expect(meter.waitMs(OWNER, 1)).toBe(0);
  });

  it('tells what has changed once, and owners that were quiet for a day as gone', () => {
    const time = createVirtualTime(START);
    const meter = createDayMeter(time, keptOf(START - DAY));
    expect(meter.takeChanged()).toEqual([]);
    meter.note('event/e1', 3);
    expect(meter.takeChanged().map(({ owner }) => owner)).toEqual(['event/e1']);
    expect(meter.takeChanged()).toEqual([]);
    time.advance(4 * HOUR);
    expect(meter.takeChanged()).toEqual([{ owner: OWNER, hours: [] }]);
    expect(createDayMeter(createVirtualTime(START + 3 * DAY), keptOf(START)).takeChanged()).toEqual([
      { owner: OWNER, hours: [] },
    ]);
  });
});
