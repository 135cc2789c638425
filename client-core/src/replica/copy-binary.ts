import type { ReadRun } from './apply-plan.ts';

/**
 * Rows of `reads` in Postgres' binary COPY format (PostgreSQL manual, COPY, "Binary Format"):
 *
 * ```text
 * file  := "PGCOPY\n\377\r\n\0" flags(i32 0) extension(i32 0) row* -1(i16)
 * row   := fields(i16) field*      field := -1(i32) for null | length(i32) bytes      numbers big-endian
 * ```
 * Against the text format it needs no escaping and no hex, and was measured ten times cheaper to make (0.6–1 µs a
 * read) at the same cost to Postgres.
 */
const SIGNATURE = [0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0] as const;
/** Order of `READ_COLUMNS` of `@baton/schema/sql`. */
const FIELDS = 9;
const START_BYTES = 256 * 1024;
/** Most that a row takes besides its texts and its line. */
const ROW_BYTES = 2 + FIELDS * 4 + 4 * 8;
const MAX_UTF8_BYTES = 3;

const utf8 = new TextEncoder();

export interface CopyEncoder {
  /** The rows of these runs, the first at position `firstPos`. Valid until the next call: the buffer is used again. */
  readonly encode: (runs: readonly ReadRun[], firstPos: number) => Uint8Array<ArrayBuffer>;
}

export const createCopyEncoder = (): CopyEncoder => {
  let bytes = new Uint8Array(START_BYTES);
  let view = new DataView(bytes.buffer);
  let at = 0;

  const reserve = (more: number): void => {
    if (at + more <= bytes.length) return;
    const larger = new Uint8Array(Math.max(bytes.length * 2, at + more));
    larger.set(bytes);
    bytes = larger;
    view = new DataView(bytes.buffer);
  };

  const putLength = (length: number): void => {
    view.setInt32(at, length);
    at += 4;
  };

  /** A bigint; ours are whole numbers from 0 to 2^53. */
  const putBigint = (value: number): void => {
    putLength(8);
    view.setUint32(at, Math.floor(value / 0x1_0000_0000));
    view.setUint32(at + 4, value >>> 0);
    at += 8;
  };

  const putBytes = (value: Uint8Array): void => {
    putLength(value.length);
    bytes.set(value, at);
    at += value.length;
  };

  /** Postgres' text has no NUL: it becomes U+FFFD, as UTF-8 makes lone surrogates. The raw line stays exact. */
  const putUnicode = (text: string): void => {
    const { written } = utf8.encodeInto(text.replaceAll('\0', '\ufffd'), bytes.subarray(at + 4));
    putLength(written);
    at += written;
  };

  const putText = (text: string | null): void => {
    if (text === null) return putLength(-1);
    const from = at + 4;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 0 || code > 127) return putUnicode(text);
      bytes[from + index] = code;
    }
    putLength(text.length);
    at += text.length;
  };

  const putRun = ({ streamId, epoch, firstSeq, reads }: ReadRun, firstPos: number): void => {
    for (const [index, { raw, receivedAt, readerTime, chip, kind }] of reads.entries()) {
      const letters = streamId.length + (readerTime?.length ?? 0) + (chip?.length ?? 0) + kind.length;
      reserve(ROW_BYTES + letters * MAX_UTF8_BYTES + raw.length);
      view.setInt16(at, FIELDS);
      at += 2;
      putText(streamId);
      putBigint(epoch);
      putBigint(firstSeq + index);
      putBigint(firstPos + index);
      putText(readerTime);
      putBigint(receivedAt);
      putText(chip);
      putText(kind);
      putBytes(raw);
    }
  };

  return {
    encode: (runs, firstPos) => {
      at = 0;
      for (const byte of SIGNATURE) bytes[at++] = byte;
      let pos = firstPos;
      for (const run of runs) {
        putRun(run, pos);
        pos += run.reads.length;
      }
      reserve(2);
      view.setInt16(at, -1);
      return bytes.subarray(0, at + 2);
    },
  };
};
