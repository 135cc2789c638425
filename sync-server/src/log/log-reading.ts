import type { ReadBody } from '@baton/schema/http';
import { decodeBatch, type NumberedRead, type Pair, readsOfBatch } from '@baton/schema/reads';
import type { Pace } from '@baton/schema/roster';
import { toBase64 } from '../platform/base64.ts';
import type { StoredBatch } from '../storage/store.ts';
import type { ReadLog } from './read-log.ts';

/** Reads asked of the log at once: some 100 KB. */
const STEP_READS = 2000;

/** Reads made at once: a stored batch has up to a thousand, and whoever takes them is to have a chance to rest. */
const PART_READS = 100;

/** The reads of a stored batch after `after` up to `last`, in order. */
function* partsOf(
  stored: StoredBatch,
  after: number,
  last: number,
): Generator<readonly NumberedRead[], void, undefined> {
  const decoded = decodeBatch(stored.batch);
  if (!decoded.ok) throw new Error(`a stored batch does not decode: ${decoded.error.message}`);
  const { firstSeq } = stored;
  const batch = decoded.value;
  const to = Math.min(batch.count, last - firstSeq + 1);
  for (let from = Math.max(0, after - firstSeq + 1); from < to; from += PART_READS) {
    yield readsOfBatch(batch, firstSeq, from, Math.min(to, from + PART_READS));
  }
}

/** Nothing is ever told with a hole in it. */
const missing = ({ streamId, epoch }: Pair, seq: number): Error =>
  new Error(`read ${seq} of ${streamId}/${epoch} is missing from the log`);

/**
 * Reads after `after` up to `last`, in order, some at a time: memory is bounded by what the asker
 * takes. What is appended meanwhile beyond `last` is not told.
 */
export async function* followEpoch(
  log: ReadLog,
  pair: Pair,
  after: number,
  last: number,
): AsyncGenerator<readonly NumberedRead[]> {
  let at = after;
  while (at < last) {
    const batches = await log.read(pair, at, Math.min(STEP_READS, last - at));
    const before = at;
    for (const stored of batches) {
      for (const reads of partsOf(stored, at, last)) {
        if (reads[0]?.seq !== at + 1) throw missing(pair, at + 1);
        at += reads.length;
        yield reads;
      }
    }
    if (at === before) throw missing(pair, at + 1);
  }
}

/** All of a bounded stretch. */
export const readStretch = async (
  { log, pace }: { readonly log: ReadLog; readonly pace: Pace },
  pair: Pair,
  after: number,
  last: number,
): Promise<readonly NumberedRead[]> => {
  const found: NumberedRead[] = [];
  for await (const reads of followEpoch(log, pair, after, last)) {
    found.push(...reads);
    if (pace.isOver()) await pace.rest();
  }
  return found;
};

export const readBody = (read: NumberedRead): ReadBody => ({
  seq: read.seq,
  readerTime: read.readerTime,
  receivedAt: read.receivedAt,
  chip: read.chip,
  kind: read.kind,
  raw: toBase64(read.raw),
});
