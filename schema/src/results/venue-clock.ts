import { wallMs, wallOf } from './wall-time.ts';

/**
 * Walls of one event, told in ms since the midnight at which its day begins: near the race such numbers are small, and
 * small whole numbers cost a record no memory of their own.
 */
export interface VenueClock {
  readonly timezone: string;
  readonly date: string;
  /** That midnight, on the wall. */
  readonly base: number;
  /** What the wall shows at an instant. */
  readonly wallAt: (instantMs: number) => number;
  /** A written time on the wall; NaN when it is none. */
  readonly wallOfText: (text: string) => number;
}

export const venueClock = (timezone: string, date: string): VenueClock => {
  const wall = wallOf(timezone);
  const day = Date.parse(`${date}T00:00:00Z`);
  const base = Number.isNaN(day) ? 0 : day;
  return {
    timezone,
    date,
    base,
    wallAt: (instantMs) => wall(instantMs) - base,
    wallOfText: (text) => (wallMs(text, wall) ?? Number.NaN) - base,
  };
};
