import type { StreamId } from '@baton/schema/ids';
import type { Database } from 'better-sqlite3';
import { fullChunks } from '../chunk.ts';
import type { Change, StoredBatch } from '../store.ts';
import type { BatchRows } from './batch-rows.ts';
import { type EpochEntry, epochKey, type LogState } from './log-state.ts';

export type ArchiveChange = Extract<Change, { type: 'archiveEpoch' | 'restoreReads' | 'reopenEpoch' }>;

/** Reads that leave the database for a file, and come back. */
export const createArchiveRows = (
  db: Database,
  batches: BatchRows,
): ((state: LogState, change: ArchiveChange) => void) => {
  const write = db.prepare('UPDATE epochs SET archived = ?, chunks_done = ? WHERE stream_ref = ? AND epoch = ?');
  const hashOf = db.prepare<[number, number], { hash: string | null }>(
    'SELECT hash FROM epochs WHERE stream_ref = ? AND epoch = ? AND sealed = 1',
  );
  const rowsEnd = db.prepare<[number, number], { count: number; last: number }>(
    `SELECT ifnull(sum(count), 0) AS count, ifnull(max(first_seq + count - 1), 0) AS last
     FROM batches WHERE stream_ref = ? AND epoch = ?`,
  );

  const entryOf = (state: LogState, streamId: StreamId, epoch: number): EpochEntry | undefined => {
    const stream = state.streams.get(streamId);
    return stream === undefined ? undefined : state.epochs.get(epochKey(stream.ref, epoch));
  };

  /** All chunks count as done: what comes back comes in the form in which they end. */
  const mark = (state: LogState, entry: EpochEntry, archived: boolean): void => {
    const chunksDone = fullChunks(entry.head);
    write.run(archived ? 1 : 0, chunksDone, entry.ref, entry.epoch);
    state.epochs.set(epochKey(entry.ref, entry.epoch), { ...entry, archived, chunksDone });
  };

  const drop = (state: LogState, entry: EpochEntry, hash: string): void => {
    if (hashOf.get(entry.ref, entry.epoch)?.hash !== hash) return;
    batches.deleteBetween(entry.ref, entry.epoch, 0, Number.MAX_SAFE_INTEGER);
    mark(state, entry, true);
  };

  const restore = ({ ref, epoch }: EpochEntry, reads: readonly StoredBatch[]): void => {
    if (reads[0]?.firstSeq === 1) batches.deleteBetween(ref, epoch, 0, Number.MAX_SAFE_INTEGER);
    for (const batch of reads) batches.insert(ref, epoch, batch);
  };

  const reopen = (state: LogState, entry: EpochEntry): void => {
    const found = rowsEnd.get(entry.ref, entry.epoch);
    if (found?.count === entry.head && found.last === entry.head) mark(state, entry, false);
  };

  return (state, change) => {
    const entry = entryOf(state, change.streamId, change.epoch);
    if (entry === undefined) return;
    if (change.type === 'archiveEpoch') {
      if (!entry.archived) drop(state, entry, change.hash);
    } else if (entry.archived && change.type === 'restoreReads') restore(entry, change.batches);
    else if (entry.archived && change.type === 'reopenEpoch') reopen(state, entry);
  };
};
