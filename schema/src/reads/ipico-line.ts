/**
 * One line of an IPICO reader, bytes to fields. Source of the format: *IPICO Reader Serial
 * Protocol 1.00* (2007-11-20) and recordings of real readers.
 *
 * ```text
 * aa RR TTTTTTTTTTTT II QQ YYMMDD HHMMSS CC [PPPPPP] LL [FS|LS]
 *  0  2            4 16 18     20     26 32       34
 * ```
 * `aa` header, RR reader id (hex), T tag, I and Q counts (hex), date and time (decimal,
 * reader-local, no zone), CC hundredths in **hex** 00–63, P six more hex digits in the long
 * form, LL sum of the ASCII codes between header and checksum **as sent**, modulo 256.
 * FS/LS (first/last seen) is outside the checksum.
 */

export type IpicoLineErrorType =
  | 'wrong-length'
  | 'wrong-prefix'
  | 'wrong-suffix'
  | 'not-hex'
  | 'wrong-checksum'
  | 'hundredths-out-of-range'
  | 'date-out-of-range';

export interface IpicoLineError {
  readonly type: IpicoLineErrorType;
  /** What was expected and what came, fit for a log line. */
  readonly message: string;
}

export type ReadKind = 'RAW' | 'FS' | 'LS';

export interface IpicoLine {
  readonly type: 'read';
  /** 0–255. */
  readonly readerId: number;
  /** 12 hex digits as sent; opaque. */
  readonly tag: string;
  readonly iCount: number;
  readonly qCount: number;
  /** Reader-local wall time, as hundredths of a second since 1970-01-01T00:00:00 of that same wall. */
  readonly wallHundredths: number;
  /** The long form's six extra digits as sent, else null. */
  readonly extra: string | null;
  readonly kind: ReadKind;
}

const SHORT = 36;
const LONG = 42;
const MAX_HUNDREDTHS = 0x63;

const fail = (type: IpicoLineErrorType, message: string): IpicoLineError => ({ type, message });

/** Value of a hex digit's code, or -1. */
export const hexValue = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
};

const hexByte = (line: Uint8Array, at: number): number => hexValue(line[at] ?? 0) * 16 + hexValue(line[at + 1] ?? 0);

/** Two decimal digits, or NaN: a hex letter is no digit of a date. */
const decimal = (line: Uint8Array, at: number): number => {
  const tens = (line[at] ?? 0) - 48;
  const ones = (line[at + 1] ?? 0) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

const ascii = (line: Uint8Array, from: number, to: number): string => String.fromCharCode(...line.subarray(from, to));

/** Sum of the codes in [2, end), modulo 256. */
export const ipicoChecksum = (line: Uint8Array, end: number): number => {
  let sum = 0;
  for (let at = 2; at < end; at++) sum += line[at] ?? 0;
  return sum & 0xff;
};

const firstNonHex = (line: Uint8Array, end: number): number => {
  for (let at = 2; at < end; at++) if (hexValue(line[at] ?? 0) < 0) return at;
  return -1;
};

const kindAt = (line: Uint8Array, at: number): ReadKind | null => {
  if (line.length === at) return 'RAW';
  const suffix = ascii(line, at, at + 2);
  return suffix === 'FS' || suffix === 'LS' ? suffix : null;
};

/** Reader-local date and time at 20…33, as wall hundredths; which part is wrong otherwise. */
const wallTime = (line: Uint8Array): number | IpicoLineError => {
  const [year, month, day] = [decimal(line, 20), decimal(line, 22), decimal(line, 24)];
  const [hour, minute, second] = [decimal(line, 26), decimal(line, 28), decimal(line, 30)];
  const hundredths = hexByte(line, 32);
  if (hundredths > MAX_HUNDREDTHS) {
    return fail('hundredths-out-of-range', `expected hundredths 00-63 hex, got ${ascii(line, 32, 34)}`);
  }
  const wall = Date.UTC(2000 + year, month - 1, day, hour, minute, second);
  const back = new Date(wall);
  const real = back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!real) return fail('date-out-of-range', `expected YYMMDDHHMMSS, got ${ascii(line, 20, 32)}`);
  return wall / 10 + hundredths;
};

/** Parses one line without its line end. */
export const parseIpicoLine = (line: Uint8Array): IpicoLine | IpicoLineError => {
  const { length } = line;
  const end = length === SHORT || length === SHORT + 2 ? SHORT : LONG;
  if (length !== end && length !== end + 2) {
    return fail('wrong-length', `expected 36, 38, 42 or 44 characters, got ${length}`);
  }
  if (line[0] !== 97 || line[1] !== 97) return fail('wrong-prefix', 'expected a line that starts with aa');
  const kind = kindAt(line, end);
  if (kind === null) return fail('wrong-suffix', 'expected FS, LS or nothing after the checksum');
  const bad = firstNonHex(line, end);
  if (bad >= 0) return fail('not-hex', `expected hex digits, got another character at ${bad}`);
  const sum = ipicoChecksum(line, end - 2);
  if (sum !== hexByte(line, end - 2)) {
    return fail(
      'wrong-checksum',
      `expected checksum ${sum.toString(16).padStart(2, '0')}, got ${ascii(line, end - 2, end)}`,
    );
  }
  const wall = wallTime(line);
  if (typeof wall !== 'number') return wall;
  return {
    type: 'read',
    readerId: hexByte(line, 2),
    tag: ascii(line, 4, 16),
    iCount: hexByte(line, 16),
    qCount: hexByte(line, 18),
    wallHundredths: wall,
    extra: end === LONG ? ascii(line, 34, 40) : null,
    kind,
  };
};

/** `2026-03-06T20:27:47.350`: the reader's own wall time, without a zone because it has none. */
export const wallToText = (wallHundredths: number): string => new Date(wallHundredths * 10).toISOString().slice(0, 23);

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);
const hex2 = (value: number): string => value.toString(16).padStart(2, '0');

/** The line a reader would send for these fields: lower-case hex, right checksum, no line end. */
export const renderIpicoLine = (it: Omit<IpicoLine, 'type'>): string => {
  const time = new Date(it.wallHundredths * 10);
  const hundredths = it.wallHundredths % 100;
  const body =
    hex2(it.readerId) +
    it.tag +
    hex2(it.iCount) +
    hex2(it.qCount) +
    two(time.getUTCFullYear() % 100) +
    two(time.getUTCMonth() + 1) +
    two(time.getUTCDate()) +
    two(time.getUTCHours()) +
    two(time.getUTCMinutes()) +
    two(time.getUTCSeconds()) +
    hex2(hundredths) +
    (it.extra ?? '');
  let sum = 0;
  for (let at = 0; at < body.length; at++) sum += body.charCodeAt(at);
  return `aa${body}${hex2(sum & 0xff)}${it.kind === 'RAW' ? '' : it.kind}`;
};
