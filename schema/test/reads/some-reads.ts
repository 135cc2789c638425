import fc from 'fast-check';
import { type Read, type ReadKind, readFromLine, renderIpicoLine } from '../../src/reads/index.ts';

/** Lines as readers send them, and lines that are nearly so. */

const CENTURY = { min: Date.UTC(2000, 0, 1) / 10, max: Date.UTC(2100, 0, 1) / 10 - 1 };

export const someWall: fc.Arbitrary<number> = fc.oneof(
  fc.integer(CENTURY),
  fc.integer({ min: 177_282_886_735, max: 177_282_886_735 + 6000 }),
  fc.constantFrom(CENTURY.min, CENTURY.max, Date.UTC(2024, 1, 29, 23, 59, 59, 990) / 10),
);

const hexDigits = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''));

const someTag = fc.oneof(
  fc.constantFrom('058001712d6c', '058001712d6d', '000000000000', 'ffffffffffff'),
  hexDigits(12),
);

export const someIpicoFields = fc.record({
  readerId: fc.integer({ min: 0, max: 255 }),
  tag: someTag,
  iCount: fc.integer({ min: 0, max: 255 }),
  qCount: fc.integer({ min: 0, max: 255 }),
  wallHundredths: someWall,
  extra: fc.option(hexDigits(6)),
  kind: fc.constantFrom<ReadKind>('RAW', 'FS', 'LS'),
});

export const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** The line with hex digits in upper case before the checksum, which is computed anew. */
export const upperCased = (line: string): string => {
  const end = line.length >= 42 ? 42 : 36;
  const body = line.slice(2, end - 2).toUpperCase();
  const sum = bytesOf(body).reduce((total, code) => total + code, 0) & 0xff;
  return `aa${body}${sum.toString(16).padStart(2, '0')}${line.slice(end)}`;
};

export const someIpicoLine: fc.Arbitrary<string> = fc
  .tuple(someIpicoFields, fc.boolean())
  .map(([fields, upper]) => (upper ? upperCased(renderIpicoLine(fields)) : renderIpicoLine(fields)));

const damaged = fc
  .tuple(someIpicoLine, fc.nat(43), fc.constantFrom('0', 'A', 'a', 'F', 'g', ' ', '\0', 'S'))
  .map(([line, at, letter]) => line.slice(0, at % line.length) + letter + line.slice((at % line.length) + 1));

const someTime = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1_772_828_000_000, max: 1_772_829_000_000 }) },
  fc.integer({ min: 0, max: 253_402_300_799_999 }),
);

const read = (line: Uint8Array, receivedAt: number): Read => readFromLine(line, receivedAt);

const text = fc.string({ maxLength: 128, unit: 'grapheme-ascii' });

/** What other systems send: any bytes, with what they say about themselves. */
const foreign: fc.Arbitrary<Read> = fc.record({
  raw: fc.uint8Array({ maxLength: 60 }),
  receivedAt: someTime,
  readerTime: fc.option(text),
  chip: fc.option(text),
  kind: fc.oneof(fc.constantFrom('RAW', 'FS', 'LS', 'GUN'), text),
});

/** A line whose told fields do not follow from its bytes: it must be carried whole. */
const contradictory: fc.Arbitrary<Read> = fc
  .tuple(
    someIpicoLine,
    someTime,
    fc.constantFrom<Partial<Read>>(
      { chip: null },
      { chip: '058001712d6c' },
      { kind: 'LS' },
      { readerTime: null },
      { readerTime: '2026-03-06T20:27:47.35' },
      { readerTime: '2026-03-06T20:27:47.351' },
    ),
  )
  .map(([line, receivedAt, other]) => ({ ...read(bytesOf(line), receivedAt), ...other }));

export const someRead: fc.Arbitrary<Read> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(someIpicoLine, someTime).map(([line, at]) => read(bytesOf(line), at)) },
  fc.tuple(damaged, someTime).map(([line, at]) => read(bytesOf(line), at)),
  contradictory,
  foreign,
);
