import { hexValue, type ReadKind } from './ipico-line.ts';
import type { Read } from './read.ts';

/**
 * An IPICO line as numbers, for the columns of a batch, and back. Both ways give the same bytes: a
 * line whose bytes or derived fields would not come back exactly is none of these.
 *
 * This is the inner loop of every batch, so it reads codes and keeps the last day and second; the
 * readable description of a line, with its errors, is `ipico-line.ts`.
 */
export interface IpicoColumns extends TagDigits, LineColumns {}

/** First and last six hex digits of a tag. */
export interface TagDigits {
  readonly tagHigh: number;
  readonly tagLow: number;
}

/** All of a line but its tag. */
export interface LineColumns {
  /** 1 + kind (0 RAW, 1 FS, 2 LS) + 3 × (long form) + 6 × (upper-case hex): 1 to 12. */
  readonly form: number;
  readonly readerId: number;
  /** I count × 256 + Q count. */
  readonly counts: number;
  /** Reader-local wall time in hundredths of a second, as in `IpicoLine`. */
  readonly wall: number;
  /** The long form's six digits; 0 in a short one. */
  readonly extra: number;
}

const KINDS: readonly ReadKind[] = ['RAW', 'FS', 'LS'];
export const LAST_FORM = 12;

export const kindOfForm = (form: number): ReadKind => KINDS[(form - 1) % 3] ?? 'RAW';
export const isLongForm = (form: number): boolean => (form - 1) % 6 >= 3;
const isUpperForm = (form: number): boolean => form > 6;

const SHORT = 36;
const LONG = 42;
const DAY = 8_640_000;

/** 2000-01-01 and 2100-01-01: what two digits of a year can say. */
export const WALL_FROM = Date.UTC(2000, 0, 1) / 10;
export const WALL_TO = Date.UTC(2100, 0, 1) / 10;

/** By code: value of a hex digit, with bits that tell decimal, lower-case and upper-case digits apart. */
const DECIMAL = 16;
const LOWER = 32;
const UPPER = 64;
const OTHER = 128;
const DIGITS = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = hexValue(code);
  if (value < 0) return OTHER;
  return value | (value < 10 ? DECIMAL : code >= 97 ? LOWER : UPPER);
});

const digit = (raw: Uint8Array, at: number): number => (DIGITS[raw[at] ?? 0] ?? 0) & 15;
const hex2 = (raw: Uint8Array, at: number): number => digit(raw, at) * 16 + digit(raw, at + 1);
const hex6 = (raw: Uint8Array, at: number): number =>
  (hex2(raw, at) << 16) | (hex2(raw, at + 2) << 8) | hex2(raw, at + 4);

/** Two characters that are decimal digits, or more than 99. */
const decimal2 = (raw: Uint8Array, at: number): number => {
  const tens = (raw[at] ?? 0) - 48;
  const ones = (raw[at + 1] ?? 0) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : 1000;
};

/** Where the checksum ends, by length and header; null: no read. */
const endOf = ({ 0: first, 1: second, length }: Uint8Array): number | null => {
  if (first !== 97 || second !== 97) return null;
  if (length === SHORT || length === SHORT + 2) return SHORT;
  return length === LONG || length === LONG + 2 ? LONG : null;
};

/** 0 RAW, 1 FS, 2 LS, -1 another suffix. */
const suffixAt = (raw: Uint8Array, end: number): number => {
  if (raw.length === end) return 0;
  if (raw[end + 1] !== 83) return -1;
  return raw[end] === 70 ? 1 : raw[end] === 76 ? 2 : -1;
};

/** Wall hundredths at a day's begin, or -1: no such day. */
const dayOf = (year: number, month: number, day: number): number => {
  const begin = Date.UTC(2000 + year, month - 1, day);
  const back = new Date(begin);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === day ? begin / 10 : -1;
};

/** `YYYY-MM-DDTHH:MM:SS.mmm` with the digits of the line. */
const isWallText = (text: string | null, raw: Uint8Array): boolean => {
  if (text?.length !== 23 || !text.startsWith('20')) return false;
  const hundredths = hex2(raw, 32);
  return (
    text.charCodeAt(2) === raw[20] &&
    text.charCodeAt(3) === raw[21] &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(5) === raw[22] &&
    text.charCodeAt(6) === raw[23] &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(8) === raw[24] &&
    text.charCodeAt(9) === raw[25] &&
    text.charCodeAt(10) === 84 &&
    text.charCodeAt(11) === raw[26] &&
    text.charCodeAt(12) === raw[27] &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(14) === raw[28] &&
    text.charCodeAt(15) === raw[29] &&
    text.charCodeAt(16) === 58 &&
    text.charCodeAt(17) === raw[30] &&
    text.charCodeAt(18) === raw[31] &&
    text.charCodeAt(19) === 46 &&
    text.charCodeAt(20) === 48 + Math.floor(hundredths / 10) &&
    text.charCodeAt(21) === 48 + (hundredths % 10) &&
    text.charCodeAt(22) === 48
  );
};

/** Sum of the codes and the kinds of digits in [2, end). */
const scanDigits = (raw: Uint8Array, end: number): { readonly sum: number; readonly kinds: number } => {
  let sum = 0;
  let kinds = 0;
  for (let at = 2; at < end; at++) {
    const code = raw[at] ?? 0;
    sum += code;
    kinds |= DIGITS[code] ?? OTHER;
  }
  return { sum: sum & 0xff, kinds };
};

/** The form of a line whose frame, digits and checksum are right, and whose kind is `kind`; else null. */
const formOf = (raw: Uint8Array, kind: string): number | null => {
  const end = endOf(raw);
  const suffix = end === null ? -1 : suffixAt(raw, end);
  if (end === null || suffix < 0 || kind !== KINDS[suffix]) return null;
  const { sum, kinds } = scanDigits(raw, end - 2);
  const sumKinds = (DIGITS[raw[end - 2] ?? 0] ?? OTHER) | (DIGITS[raw[end - 1] ?? 0] ?? OTHER);
  if (((kinds | sumKinds) & OTHER) !== 0 || sum !== hex2(raw, end - 2)) return null;
  const upper = (kinds & UPPER) !== 0;
  if ((sumKinds & UPPER) !== 0 || (upper && (kinds & LOWER) !== 0)) return null;
  return 1 + suffix + (end === LONG ? 3 : 0) + (upper ? 6 : 0);
};

/** Takes lines apart; the chip is compared by the caller, who knows the chips of the batch. */
export const createTakeApart = (): ((read: Read) => IpicoColumns | null) => {
  let lastDay = { key: -1, begin: -1 };

  const wallOf = (raw: Uint8Array): number => {
    const year = decimal2(raw, 20);
    const month = decimal2(raw, 22);
    const day = decimal2(raw, 24);
    const hour = decimal2(raw, 26);
    const minute = decimal2(raw, 28);
    const second = decimal2(raw, 30);
    if (year > 99 || month > 12 || day > 31 || hour > 23 || minute > 59 || second > 59) return -1;
    const key = (year * 100 + month) * 100 + day;
    if (key !== lastDay.key) lastDay = { key, begin: dayOf(year, month, day) };
    const hundredths = hex2(raw, 32);
    if (lastDay.begin < 0 || hundredths > 99) return -1;
    return lastDay.begin + ((hour * 60 + minute) * 60 + second) * 100 + hundredths;
  };

  return ({ raw, kind, readerTime }) => {
    const form = formOf(raw, kind);
    if (form === null || !isWallText(readerTime, raw)) return null;
    const wall = wallOf(raw);
    if (wall < 0) return null;
    return {
      form,
      readerId: hex2(raw, 2),
      tagHigh: hex6(raw, 4),
      tagLow: hex6(raw, 10),
      counts: hex2(raw, 16) * 256 + hex2(raw, 18),
      wall,
      extra: isLongForm(form) ? hex6(raw, 34) : 0,
    };
  };
};

const codes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const HEX_LOWER = codes('0123456789abcdef');
const HEX_UPPER = codes('0123456789ABCDEF');

/** Whether six characters from `at` are these hex digits. */
const isHex6 = (text: string, at: number, value: number): boolean => {
  for (let digitAt = 0; digitAt < 6; digitAt++) {
    if (text.charCodeAt(at + digitAt) !== HEX_LOWER[(value >> (20 - digitAt * 4)) & 15]) return false;
  }
  return true;
};

/** Whether `chip` is the text of this tag. */
export const isTagText = (chip: string, { tagHigh, tagLow }: TagDigits): boolean =>
  chip.length === 12 && isHex6(chip, 0, tagHigh) && isHex6(chip, 6, tagLow);

const hexText = (value: number): string => value.toString(16).padStart(6, '0');

export const tagText = ({ tagHigh, tagLow }: TagDigits): string => hexText(tagHigh) + hexText(tagLow);

const putHex2 = (line: Uint8Array, at: number, value: number, digits: Uint8Array): void => {
  line[at] = digits[(value >> 4) & 15] ?? 0;
  line[at + 1] = digits[value & 15] ?? 0;
};

const putHex6 = (line: Uint8Array, at: number, value: number, digits: Uint8Array): void => {
  putHex2(line, at, value >> 16, digits);
  putHex2(line, at + 2, value >> 8, digits);
  putHex2(line, at + 4, value, digits);
};

const putDecimal2 = (line: Uint8Array, at: number, value: number): void => {
  line[at] = 48 + Math.floor(value / 10);
  line[at + 1] = 48 + (value % 10);
};

const TWO = Array.from({ length: 100 }, (_, value) => `${value}`.padStart(2, '0'));

/** Rebuilds lines and their times. */
export interface PutTogether {
  readonly raw: (columns: LineColumns, tag: TagDigits) => Uint8Array;
  /** `2026-03-06T20:27:47.350`. */
  readonly wallText: (wall: number) => string;
}

export const createPutTogether = (): PutTogether => {
  let day: { readonly begin: number; readonly text: string; readonly digits: Uint8Array } = {
    begin: Number.NaN,
    text: '',
    digits: new Uint8Array(6),
  };
  let second = { at: Number.NaN, text: '' };

  const dayAt = (wall: number): typeof day => {
    const begin = wall - (wall % DAY);
    if (begin === day.begin) return day;
    const text = new Date(begin * 10).toISOString().slice(0, 10);
    day = { begin, text, digits: codes(text.slice(2).replaceAll('-', '')) };
    return day;
  };

  const putWall = (line: Uint8Array, wall: number, digits: Uint8Array): void => {
    const { begin, digits: date } = dayAt(wall);
    line.set(date, 20);
    const ofDay = Math.floor((wall - begin) / 100);
    putDecimal2(line, 26, Math.floor(ofDay / 3600));
    putDecimal2(line, 28, Math.floor(ofDay / 60) % 60);
    putDecimal2(line, 30, ofDay % 60);
    putHex2(line, 32, wall % 100, digits);
  };

  return {
    raw: ({ form, readerId, counts, wall, extra }, { tagHigh, tagLow }) => {
      const digits = isUpperForm(form) ? HEX_UPPER : HEX_LOWER;
      const end = isLongForm(form) ? LONG : SHORT;
      const kind = kindOfForm(form);
      const line = new Uint8Array(kind === 'RAW' ? end : end + 2);
      line[0] = 97;
      line[1] = 97;
      putHex2(line, 2, readerId, digits);
      putHex6(line, 4, tagHigh, digits);
      putHex6(line, 10, tagLow, digits);
      putHex2(line, 16, counts >> 8, digits);
      putHex2(line, 18, counts & 0xff, digits);
      putWall(line, wall, digits);
      if (end === LONG) putHex6(line, 34, extra, digits);
      putHex2(line, end - 2, scanDigits(line, end - 2).sum, HEX_LOWER);
      if (kind !== 'RAW') {
        line[end] = kind.charCodeAt(0);
        line[end + 1] = 83;
      }
      return line;
    },
    wallText: (wall) => {
      const at = Math.floor(wall / 100);
      if (at !== second.at) {
        const { begin, text } = dayAt(wall);
        const ofDay = at - begin / 100;
        const clock = `${TWO[Math.floor(ofDay / 3600)]}:${TWO[Math.floor(ofDay / 60) % 60]}:${TWO[ofDay % 60]}`;
        second = { at, text: `${text}T${clock}.` };
      }
      return `${second.text}${TWO[wall % 100]}0`;
    },
  };
};
