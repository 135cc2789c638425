import { NO_TIME, raceTimeText } from './race-text.ts';

export { NO_TIME, raceTimeText, titleWithYear } from './race-text.ts';

/**
 * How times are written on every page; pure, so that the same number never reads in two ways.
 * Durations are milliseconds, instants milliseconds since the Unix epoch.
 */

/** The gap to the first: `+0:12.4`; nothing for the first. */
export const gapText = (ms: number | null): string => {
  if (ms === null || !Number.isFinite(ms)) return NO_TIME;
  return ms <= 0 ? '' : `+${raceTimeText(ms)}`;
};

/** Time of day `hh:mm:ss` in a zone; the device's own without one. A zone nobody knows counts as none. */
export const clockText = (at: number, timezone?: string): string => formatter('clock', timezone).format(at);

/** `14 Mar, 09:30:00` in a zone. */
export const dayAndClockText = (at: number, timezone?: string): string =>
  `${formatter('day', timezone).format(at)}, ${clockText(at, timezone)}`;

const SHAPES = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** Making a formatter costs a hundred times what using one does, and a table of reads uses it per row. */
const formatters = new Map<string, Intl.DateTimeFormat>();
/** Zones come from outside. */
const MAX_FORMATTERS = 64;

const formatter = (shape: keyof typeof SHAPES, timezone: string | undefined): Intl.DateTimeFormat => {
  const key = `${shape} ${timezone ?? ''}`;
  const known = formatters.get(key);
  if (known !== undefined) return known;
  const made = makeFormatter(SHAPES[shape], timezone);
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(key, made);
  return made;
};

const makeFormatter = (options: Intl.DateTimeFormatOptions, timezone: string | undefined): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat('en-GB', timezone === undefined ? options : { ...options, timeZone: timezone });
  } catch (error) {
    if (error instanceof RangeError) return new Intl.DateTimeFormat('en-GB', options);
    throw error;
  }
};

/** `YYYY-MM-DD` as `Saturday, 14 March 2026`; what is no date is shown as it is. */
export const dateText = (date: string): string => {
  const at = Date.parse(`${date}T00:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(at)) return date;
  const options = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(at);
};

/** How long ago, coarse enough to be read at a glance: `just now`, `12 s ago`, `3 min ago`, `2 h ago`, `4 days ago`. */
export const agoText = (at: number | null, now: number): string => {
  if (at === null) return 'never';
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
};

const counts = new Intl.NumberFormat('en-GB');

/** `12,345`. */
export const countText = (count: number): string => counts.format(count);

/** `1 read`, `2 reads`. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;
