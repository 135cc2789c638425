/** Bytes by the hour, oldest first, of a clock that only goes forward: no wall clock that jumps gives or takes a day. */
export type DayUse = readonly HourUse[];

interface HourUse {
  readonly hour: number;
  readonly bytes: number;
}

const HOUR_MS = 3_600_000;
/** An hour counts as a whole: with one more than a day has, whatever came within 24 hours is counted. */
const HOURS = 25;

export const NOTHING_USED: DayUse = [];

/** @param at milliseconds of that clock */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/** What still counts: the present hour and the 24 before it. */
export const withinDay = (use: DayUse, at: number): DayUse => use.filter((it) => it.hour > hourOf(at) - HOURS);

export const noteBytes = (use: DayUse, bytes: number, at: number): DayUse => {
  const hour = hourOf(at);
  const recent = withinDay(use, at);
  const last = recent.at(-1);
  if (last?.hour !== hour) return [...recent, { hour, bytes }];
  return [...recent.slice(0, -1), { hour, bytes: last.bytes + bytes }];
};

/**
 * Milliseconds until something may come again; 0: now. Whatever comes before the amount is used up is taken whole, so that
 * nothing is too large to come at all.
 */
export const waitMs = (use: DayUse, limit: number, at: number): number => {
  const recent = withinDay(use, at);
  let used = recent.reduce((sum, it) => sum + it.bytes, 0);
  for (const it of recent) {
    if (used < limit) break;
    used -= it.bytes;
    if (used < limit) return (it.hour + HOURS) * HOUR_MS - at;
  }
  return 0;
};
