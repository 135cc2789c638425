import type { StreamId } from '@baton/schema/ids';
import type { Database } from 'better-sqlite3';
import { type EpochState, NO_READS, type StreamState } from '../append-plan.ts';
import { layerOver, type MapBelow } from './layered-map.ts';

export interface StreamEntry extends StreamState {
  readonly ref: number;
}

export interface EpochEntry extends EpochState {
  readonly ref: number;
  readonly epoch: number;
  /** Chunks whose rows are in their final form. */
  readonly chunksDone: number;
}

export type EpochKey = `${number}/${number}`;

export const epochKey = (ref: number, epoch: number): EpochKey => `${ref}/${epoch}`;

export const emptyEpoch = (ref: number, epoch: number): EpochEntry => ({ ...NO_READS, ref, epoch, chunksDone: 0 });

/** Heads, epochs and counters in memory, so that an append looks at no table before it writes. */
export interface LogState {
  readonly streams: MapBelow<StreamId, StreamEntry>;
  readonly epochs: MapBelow<EpochKey, EpochEntry>;
}

/** A state whose changes count once kept: after the commit, or after the savepoint. */
export interface StagedState extends LogState {
  readonly keep: () => void;
}

export const stageOver = (below: LogState): StagedState => {
  const streams = layerOver(below.streams);
  const epochs = layerOver(below.epochs);
  return {
    streams,
    epochs,
    keep: () => {
      streams.keep();
      epochs.keep();
    },
  };
};

interface StreamRow {
  readonly streamId: StreamId;
  readonly ref: number;
  readonly currentEpoch: number;
  readonly commandedEpoch: number | null;
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

interface EpochRow {
  readonly ref: number;
  readonly epoch: number;
  readonly head: number;
  readonly firstReadAt: number | null;
  readonly lastReadAt: number | null;
  readonly sealed: number;
  readonly archived: number;
  readonly chunksDone: number;
}

const STREAM_COLUMNS = `stream_ref AS ref, stream_id AS streamId, current_epoch AS currentEpoch,
  commanded_epoch AS commandedEpoch, accepted, duplicates, conflicts`;

/** Reads the state at start: one row a stream and one an epoch, never the batches. */
export const loadLogState = (
  db: Database,
): { readonly streams: Map<StreamId, StreamEntry>; readonly epochs: Map<EpochKey, EpochEntry> } => {
  const streams = new Map<StreamId, StreamEntry>();
  for (const { streamId, ...entry } of db.prepare<[], StreamRow>(`SELECT ${STREAM_COLUMNS} FROM streams`).iterate()) {
    streams.set(streamId, entry);
  }
  const epochs = new Map<EpochKey, EpochEntry>();
  const rows = db.prepare<[], EpochRow>(
    `SELECT stream_ref AS ref, epoch, head, first_read_at AS firstReadAt, last_read_at AS lastReadAt, sealed,
       archived, chunks_done AS chunksDone FROM epochs`,
  );
  for (const row of rows.iterate()) {
    epochs.set(epochKey(row.ref, row.epoch), { ...row, sealed: row.sealed === 1, archived: row.archived === 1 });
  }
  return { streams, epochs };
};
