import type { EventBody } from '../protocol/http.ts';
import { encodeBatch, MAX_BATCH_READS } from '../reads/batch-codec.ts';
import type { NumberedRead } from '../reads/read.ts';
import {
  ARCHIVE_FORMAT,
  type ArchivedDoc,
  type ArchivedEpoch,
  type ArchivedFact,
  type ArchivedStream,
  type ArchiveEnd,
  type ArchiveHead,
} from './records.ts';

/** Most bytes of lines that one record of reads has, so that no line grows with what readers say. */
const MAX_RAW_BYTES = 256 * 1024;

/** Bytes of a part; base64 has no bits left over at its end. */
const PART = 3 * 0x4000;

/** Base64 with padding, by whoever writes: platforms differ in what is cheap. */
export type ToBase64 = (bytes: Uint8Array) => string;

/** The lines of an archive, without their line feeds. Members are always in this order. */
export const headLine = ({ kind, eventId }: Pick<ArchiveHead, 'kind' | 'eventId'>): string =>
  JSON.stringify({ archive: 'baton', format: ARCHIVE_FORMAT, kind, eventId });

export const eventLine = (event: EventBody): string => {
  const { eventId, title, date, timezone, location, status, statusChangedAt, minClientVersion, createdAt } = event;
  const told = { eventId, title, date, timezone, location, status, statusChangedAt, minClientVersion, createdAt };
  return JSON.stringify({ event: told });
};

/** Of bytes some at a time, without the quotes. */
function* base64Parts(bytes: Uint8Array, toBase64: ToBase64): Iterable<string> {
  for (let at = 0; at < bytes.length; at += PART) yield toBase64(bytes.subarray(at, at + PART));
}

/** A document may have many megabytes: its line comes in parts. */
export function* docLine({ name, update }: ArchivedDoc, toBase64: ToBase64): Iterable<string> {
  yield `{"doc":{"name":${JSON.stringify(name)},"update":"`;
  yield* base64Parts(update, toBase64);
  yield '"}}';
}

export const streamLine = (stream: ArchivedStream): string => {
  const { streamId, forwarderId, reader, currentEpoch, commandedEpoch, createdAt } = stream;
  return JSON.stringify({ stream: { streamId, forwarderId, reader, currentEpoch, commandedEpoch, createdAt } });
};

export function* factLine({ kind, key, bytes }: ArchivedFact, toBase64: ToBase64): Iterable<string> {
  yield `{"fact":{"kind":${JSON.stringify(kind)},"key":${JSON.stringify(key)},"bytes":"`;
  yield* base64Parts(bytes, toBase64);
  yield '"}}';
}

export const epochLine = ({ streamId, epoch, head, hash }: ArchivedEpoch): string =>
  JSON.stringify({ epoch: { streamId, epoch, head, hash } });

const readsLine = (reads: readonly NumberedRead[], toBase64: ToBase64): string => {
  const record = { firstSeq: reads[0]?.seq ?? 0, count: reads.length, batch: toBase64(encodeBatch(reads)) };
  return JSON.stringify({ reads: record });
};

export const endLine = ({ lines, reads, sha256 }: ArchiveEnd): string =>
  JSON.stringify({ end: { lines, reads, sha256 } });

/** Cuts reads into records at places that depend on the reads alone, never on how they came. */
export const createReadsCutter = (
  toBase64: ToBase64,
): {
  readonly take: (reads: readonly NumberedRead[]) => readonly string[];
  /** What is left at the end of an epoch. */
  readonly rest: () => readonly string[];
} => {
  let open: NumberedRead[] = [];
  let bytes = 0;
  const cut = (): string => {
    const line = readsLine(open, toBase64);
    open = [];
    bytes = 0;
    return line;
  };
  return {
    take: (reads) => {
      const lines: string[] = [];
      for (const read of reads) {
        open.push(read);
        bytes += read.raw.length;
        if (open.length === MAX_BATCH_READS || bytes >= MAX_RAW_BYTES) lines.push(cut());
      }
      return lines;
    },
    rest: () => (open.length > 0 ? [cut()] : []),
  };
};
