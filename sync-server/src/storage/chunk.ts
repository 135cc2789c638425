import { MAX_BATCH_READS } from '@baton/schema/reads';

/**
 * Reads of a full chunk. Chunk `k` (from 0) of an epoch holds `k * CHUNK_SIZE + 1` to
 * `(k + 1) * CHUNK_SIZE`; once full it is stored as one batch and never changes again, so anything
 * in between can cache it for ever.
 */
export const CHUNK_SIZE = MAX_BATCH_READS;

/** First seq of chunk `k`. */
export const firstSeqOfChunk = (k: number): number => k * CHUNK_SIZE + 1;

/** Chunks that are full when an epoch's head is `head`. */
export const fullChunks = (head: number): number => Math.floor(head / CHUNK_SIZE);
