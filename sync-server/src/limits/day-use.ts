/**
 * Bytes by the hour, of a clock that only goes forward: no wall clock that jumps gives or takes a day. Looked at for each
 * message, so what came before the present hour is summed up once an hour.
 */
export interface DayUse {
  /** The hour that was noted last. */
  readonly hour: number;
  readonly bytes: number;
  /** What still counted when it began, oldest first, and the sum of it. */
  readonly earlier: readonly HourUse[];
  readonly earlierBytes: number;
}

export interface HourUse {
  readonly hour: number;
  readonly bytes: number;
}

const HOUR_MS = 3_600_000;
/** An hour counts as a whole: with one more than a day has, whatever came within 24 hours is counted. */
const HOURS = 25;

export const NOTHING_USED: DayUse = { hour: 0, bytes: 0, earlier: [], earlierBytes: 0 };

const sumOf = (hours: readonly HourUse[]): number => hours.reduce((sum, it) => sum + it.bytes, 0);

/** Use that goes on from what was noted before `hour`. */
export const usedBefore = (earlier: readonly HourUse[], hour: number, bytes: number): DayUse => ({
  hour,
  bytes,
  earlier,
  earlierBytes: sumOf(earlier),
});

/** @param at milliseconds of that clock */
export const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/** What still counts: the present hour and the 24 before it. */
export const withinDay = ({ earlier, hour, bytes }: DayUse, at: number): readonly HourUse[] =>
  [...earlier, { hour, bytes }].filter((it) => it.bytes > 0 && it.hour > hourOf(at) - HOURS);

export const noteBytes = (use: DayUse, bytes: number, at: number): DayUse => {
  const hour = hourOf(at);
  return hour === use.hour ? { ...use, bytes: use.bytes + bytes } : usedBefore(withinDay(use, at), hour, bytes);
};

/**
 * Milliseconds until something may come again; 0: now. Whatever comes before the amount is used up is taken whole, so that
 * nothing is too large to come at all.
 */
export const waitMs = (use: DayUse, limit: number, at: number): number => {
  // what has gone since it was noted makes it less
  if (use.earlierBytes + use.bytes < limit) return 0;
  const recent = withinDay(use, at);
  let used = sumOf(recent);
  for (const it of recent) {
    if (used < limit) break;
    used -= it.bytes;
    if (used < limit) return (it.hour + HOURS) * HOUR_MS - at;
  }
  return 0;
};
