import type { NumberedRead, Pair } from './reads/index.ts';

/** CSV as RFC 4180 has it, and the form in which reads go out. */

const NEEDS_QUOTES = /[",\r\n]/;

export const csvField = (text: string): string => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

const [QUOTE, COMMA, CR, LF] = [0x22, 0x2c, 0x0d, 0x0a];

/** Bytes as a field, exactly: in no encoding, since a reader's line need not be in any. */
export const csvRawField = (raw: Uint8Array): Uint8Array => {
  if (!raw.some((byte) => byte === QUOTE || byte === COMMA || byte === CR || byte === LF)) return raw;
  const quoted: number[] = [QUOTE];
  for (const byte of raw) {
    if (byte === QUOTE) quoted.push(QUOTE);
    quoted.push(byte);
  }
  quoted.push(QUOTE);
  return Uint8Array.from(quoted);
};

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe before it. No chip, time or
 * kind of a real reader begins like that, so nothing honest is changed.
 */
export const inertField = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const encoder = new TextEncoder();
const CRLF = Uint8Array.of(CR, LF);

/** Columns of `readCsvLine`. */
export const READ_CSV_HEADER: Uint8Array = encoder.encode('streamId,epoch,seq,readerTime,receivedAt,chip,kind,raw\r\n');

/** The reader's line goes out byte for byte; what others derived from it is made inert for spreadsheets. */
export const readCsvLine = ({ streamId, epoch }: Pair, read: NumberedRead): readonly Uint8Array[] => {
  const before = [
    csvField(streamId),
    String(epoch),
    String(read.seq),
    csvField(inertField(read.readerTime ?? '')),
    String(read.receivedAt),
    csvField(inertField(read.chip ?? '')),
    csvField(inertField(read.kind)),
  ];
  return [encoder.encode(`${before.join(',')},`), csvRawField(read.raw), CRLF];
};
