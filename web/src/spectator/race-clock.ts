import { wallMs, wallOf } from '@baton/schema/feed';
import type { EventStatus } from './public-body.ts';

/** Where a race stands by the clock: `ms` since the gun, below 0 before it. Null: it has no start, or an unknown zone. */
export const raceClockMs = (startAt: string | null, timezone: string, now: number): number | null => {
  if (startAt === null) return null;
  try {
    const wall = wallOf(timezone);
    const gun = wallMs(startAt, wall);
    return gun === null ? null : wall(now) - gun;
  } catch (error) {
    // a zone that this device does not know
    if (error instanceof RangeError) return null;
    throw error;
  }
};

const two = (value: number): string => String(value).padStart(2, '0');

/** `h:mm:ss`, whole seconds that have gone by. */
export const runningText = (ms: number): string => {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
};

/** A race clock is looked at for so long; older races show none. */
const LONGEST_RACE_MS = 48 * 3_600_000;

/**
 * Whether the clock says anything that is so: it runs while the race does, and counts down to it before. A gun's time that has
 * gone by without a start is none: the race is late.
 */
export const isClockShown = (status: EventStatus, ms: number): boolean =>
  Math.abs(ms) <= LONGEST_RACE_MS && (status === 'running' || (status === 'startlist' && ms < 0));
