import { decodeBatch, sameBytes } from '@baton/schema/reads';
import type { Database } from 'better-sqlite3';
import { duplicatePlan, misnumbered, planAppend } from '../append-plan.ts';
import type { AppendCommand, AppendReply, StoredBatch } from '../store.ts';
import { type BatchRows, decodeStored } from './batch-rows.ts';
import { type EpochEntry, type EpochKey, emptyEpoch, epochKey, type LogState, type StreamEntry } from './log-state.ts';

/** Stored lines of an epoch by number; the last looked-up row stays decoded, since numbers come in order. */
const storedLines = (rows: BatchRows, ref: number, epoch: number): ((seq: number) => Uint8Array | undefined) => {
  let held: { readonly stored: StoredBatch; readonly rawAt: (index: number) => Uint8Array } | null = null;
  return (seq) => {
    if (held === null || seq < held.stored.firstSeq || seq >= held.stored.firstSeq + held.stored.count) {
      const stored = rows.holding(ref, epoch, seq);
      if (stored === undefined || seq >= stored.firstSeq + stored.count) return undefined;
      held = { stored, rawAt: decodeStored(stored).rawAt };
    }
    return held.rawAt(seq - held.stored.firstSeq);
  };
};

/**
 * Appends of one transaction. Rows are inserted at once; counters and heads are gathered and written
 * by `flush`, one row for each stream and epoch however many batches came.
 */
export interface Appender {
  readonly append: (state: LogState, command: AppendCommand) => AppendReply;
  /** Writes what was gathered. Must be called before the commit, and before any other change of the records. */
  readonly flush: () => void;
  /** Forgets what was gathered: the transaction is undone. Else the epochs that have a full chunk more are told. */
  readonly forget: () => void;
}

export const createAppender = (db: Database, rows: BatchRows): Appender => {
  const writeStream = db.prepare(
    `UPDATE streams SET current_epoch = ?, commanded_epoch = ?, accepted = ?, duplicates = ?, conflicts = ?
     WHERE stream_ref = ?`,
  );
  const writeEpoch = db.prepare(
    `INSERT INTO epochs (stream_ref, epoch, head, first_read_at, last_read_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (stream_ref, epoch) DO UPDATE SET head = excluded.head,
       first_read_at = excluded.first_read_at, last_read_at = excluded.last_read_at`,
  );
  const streams = new Map<number, StreamEntry>();
  const epochs = new Map<EpochKey, EpochEntry>();

  /** The commonest repeat: a batch sent again as it was. Its row is compared as it lies, without decoding. */
  const isStoredRow = (stream: StreamEntry, epoch: EpochEntry, command: AppendCommand): number => {
    if (command.firstSeq > epoch.head) return 0;
    const row = rows.startingAt(stream.ref, command.epoch, command.firstSeq);
    return row !== undefined && sameBytes(row.batch, command.batch) ? row.count : 0;
  };

  const append = (state: LogState, command: AppendCommand): AppendReply => {
    const { streamId } = command;
    const stream = state.streams.get(streamId);
    if (stream === undefined) return { type: 'unknown-stream' };
    const wrong = misnumbered(command);
    if (wrong !== null) return { type: 'malformed', message: wrong };

    const key = epochKey(stream.ref, command.epoch);
    const epoch = state.epochs.get(key) ?? emptyEpoch(stream.ref, command.epoch);
    const repeated = isStoredRow(stream, epoch, command);
    const batch = repeated > 0 ? null : decodeBatch(command.batch);
    if (batch?.ok === false) return { type: 'malformed', message: batch.error.message };
    const plan =
      batch === null
        ? duplicatePlan(stream, epoch, repeated)
        : planAppend(stream, epoch, command, batch.value, storedLines(rows, stream.ref, command.epoch));

    if (plan.stored !== null) {
      rows.insert(stream.ref, command.epoch, plan.stored);
      const after = { ...epoch, ...plan.epoch };
      state.epochs.set(key, after);
      epochs.set(key, after);
    }
    if (plan.stream !== stream) {
      const after = { ...stream, ...plan.stream };
      state.streams.set(streamId, after);
      streams.set(after.ref, after);
    }
    return plan.reply;
  };

  const forget = (): void => {
    streams.clear();
    epochs.clear();
  };

  const flush = (): void => {
    for (const it of streams.values()) {
      writeStream.run(it.currentEpoch, it.commandedEpoch, it.accepted, it.duplicates, it.conflicts, it.ref);
    }
    for (const it of epochs.values()) writeEpoch.run(it.ref, it.epoch, it.head, it.firstReadAt, it.lastReadAt);
    forget();
  };

  return { append, flush, forget };
};
