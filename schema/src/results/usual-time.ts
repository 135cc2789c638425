import { parseTime } from './wall-time.ts';

const ZERO = 48;
/** `YYYY-MM-DDTHH:MM:SS.mmm`: where something else than a digit stands. */
const MARKS = [
  [4, '-'],
  [7, '-'],
  [10, 'T'],
  [13, ':'],
  [16, ':'],
  [19, '.'],
] as const;
const LENGTH = 23;

/** NaN when one is no digit. */
const number = (text: string, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

/** When a day begins; null when there is no such day. */
const beginOf = (day: string): number | null => parseTime(`${day}T00:00`)?.ms ?? null;

/**
 * Reads times as Baton's own parsers write them, in ms as `parseTime`; null: it is not of that form, or no time. A
 * million reads have one or two days, so a day is parsed once.
 */
export const createUsualTimes = (): ((text: string) => number | null) => {
  let known = { number: -1, begin: 0 };

  const dayOf = (text: string): number | null => {
    const day = number(text, 0, 4) * 10_000 + number(text, 5, 7) * 100 + number(text, 8, 10);
    // below it the year would be written by another number of digits
    if (!(day >= 10_000_000)) return null;
    if (day === known.number) return known.begin;
    const begin = beginOf(text.slice(0, 10));
    if (begin !== null) known = { number: day, begin };
    return begin;
  };

  return (text) => {
    if (text.length !== LENGTH || MARKS.some(([at, mark]) => text[at] !== mark)) return null;
    const [hours, minutes, seconds] = [number(text, 11, 13), number(text, 14, 16), number(text, 17, 19)];
    const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + number(text, 20, LENGTH);
    const isTime = hours <= 23 && minutes <= 59 && seconds <= 59 && !Number.isNaN(ms);
    const begin = isTime ? dayOf(text) : null;
    return begin === null ? null : begin + ms;
  };
};
