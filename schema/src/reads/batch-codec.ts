import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { err, ok, type Result } from '../result.ts';
import { hexValue, type IpicoLine, parseIpicoLine, type ReadKind, wallToText } from './ipico-line.ts';
import { MAX_RAW_BYTES, type NumberedRead, type Read } from './read.ts';

/**
 * A batch of consecutive reads as columns; the same bytes on the wire, in the relay's store
 * and in a chunk. IPICO lines are taken apart and rebuilt exactly; any other line is carried whole.
 *
 * ```text
 * batch   := version(1) count forms received common opaque      (all varUint unless said)
 * forms   := bytes(UintOptRle: one form a read)
 * received:= base bytes(IntDiffOptRle: receivedAt - base)
 * common  := tagCount tag{6 bytes}* baseHundredths bytes(reader id, RLE of u8) bytes(UintOptRle tag index)
 *            bytes(UintOptRle i*256+q) bytes(IntDiffOptRle wall hundredths - base) bytes(UintOptRle extra)
 * opaque  := one record a read of form 0: bytes(raw) text(readerTime) text(chip) bytes-as-text(kind), text := 0 | 1 string
 * form    := 0 opaque | 1 + kind(0 RAW, 1 FS, 2 LS) + 3 * (extra ? 1 : 0) + 6 * (upper-case hex ? 1 : 0)
 * ```
 * Columns and run lengths are those of `lib0/encoding` (the encoders Yjs uses). Measured in
 * `bench/codec`: 4–5 bytes a read on real logs.
 */
export const MAX_BATCH_READS = 1024;
export const MAX_BATCH_BYTES = 1024 * 1024;
const VERSION = 1;
const MAX_TEXT = 128;
const MAX_RECEIVED_AT = 0x1f_ffff_ffff_ffff;

const KINDS: readonly ReadKind[] = ['RAW', 'FS', 'LS'];
const OPAQUE = 0;
const LAST_FORM = 12;

const formOf = (line: IpicoLine, upper: boolean): number =>
  1 + KINDS.indexOf(line.kind) + (line.extra === null ? 0 : 3) + (upper ? 6 : 0);
const kindOfForm = (form: number): ReadKind => KINDS[(form - 1) % 3] ?? 'RAW';
const isLong = (form: number): boolean => (form - 1) % 6 >= 3;
const isUpper = (form: number): boolean => form > 6;

/** Letter case of the hex digits before the checksum: one case throughout, or the line goes whole. */
const caseOf = (raw: Uint8Array, end: number): 'lower' | 'upper' | 'mixed' => {
  let lower = false;
  let upper = false;
  for (let at = 2; at < end; at++) {
    const code = raw[at] ?? 0;
    if (code >= 97) lower = true;
    else if (code >= 65) upper = true;
  }
  return upper ? (lower ? 'mixed' : 'upper') : 'lower';
};

/** A read taken apart, when rebuilding it gives the same bytes and the same derived fields. */
const takeApart = (read: Read): { readonly line: IpicoLine; readonly form: number } | null => {
  const { raw } = read;
  const line = parseIpicoLine(raw);
  if (line.type !== 'read') return null;
  const sumAt = line.extra === null ? 34 : 40;
  const letters = caseOf(raw, sumAt);
  if (letters === 'mixed' || (raw[sumAt] ?? 0) < 48 || isUpperLetter(raw[sumAt]) || isUpperLetter(raw[sumAt + 1]))
    return null;
  if (read.kind !== line.kind || read.chip !== line.tag.toLowerCase()) return null;
  if (read.readerTime !== wallToText(line.wallHundredths)) return null;
  return { line, form: formOf(line, letters === 'upper') };
};

const isUpperLetter = (code: number | undefined): boolean => code !== undefined && code >= 65 && code <= 70;

const tagBytes = (tag: string): Uint8Array => {
  const bytes = new Uint8Array(6);
  for (let at = 0; at < 6; at++) {
    bytes[at] = hexValue(tag.charCodeAt(at * 2)) * 16 + hexValue(tag.charCodeAt(at * 2 + 1));
  }
  return bytes;
};

const writeText = (encoder: encoding.Encoder, text: string | null): void => {
  encoding.writeVarUint(encoder, text === null ? 0 : 1);
  if (text !== null) encoding.writeVarString(encoder, text);
};

/** Encodes 1 to `MAX_BATCH_READS` consecutive reads. Throws on an empty or too long list: that is the caller's bug. */
export const encodeBatch = (reads: readonly Read[]): Uint8Array => {
  if (reads.length < 1 || reads.length > MAX_BATCH_READS) {
    throw new RangeError(`a batch has 1 to ${MAX_BATCH_READS} reads, got ${reads.length}`);
  }
  const forms = new encoding.UintOptRleEncoder();
  const received = new encoding.IntDiffOptRleEncoder();
  const readerIds = new encoding.RleEncoder(encoding.writeUint8);
  const tagIndexes = new encoding.UintOptRleEncoder();
  const counts = new encoding.UintOptRleEncoder();
  const walls = new encoding.IntDiffOptRleEncoder();
  const extras = new encoding.UintOptRleEncoder();
  const opaque = encoding.createEncoder();
  const tags = new Map<string, number>();
  const receivedBase = reads[0]?.receivedAt ?? 0;
  let wallBase = -1;

  for (const read of reads) {
    received.write(read.receivedAt - receivedBase);
    const apart = takeApart(read);
    forms.write(apart?.form ?? OPAQUE);
    if (apart === null) {
      encoding.writeVarUint8Array(opaque, read.raw);
      writeText(opaque, read.readerTime);
      writeText(opaque, read.chip);
      encoding.writeVarString(opaque, read.kind);
      continue;
    }
    const { line } = apart;
    if (wallBase < 0) wallBase = line.wallHundredths;
    const tag = line.tag.toLowerCase();
    const index = tags.get(tag) ?? tags.size;
    tags.set(tag, index);
    readerIds.write(line.readerId);
    tagIndexes.write(index);
    counts.write(line.iCount * 256 + line.qCount);
    walls.write(line.wallHundredths - wallBase);
    if (line.extra !== null) extras.write(Number.parseInt(line.extra, 16));
  }

  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, VERSION);
  encoding.writeVarUint(encoder, reads.length);
  encoding.writeVarUint8Array(encoder, forms.toUint8Array());
  encoding.writeVarUint(encoder, receivedBase);
  encoding.writeVarUint8Array(encoder, received.toUint8Array());
  encoding.writeVarUint(encoder, tags.size);
  for (const tag of tags.keys()) encoding.writeUint8Array(encoder, tagBytes(tag));
  encoding.writeVarUint(encoder, Math.max(wallBase, 0));
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(readerIds));
  for (const column of [tagIndexes, counts, walls, extras]) {
    encoding.writeVarUint8Array(encoder, column.toUint8Array());
  }
  encoding.writeUint8Array(encoder, encoding.toUint8Array(opaque));
  return encoding.toUint8Array(encoder);
};

export interface MalformedBatch {
  readonly type: 'malformed-batch';
  readonly message: string;
}

/** A decoded batch: columns, from which single reads are built when asked for. */
export interface Batch {
  readonly count: number;
  /** Read `index` (from 0) of the batch, raw bytes rebuilt. */
  readonly at: (index: number) => Read;
  /** Only the raw bytes: what append compares. */
  readonly rawAt: (index: number) => Uint8Array;
  /** Only the time of receipt: what append keeps of an epoch, without rebuilding lines. */
  readonly receivedAt: (index: number) => number;
}

class Malformed extends Error {}

const check = (condition: boolean, message: string): void => {
  if (!condition) throw new Malformed(message);
};

const codes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const HEX_LOWER = codes('0123456789abcdef');
const HEX_UPPER = codes('0123456789ABCDEF');

const putHex = (line: Uint8Array, at: number, value: number, digits: Uint8Array): void => {
  line[at] = digits[(value >> 4) & 15] ?? 0;
  line[at + 1] = digits[value & 15] ?? 0;
};

const putDecimal = (line: Uint8Array, at: number, value: number): void => {
  line[at] = 48 + Math.floor(value / 10);
  line[at + 1] = 48 + (value % 10);
};

const putWall = (line: Uint8Array, wallHundredths: number, digits: Uint8Array): void => {
  const time = new Date(wallHundredths * 10);
  putDecimal(line, 20, time.getUTCFullYear() % 100);
  putDecimal(line, 22, time.getUTCMonth() + 1);
  putDecimal(line, 24, time.getUTCDate());
  putDecimal(line, 26, time.getUTCHours());
  putDecimal(line, 28, time.getUTCMinutes());
  putDecimal(line, 30, time.getUTCSeconds());
  putHex(line, 32, wallHundredths % 100, digits);
};

interface CommonRow {
  readonly form: number;
  readonly readerId: number;
  readonly tag: Uint8Array;
  readonly counts: number;
  readonly wall: number;
  readonly extra: number;
}

const rebuild = (row: CommonRow): Uint8Array => {
  const digits = isUpper(row.form) ? HEX_UPPER : HEX_LOWER;
  const end = isLong(row.form) ? 42 : 36;
  const kind = kindOfForm(row.form);
  const line = new Uint8Array(kind === 'RAW' ? end : end + 2);
  line[0] = 97;
  line[1] = 97;
  putHex(line, 2, row.readerId, digits);
  for (let at = 0; at < 6; at++) putHex(line, 4 + at * 2, row.tag[at] ?? 0, digits);
  putHex(line, 16, row.counts >> 8, digits);
  putHex(line, 18, row.counts & 0xff, digits);
  putWall(line, row.wall, digits);
  if (isLong(row.form)) for (let at = 0; at < 3; at++) putHex(line, 34 + at * 2, row.extra >> (16 - at * 8), digits);
  let sum = 0;
  for (let at = 2; at < end - 2; at++) sum += line[at] ?? 0;
  putHex(line, end - 2, sum, HEX_LOWER);
  if (kind !== 'RAW') {
    line[end] = kind.charCodeAt(0);
    line[end + 1] = 83;
  }
  return line;
};

const tagText = (tag: Uint8Array): string => {
  const line = new Uint8Array(12);
  for (let at = 0; at < 6; at++) putHex(line, at * 2, tag[at] ?? 0, HEX_LOWER);
  return String.fromCharCode(...line);
};

/** 2000-01-01 and 2100-01-01 in hundredths: what two digits of a year can say. */
const WALL_FROM = Date.UTC(2000, 0, 1) / 10;
const WALL_TO = Date.UTC(2100, 0, 1) / 10;

const readText = (decoder: decoding.Decoder): string | null => {
  const flag = decoding.readVarUint(decoder);
  check(flag <= 1, 'a text flag is 0 or 1');
  return flag === 0 ? null : boundedText(decoder);
};

const boundedText = (decoder: decoding.Decoder): string => {
  const text = decoding.readVarString(decoder);
  check(text.length <= MAX_TEXT, `a text has at most ${MAX_TEXT} characters`);
  return text;
};

const readOpaque = (decoder: decoding.Decoder): Omit<Read, 'receivedAt'> => {
  const raw = decoding.readVarUint8Array(decoder).slice();
  check(raw.length <= MAX_RAW_BYTES, `a line has at most ${MAX_RAW_BYTES} bytes`);
  const readerTime = readText(decoder);
  const chip = readText(decoder);
  return { raw, readerTime, chip, kind: boundedText(decoder) };
};

interface Columns {
  readonly count: number;
  readonly received: Float64Array;
  readonly rows: readonly (CommonRow | Omit<Read, 'receivedAt'>)[];
}

const readTags = (decoder: decoding.Decoder, count: number): readonly Uint8Array[] => {
  const size = decoding.readVarUint(decoder);
  check(size <= count, 'more tags than reads');
  const tags: Uint8Array[] = [];
  for (let at = 0; at < size; at++) tags.push(decoding.readUint8Array(decoder, 6).slice());
  return tags;
};

const decodeColumns = (bytes: Uint8Array): Columns => {
  check(bytes.length <= MAX_BATCH_BYTES, `a batch has at most ${MAX_BATCH_BYTES} bytes`);
  const decoder = decoding.createDecoder(bytes);
  check(decoding.readVarUint(decoder) === VERSION, `expected batch version ${VERSION}`);
  const count = decoding.readVarUint(decoder);
  check(count >= 1 && count <= MAX_BATCH_READS, `a batch has 1 to ${MAX_BATCH_READS} reads, got ${count}`);
  const forms = new decoding.UintOptRleDecoder(decoding.readVarUint8Array(decoder));
  const receivedBase = decoding.readVarUint(decoder);
  const receivedColumn = new decoding.IntDiffOptRleDecoder(decoding.readVarUint8Array(decoder));
  const tags = readTags(decoder, count);
  const wallBase = decoding.readVarUint(decoder);
  const readerIds = new decoding.RleDecoder(decoding.readVarUint8Array(decoder), decoding.readUint8);
  const tagIndexes = new decoding.UintOptRleDecoder(decoding.readVarUint8Array(decoder));
  const counts = new decoding.UintOptRleDecoder(decoding.readVarUint8Array(decoder));
  const walls = new decoding.IntDiffOptRleDecoder(decoding.readVarUint8Array(decoder));
  const extras = new decoding.UintOptRleDecoder(decoding.readVarUint8Array(decoder));

  const received = new Float64Array(count);
  const rows: (CommonRow | Omit<Read, 'receivedAt'>)[] = [];
  for (let at = 0; at < count; at++) {
    const receivedAt = receivedBase + receivedColumn.read();
    check(receivedAt >= 0 && receivedAt <= MAX_RECEIVED_AT, 'receivedAt is out of range');
    received[at] = receivedAt;
    const form = forms.read();
    check(form >= OPAQUE && form <= LAST_FORM, `unknown form ${form}`);
    if (form === OPAQUE) {
      rows.push(readOpaque(decoder));
      continue;
    }
    const tag = tags[tagIndexes.read()];
    const wall = wallBase + walls.read();
    const readerId = readerIds.read();
    const iq = counts.read();
    const extra = isLong(form) ? extras.read() : 0;
    if (tag === undefined) throw new Malformed('a tag index is beyond the tags');
    check(wall >= WALL_FROM && wall < WALL_TO && Number.isInteger(wall), 'a reader time is out of range');
    check(iq >= 0 && iq <= 0xffff && extra >= 0 && extra <= 0xff_ffff, 'a count is out of range');
    rows.push({ form, readerId, tag, counts: iq, wall, extra });
  }
  check(!decoding.hasContent(decoder), 'bytes after the last read');
  return { count, received, rows };
};

const batchOf = ({ count, received, rows }: Columns): Batch => {
  const rowAt = (index: number): CommonRow | Omit<Read, 'receivedAt'> => {
    const row = rows[index];
    if (row === undefined) throw new RangeError(`read ${index} of a batch of ${count}`);
    return row;
  };
  return {
    count,
    receivedAt: (index) => received[index] ?? 0,
    rawAt: (index) => {
      const row = rowAt(index);
      return 'raw' in row ? row.raw : rebuild(row);
    },
    at: (index) => {
      const row = rowAt(index);
      const receivedAt = received[index] ?? 0;
      if ('raw' in row) return { ...row, receivedAt };
      return {
        raw: rebuild(row),
        receivedAt,
        readerTime: wallToText(row.wall),
        chip: tagText(row.tag),
        kind: kindOfForm(row.form),
      };
    },
  };
};

/** Decodes untrusted bytes. Allocates by what is there, never by what is declared. */
export const decodeBatch = (bytes: Uint8Array): Result<Batch, MalformedBatch> => {
  try {
    return ok(batchOf(decodeColumns(bytes)));
  } catch (error) {
    // lib0's decoders throw plain errors at the end of input and on over-long numbers
    return err({ type: 'malformed-batch', message: error instanceof Error ? error.message : String(error) });
  }
};

/** All reads of a batch with their numbers. */
export const readsOfBatch = (batch: Batch, firstSeq: number): readonly NumberedRead[] => {
  const reads: NumberedRead[] = [];
  for (let index = 0; index < batch.count; index++) reads.push({ seq: firstSeq + index, ...batch.at(index) });
  return reads;
};

/** The reads [from, to) of a batch as a batch of their own. */
export const sliceBatch = (batch: Batch, from: number, to: number): Uint8Array => {
  const reads: Read[] = [];
  for (let index = from; index < to; index++) reads.push(batch.at(index));
  return encodeBatch(reads);
};
