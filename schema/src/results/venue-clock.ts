import { createUsualTimes } from './usual-time.ts';
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
  /** A time in the form in which readers' times are mostly written (`usual-time.ts`); null: in another one, or none. */
  readonly wallOfUsual: (text: string) => number | null;
  /** A written time on the wall; null when it is none. */
  readonly wallOfText: (text: string) => number | null;
}

/** The same number, as one that takes no memory of its own where it is small enough: 24 days of milliseconds are. */
export const compact = (value: number): number => {
  const small = value | 0;
  return small === value ? small : value;
};

export const venueClock = (timezone: string, date: string): VenueClock => {
  const wall = wallOf(timezone);
  const day = Date.parse(`${date}T00:00:00Z`);
  const base = Number.isNaN(day) ? 0 : day;
  const usual = createUsualTimes();
  const relative = (ms: number | null): number | null => (ms === null ? null : compact(ms - base));
  return {
    timezone,
    date,
    base,
    wallAt: (instantMs) => wall(instantMs) - base,
    wallOfUsual: (text) => relative(usual(text)),
    wallOfText: (text) => relative(wallMs(text, wall)),
  };
};
