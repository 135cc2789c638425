import { createHash } from 'node:crypto';
import type { StreamId } from '@baton/schema/ids';
import type { Database } from 'better-sqlite3';
import { type BatchRows, decodeStored } from './batch-rows.ts';
import { epochKey, type LogState } from './log-state.ts';
import { readRows } from './read.ts';

export interface SealRequest {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly head: number;
}

export type SealStep =
  | { readonly type: 'running' }
  /** All lines hashed: to be written with `writeSeal`. */
  | { readonly type: 'hashed'; readonly hash: string }
  /** The epoch does not end there (any more). */
  | { readonly type: 'not-there' };

/** Hashes an epoch piece by piece, so that appends go on in between. */
export interface Sealing {
  readonly step: () => SealStep;
}

/** Lines hashed in one step: some two milliseconds. */
const READS_PER_STEP = 4096;
const LF = Uint8Array.of(10);

export const startSealing = (state: LogState, rows: BatchRows, request: SealRequest): Sealing => {
  const hash = createHash('sha256');
  let done = 0;

  const step = (): SealStep => {
    const stream = state.streams.get(request.streamId);
    const entry = stream === undefined ? undefined : state.epochs.get(epochKey(stream.ref, request.epoch));
    if (entry === undefined || entry.head !== request.head) return { type: 'not-there' };
    for (const row of readRows(rows, entry, { afterSeq: done, maxReads: READS_PER_STEP, maxBytes: Number.MAX_VALUE })) {
      const batch = decodeStored(row);
      // a row may begin below `done` when compaction merged what was hashed with what was not
      for (let index = done + 1 - row.firstSeq; index < batch.count; index++)
        hash.update(batch.rawAt(index)).update(LF);
      done = row.firstSeq + row.count - 1;
    }
    return done < entry.head ? { type: 'running' } : { type: 'hashed', hash: hash.digest('hex') };
  };
  return { step };
};

export type WriteSeal = (state: LogState, request: SealRequest, hash: string) => boolean;

/** Marks the epoch as sealed, if it still ends where it was hashed to. */
export const createWriteSeal = (db: Database): WriteSeal => {
  const write = db.prepare('UPDATE epochs SET sealed = 1, hash = ? WHERE stream_ref = ? AND epoch = ?');
  return (state, { streamId, epoch, head }, hash) => {
    const stream = state.streams.get(streamId);
    if (stream === undefined) return false;
    const key = epochKey(stream.ref, epoch);
    const entry = state.epochs.get(key);
    if (entry === undefined || entry.head !== head) return false;
    write.run(hash, stream.ref, epoch);
    state.epochs.set(key, { ...entry, sealed: true });
    return true;
  };
};
