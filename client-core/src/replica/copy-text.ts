import type { PlannedRead } from './apply-plan.ts';

/** What breaks a line of COPY text, and what Postgres text cannot hold: NUL and lone surrogates. */
const SPECIAL = /[\0\\\t\n\r\ud800-\udfff]/;
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value of COPY's text format; `\N` is null. What Postgres text cannot hold becomes U+FFFD: the raw bytes stay exact. */
const copyValue = (text: string | null): string => {
  if (text === null) return '\\N';
  if (!SPECIAL.test(text)) return text;
  return text.replace(UNSTORABLE, '\ufffd').replace(/[\\\t\n\r]/g, (it) => ESCAPES[it] ?? it);
};

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hexOf = (bytes: Uint8Array): string => {
  let hex = '';
  for (const byte of bytes) hex += HEX[byte];
  return hex;
};

/** Lines for `COPY_READS` of `@baton/schema/sql`, columns in the order of `READ_COLUMNS`; the first read gets position `firstPos`. */
export const copyText = (reads: readonly PlannedRead[], firstPos: number): string => {
  let text = '';
  let pos = firstPos;
  for (const read of reads) {
    const { streamId, epoch, seq, receivedAt } = read;
    text += `${streamId}\t${epoch}\t${seq}\t${pos}\t${copyValue(read.readerTime)}\t${receivedAt}\t`;
    text += `${copyValue(read.chip)}\t${copyValue(read.kind)}\t\\\\x${hexOf(read.raw)}\n`;
    pos++;
  }
  return text;
};
