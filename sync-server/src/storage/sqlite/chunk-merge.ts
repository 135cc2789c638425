import { decodeBatch, encodeBatch, type Read, sameBytes } from '@baton/schema/reads';
import { CHUNK_SIZE, firstSeqOfChunk } from '../chunk.ts';
import type { StoredBatch } from '../store.ts';
import { decodeStored } from './batch-rows.ts';

export type ChunkMerge =
  /** These rows are to take the place of all rows that begin in the chunk: the chunk, and what lies beyond it. */
  | { readonly type: 'merged'; readonly rows: readonly StoredBatch[] }
  /** One batch cannot carry the chunk; only its last row is to be cut at the chunk's end, so that the next begins there. */
  | { readonly type: 'cut'; readonly rows: readonly StoredBatch[] }
  /** The rows stay as they are. */
  | { readonly type: 'kept'; readonly reason: 'already-whole' | 'not-aligned' | 'too-large' | 'not-the-same' };

const sameRead = (a: Read, b: Read): boolean =>
  sameBytes(a.raw, b.raw) &&
  a.receivedAt === b.receivedAt &&
  a.readerTime === b.readerTime &&
  a.chip === b.chip &&
  a.kind === b.kind;

/** Whether bytes decode to exactly these reads (too many bytes do not). Nothing replaces stored bytes before this was seen. */
const holds = (bytes: Uint8Array, reads: readonly Read[]): boolean => {
  const batch = decodeBatch(bytes);
  if (!batch.ok || batch.value.count !== reads.length) return false;
  return reads.every((read, index) => sameRead(read, batch.value.at(index)));
};

const isWhole = (row: StoredBatch | undefined, first: number): boolean =>
  row?.firstSeq === first && row.count === CHUNK_SIZE;

const readsIn = (row: StoredBatch): readonly Read[] => {
  const batch = decodeStored(row);
  return Array.from({ length: batch.count }, (_, index) => batch.at(index));
};

/** Reads as one row; null when one batch cannot carry them unchanged. */
const asRow = (firstSeq: number, reads: readonly Read[]): StoredBatch | null => {
  const batch = encodeBatch(reads);
  return holds(batch, reads) ? { firstSeq, count: reads.length, batch } : null;
};

/** Cuts the last row at the chunk's end. */
const cutLast = (last: StoredBatch, next: number): ChunkMerge => {
  const reads = readsIn(last);
  const front = asRow(last.firstSeq, reads.slice(0, next - last.firstSeq));
  const beyond = asRow(next, reads.slice(next - last.firstSeq));
  if (front === null || beyond === null) return { type: 'kept', reason: 'not-the-same' };
  return { type: 'cut', rows: [front, beyond] };
};

/**
 * Makes one batch of the rows that begin in chunk `k`, given in order; the last may reach beyond it.
 * Batches come from outside: reads that are fine in their own batches may be too large for one (each up to
 * 1 MiB), and what the codec gives back must be the same before anything is replaced.
 */
export const mergeChunk = (k: number, rows: readonly StoredBatch[]): ChunkMerge => {
  const first = firstSeqOfChunk(k);
  const next = firstSeqOfChunk(k + 1);
  const last = rows.at(-1);
  if (isWhole(rows[0], first)) return { type: 'kept', reason: 'already-whole' };
  if (last === undefined || rows[0]?.firstSeq !== first || last.firstSeq + last.count < next) {
    return { type: 'kept', reason: 'not-aligned' };
  }
  const reads = rows.flatMap(readsIn);
  const chunk = asRow(first, reads.slice(0, CHUNK_SIZE));
  const beyond = reads.length === CHUNK_SIZE ? null : asRow(next, reads.slice(CHUNK_SIZE));
  if (chunk !== null && reads.length === CHUNK_SIZE) return { type: 'merged', rows: [chunk] };
  if (chunk !== null && beyond !== null) return { type: 'merged', rows: [chunk, beyond] };
  return reads.length === CHUNK_SIZE ? { type: 'kept', reason: 'too-large' } : cutLast(last, next);
};
