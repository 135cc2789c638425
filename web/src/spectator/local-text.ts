import { raceTimeText as neutralTimeText } from '../ui/race-text.ts';
import { language, locale, say, timezone } from './words.ts';

/** Numbers, days and times as the page's language writes them. */

const formatters = new Map<string, Intl.DateTimeFormat>();
/** Zones come from outside. */
const MAX_FORMATTERS = 32;

const SHAPES = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  day: { day: 'numeric', month: 'short' },
  date: { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

const make = (shape: keyof typeof SHAPES, zone: string | undefined): Intl.DateTimeFormat => {
  try {
    return new Intl.DateTimeFormat(locale(), {
      ...SHAPES[shape],
      ...(zone === undefined ? {} : { timeZone: zone }),
    });
  } catch (error) {
    // a zone that this device does not know
    if (error instanceof RangeError) return new Intl.DateTimeFormat(locale(), SHAPES[shape]);
    throw error;
  }
};

const format = (shape: keyof typeof SHAPES, at: number, zone = timezone()): string => {
  const key = `${locale()} ${shape} ${zone ?? ''}`;
  const known = formatters.get(key) ?? make(shape, zone);
  if (formatters.size >= MAX_FORMATTERS) formatters.clear();
  formatters.set(key, known);
  return known.format(at);
};

/** Time of day; without a zone that of who looks. */
export const clockText = (at: number, zone?: string): string => format('clock', at, zone);

/** Time of day where somebody looks, with the day where it was another than today: an old list must not look like today's. */
export const momentText = (at: number, now: number): string =>
  format('date', at) === format('date', now) ? clockText(at) : `${format('day', at)}, ${clockText(at)}`;

/** `YYYY-MM-DD` in words; what is no date is shown as it is. */
export const dateText = (date: string): string => {
  const at = Date.parse(`${date}T00:00:00Z`);
  return !/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(at) ? date : format('date', at, 'UTC');
};

export const countText = (count: number): string => count.toLocaleString(locale());

/** As every page of Baton writes race times, with the decimal sign of the language. */
export const raceTimeText = (ms: number | null): string => {
  const text = neutralTimeText(ms);
  return language() === 'de' ? text.replace('.', ',') : text;
};

export const gapText = (ms: number | null): string => (ms === null || ms <= 0 ? '' : `+${raceTimeText(ms)}`);

export const rankText = (rank: number | null): string => (rank === null ? '' : `${countText(rank)}.`);

export const runnersText = (count: number): string =>
  count === 1 ? say('runner') : say('runners', { n: countText(count) });

/** How long ago, coarse enough to be read at a glance. */
export const agoText = (at: number, now: number): string => {
  const seconds = Math.max(0, Math.floor((now - at) / 1000));
  if (seconds < 60) return say('seconds', { n: seconds });
  if (seconds < 3600) return say('minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return say('hours', { n: Math.floor(seconds / 3600) });
  return say('days', { n: Math.floor(seconds / 86_400) });
};
