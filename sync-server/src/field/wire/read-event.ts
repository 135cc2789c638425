import { isUtf8 } from 'node:buffer';
import { Epoch, Seq } from '@baton/schema/ids';
import { MAX_RAW_BYTES, type NumberedRead, type Read, readFromLine } from '@baton/schema/reads';
import { z } from 'zod';
import { ReaderIp, type StreamRef } from './stream-ref.ts';

const isBytes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) &&
  value.length <= MAX_RAW_BYTES &&
  value.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255);

/** Bytes as a JSON array of numbers. Checked by hand: a schema for each byte would cost more than all else. */
const RawFrame = z.custom<readonly number[]>(isBytes, `expected at most ${MAX_RAW_BYTES} bytes, each 0-255`);

/** Half a surrogate pair has no UTF-8: the bytes kept would be other ones than were sent. */
const RawText = z
  .string()
  .refine((text) => !/\p{Surrogate}/u.test(text), 'expected well-formed Unicode; send raw_frame for other bytes')
  .refine((text) => Buffer.byteLength(text) <= MAX_RAW_BYTES, `expected at most ${MAX_RAW_BYTES} bytes`);

/** One read on the wire. The line comes as text or as bytes; the bytes are what is kept. */
export const ReadEvent = z
  .object({
    /** Compared with the token's node, not parsed: a foreign one has an answer of its own. */
    forwarder_id: z.string().max(256),
    reader_ip: ReaderIp,
    stream_epoch: Epoch,
    seq: Seq,
    /** Opaque; reader-local time in practice. */
    reader_timestamp: z.string().max(128).nullish(),
    raw_read_line: RawText.nullish(),
    raw_frame: RawFrame.nullish(),
    read_type: z.string().max(128),
  })
  .refine((it) => (it.raw_frame ?? it.raw_read_line ?? null) !== null, 'expected raw_read_line or raw_frame');
export type ReadEvent = z.infer<typeof ReadEvent>;

const LINE_END = new Set([10, 13]);

/** The line without the CR and LF that some senders leave on it. */
const withoutLineEnd = (raw: Uint8Array): Uint8Array => {
  let end = raw.length;
  while (end > 0 && LINE_END.has(raw[end - 1] ?? 0)) end--;
  return raw.subarray(0, end);
};

const rawOf = (event: ReadEvent): Uint8Array =>
  event.raw_frame == null ? Buffer.from(event.raw_read_line ?? '', 'utf8') : Uint8Array.from(event.raw_frame);

/**
 * The read that is stored: every byte as sent, time and type as the sender said; the chip, and a time that the sender left out,
 * are derived where the line is one of an IPICO reader. `receivedAt` is the relay's: these systems do not tell theirs.
 */
export const readOfEvent = (event: ReadEvent, receivedAt: number): Read => {
  const raw = rawOf(event);
  const { chip, readerTime } = readFromLine(withoutLineEnd(raw), receivedAt);
  return { raw, receivedAt, readerTime: event.reader_timestamp ?? readerTime, chip, kind: event.read_type };
};

/** Text where the bytes are UTF-8, as every real reader's are; else the bytes themselves. */
const wireRaw = (raw: Uint8Array): Pick<ReadEvent, 'raw_read_line' | 'raw_frame'> =>
  isUtf8(raw) ? { raw_read_line: Buffer.from(raw).toString('utf8') } : { raw_frame: [...raw] };

export const eventOfRead = (ref: StreamRef, epoch: number, read: NumberedRead): ReadEvent => ({
  ...ref,
  stream_epoch: epoch,
  seq: read.seq,
  reader_timestamp: read.readerTime ?? '',
  ...wireRaw(read.raw),
  read_type: read.kind,
});
