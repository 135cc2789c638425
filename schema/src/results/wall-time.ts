/**
 * Reader times are wall times: what a clock at the venue shows, without a zone. Here they are
 * milliseconds since 1970-01-01T00:00 of that same wall, so that differences are elapsed times.
 * A reader's clock runs on through a change to or from summer time, and so does this arithmetic:
 * only the gun start is converted, once, with the offset that holds at the start.
 */

const WALL = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/;

/** A time as written: on the wall, or with a zone an instant. */
export type WrittenTime =
  | { readonly type: 'wall'; readonly ms: number }
  | { readonly type: 'instant'; readonly ms: number };

const zoneMinutes = (zone: string): number => {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
};

/** Parses `YYYY-MM-DDTHH:MM[:SS[.fff]][Z|±HH:MM]`; null when it is no such time or no such day. */
export const parseTime = (text: string): WrittenTime | null => {
  const match = WALL.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone] = match;
  const days = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  const ofDay = new Date(days);
  if (ofDay.getUTCMonth() + 1 !== Number(month) || ofDay.getUTCDate() !== Number(day)) return null;
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const ms = days + ((hours * 60 + minutes) * 60 + seconds) * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  return zone === undefined ? { type: 'wall', ms } : { type: 'instant', ms: ms - zoneMinutes(zone) * 60_000 };
};

/** Whether this is an IANA zone (or another name) that this machine knows. */
export const isTimezone = (timezone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
};

/** What the wall of a zone shows at an instant. */
export type Wall = (instantMs: number) => number;

/** All offsets in use are multiples of a quarter of an hour, and so are the instants at which they change. */
const QUARTER_MS = 900_000;

/** The wall of an IANA zone. Throws on an unknown one: whoever took the name in has checked it. */
export const wallOf = (timezone: string): Wall => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsetAt = (instantMs: number): number => {
    const part = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
    return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - instantMs;
  };
  let known = { quarter: Number.NaN, offset: 0 };
  return (instantMs) => {
    const quarter = Math.floor(instantMs / QUARTER_MS);
    if (quarter !== known.quarter) known = { quarter, offset: offsetAt(quarter * QUARTER_MS) };
    return instantMs + known.offset;
  };
};

/** A written time on the wall of the zone; null when it cannot be parsed. */
export const wallMs = (text: string, wall: Wall): number | null => {
  const time = parseTime(text);
  if (time === null) return null;
  return time.type === 'wall' ? time.ms : wall(time.ms);
};
