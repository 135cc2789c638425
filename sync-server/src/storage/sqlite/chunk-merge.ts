import { decodeBatch, encodeBatch, MAX_BATCH_BYTES, type Read, sameBytes, sliceBatch } from '@baton/schema/reads';
import { CHUNK_SIZE, firstSeqOfChunk } from '../chunk.ts';
import type { StoredBatch } from '../store.ts';
import { decodeStored } from './batch-rows.ts';

export type ChunkMerge =
  /** The rows are to be replaced by `chunk` and, where the last one goes beyond it, `rest`. */
  | { readonly type: 'merged'; readonly chunk: StoredBatch; readonly rest: StoredBatch | null }
  /** The rows stay: they are the chunk already, or one batch could not carry them unchanged. */
  | { readonly type: 'kept'; readonly reason: 'already-whole' | 'not-aligned' | 'too-large' | 'not-the-same' };

const sameRead = (a: Read, b: Read): boolean =>
  sameBytes(a.raw, b.raw) &&
  a.receivedAt === b.receivedAt &&
  a.readerTime === b.readerTime &&
  a.chip === b.chip &&
  a.kind === b.kind;

/** Whether bytes decode to exactly these reads. Nothing replaces stored bytes before this was seen. */
const holds = (bytes: Uint8Array, reads: readonly Read[]): boolean => {
  const batch = decodeBatch(bytes);
  if (!batch.ok || batch.value.count !== reads.length) return false;
  return reads.every((read, index) => sameRead(read, batch.value.at(index)));
};

const isWhole = (row: StoredBatch | undefined, first: number): boolean =>
  row?.firstSeq === first && row.count === CHUNK_SIZE;

/**
 * Makes one batch of the rows that begin in chunk `k`, given in order; the last may reach beyond it.
 * Batches come from outside: reads that are fine in their own batches may not fit one (each up to 1 MiB), or
 * lie too far apart in time for the codec's columns. Such a chunk keeps its rows.
 */
export const mergeChunk = (k: number, rows: readonly StoredBatch[]): ChunkMerge => {
  const first = firstSeqOfChunk(k);
  if (isWhole(rows[0], first)) return { type: 'kept', reason: 'already-whole' };
  if (rows[0]?.firstSeq !== first) return { type: 'kept', reason: 'not-aligned' };
  const reads: Read[] = [];
  let rest: StoredBatch | null = null;
  for (const row of rows) {
    const batch = decodeStored(row);
    const taken = Math.min(batch.count, CHUNK_SIZE - reads.length);
    for (let index = 0; index < taken; index++) reads.push(batch.at(index));
    if (taken === batch.count) continue;
    const bytes = sliceBatch(batch, taken, batch.count);
    const beyond = Array.from({ length: batch.count - taken }, (_, index) => batch.at(taken + index));
    if (!holds(bytes, beyond)) return { type: 'kept', reason: 'not-the-same' };
    rest = { firstSeq: row.firstSeq + taken, count: batch.count - taken, batch: bytes };
  }
  if (reads.length !== CHUNK_SIZE) return { type: 'kept', reason: 'not-aligned' };
  const bytes = encodeBatch(reads);
  if (bytes.length > MAX_BATCH_BYTES) return { type: 'kept', reason: 'too-large' };
  if (!holds(bytes, reads)) return { type: 'kept', reason: 'not-the-same' };
  return { type: 'merged', chunk: { firstSeq: first, count: CHUNK_SIZE, batch: bytes }, rest };
};
