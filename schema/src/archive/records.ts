import { z } from 'zod';
import { parseDocName } from '../doc/doc-name.ts';
import { Epoch, EventId, NodeId, StreamId } from '../ids.ts';
import { SealHash } from '../protocol/down.ts';
import { EventBody } from '../protocol/http.ts';
import { MAX_BATCH_READS } from '../reads/batch-codec.ts';

/**
 * An archive is a gzip file of lines, each one JSON object with one member that says what it is; `docs/archive.md` tells the format
 * for those who read it without Baton. The order is fixed: `archive`, then (in one of a whole event) `event`, `doc`s, `stream`s, `fact`s,
 * then each `epoch` followed by its `reads`, then `end`. So the same content is always the same bytes.
 */
export const ARCHIVE_FORMAT = 1;

/** Longest line: a document of 64 MiB in base64. */
export const MAX_LINE_BYTES = 96 * 1024 * 1024;

export const ArchiveHead = z.object({
  /** Which program's archive this is. */
  archive: z.literal('baton'),
  format: z.int().min(1),
  /** `event`: all of an event. `epochs`: the reads of some of its sealed epochs. */
  kind: z.enum(['event', 'epochs']),
  eventId: EventId,
});
export type ArchiveHead = z.infer<typeof ArchiveHead>;

const decodeBase64 = (text: string): Uint8Array | null => {
  try {
    const binary = atob(text);
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return bytes;
  } catch {
    return null; // no base64
  }
};

/** Without a pattern: the engine’s patterns run out of stack on a document of some megabytes. */
const base64 = z.string().transform((text, context): Uint8Array => {
  const bytes = decodeBase64(text);
  if (bytes === null) context.addIssue('expected bytes in base64');
  return bytes ?? z.NEVER;
});

/** What follows `events/<eventId>/` in a document's name. */
const DocPart = z.string().refine((part) => parseDocName(`events/e/${part}`) !== null, 'expected a document’s name');

const Time = z.int().min(0);
const Head = z.int().min(0);

/** Only the epochs of a stream that ended are sealed. */
export const ArchivedEpoch = z.object({ streamId: StreamId, epoch: Epoch, head: Head, hash: SealHash.nullable() });
export type ArchivedEpoch = z.infer<typeof ArchivedEpoch>;

export const ArchivedStream = z.object({
  streamId: StreamId,
  forwarderId: NodeId,
  reader: z.string().min(1).max(128),
  currentEpoch: Epoch,
  commandedEpoch: Epoch.nullable(),
  createdAt: Time,
});
export type ArchivedStream = z.infer<typeof ArchivedStream>;

const FactKey = z.string().max(1024);

export const ArchivedFact = z.object({
  kind: z.enum(['external-result', 'official', 'official-rows', 'official-starters']),
  key: FactKey,
  bytes: base64,
});
export type ArchivedFact = z.infer<typeof ArchivedFact>;

/** Reads of the epoch before it: a batch in the byte grammar of `/sync`. */
export const ArchivedReads = z.object({
  firstSeq: z.int().min(1),
  count: z.int().min(1).max(MAX_BATCH_READS),
  batch: base64,
});
export type ArchivedReads = z.infer<typeof ArchivedReads>;

export const ArchivedDoc = z.object({ name: DocPart, update: base64 });
export type ArchivedDoc = z.infer<typeof ArchivedDoc>;

export const ArchiveEnd = z.object({
  /** Lines before this one. */
  lines: z.int().min(1),
  reads: z.int().min(0),
  /** Over every byte before this line, line feeds included. */
  sha256: SealHash,
});
export type ArchiveEnd = z.infer<typeof ArchiveEnd>;

/** A line other than the first, by its one member. */
export const ArchiveLine = z.union([
  z.strictObject({ reads: ArchivedReads }),
  z.strictObject({ epoch: ArchivedEpoch }),
  z.strictObject({ stream: ArchivedStream }),
  z.strictObject({ doc: ArchivedDoc }),
  z.strictObject({ fact: ArchivedFact }),
  z.strictObject({ event: EventBody }),
  z.strictObject({ end: ArchiveEnd }),
]);
export type ArchiveLine = z.infer<typeof ArchiveLine>;
