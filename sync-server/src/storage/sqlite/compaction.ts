import type { Database } from 'better-sqlite3';
import { firstSeqOfChunk, fullChunks } from '../chunk.ts';
import type { StoredBatch } from '../store.ts';
import { type BatchRows, DamagedRowError } from './batch-rows.ts';
import { type ChunkMerge, mergeChunk } from './chunk-merge.ts';
import type { EpochEntry, EpochKey, LogState } from './log-state.ts';

/**
 * Chunks of one step: some five milliseconds of work and one sync. They are of different epochs where there are
 * several, because rows that came at the same time lie on the same pages: deleting them together writes those once.
 */
const CHUNKS_PER_STEP = 4;

/** Turns the rows of full chunks into one row each, a bounded piece of work at a time. */
export interface Compaction {
  /** Remembers an epoch if it has a full chunk whose rows are not final. */
  readonly consider: (key: EpochKey, entry: EpochEntry) => void;
  readonly hasWork: () => boolean;
  /** Finishes a few chunks, the epochs taking turns; gives about how many bytes of pages that changed. To be run in a transaction of its own; `state` is its stage. */
  readonly step: (state: LogState) => number;
}

/** A row's head and its entry in the index. */
const ROW_BYTES = 40;

const bytesOfRows = (rows: readonly StoredBatch[]): number =>
  rows.reduce((sum, { batch }) => sum + ROW_BYTES + batch.length, 0);

const hasOpenChunk = (entry: EpochEntry | undefined): entry is EpochEntry =>
  entry !== undefined && fullChunks(entry.head) > entry.chunksDone;

export const createCompaction = (db: Database, rows: BatchRows): Compaction => {
  const writeDone = db.prepare('UPDATE epochs SET chunks_done = ? WHERE stream_ref = ? AND epoch = ?');
  const waiting = new Set<EpochKey>();

  const rowsOfChunk = ({ ref, epoch }: EpochEntry, k: number): readonly StoredBatch[] => [
    ...rows.between(ref, epoch, firstSeqOfChunk(k), firstSeqOfChunk(k + 1) - 1),
  ];

  /** A damaged row stays where it is, to be reported with its place by whoever reads it. */
  const mergeOrKeep = (
    entry: EpochEntry,
    k: number,
  ): { readonly before: readonly StoredBatch[]; readonly merge: ChunkMerge } => {
    try {
      const before = rowsOfChunk(entry, k);
      return { before, merge: mergeChunk(k, before) };
    } catch (error) {
      if (error instanceof DamagedRowError) return { before: [], merge: { type: 'kept', reason: 'not-the-same' } };
      throw error;
    }
  };

  const finishChunk = (entry: EpochEntry, k: number): number => {
    const { before, merge } = mergeOrKeep(entry, k);
    if (merge.type === 'kept') return 0;
    const from = merge.rows[0]?.firstSeq ?? firstSeqOfChunk(k);
    rows.deleteBetween(entry.ref, entry.epoch, from, firstSeqOfChunk(k + 1) - 1);
    for (const row of merge.rows) rows.insert(entry.ref, entry.epoch, row);
    return bytesOfRows(before) + bytesOfRows(merge.rows);
  };

  /** Finishes the next chunk of the epoch whose turn it is. */
  const finishNext = (state: LogState, key: EpochKey): number => {
    waiting.delete(key);
    const entry = state.epochs.get(key);
    if (!hasOpenChunk(entry)) return 0;
    waiting.add(key); // behind the others; it leaves once it is seen to be finished, so an undone step is done again
    const bytes = finishChunk(entry, entry.chunksDone);
    const chunksDone = entry.chunksDone + 1;
    writeDone.run(chunksDone, entry.ref, entry.epoch);
    state.epochs.set(key, { ...entry, chunksDone });
    return bytes;
  };

  const step = (state: LogState): number => {
    let bytes = 0;
    for (let count = 0; count < CHUNKS_PER_STEP; count++) {
      const key = waiting.values().next().value;
      if (key === undefined) break;
      bytes += finishNext(state, key);
    }
    return bytes;
  };

  return {
    consider: (key, entry) => {
      if (hasOpenChunk(entry)) waiting.add(key);
    },
    hasWork: () => waiting.size > 0,
    step,
  };
};
