import type { EventId, StreamId } from '@baton/schema/ids';
import { exhaustive } from '@baton/schema/result';
import type { Database } from 'better-sqlite3';
import type { CursorRecord, DayUseRecord, StreamRecord } from '../records.ts';
import type { Change } from '../store.ts';
import { createArchiveRows } from './archive-rows.ts';
import { createAttachmentRows } from './attachment-rows.ts';
import type { BatchRows } from './batch-rows.ts';
import type { DocRows } from './doc-rows.ts';
import type { FactRows } from './fact-rows.ts';
import { textOfHours } from './load.ts';
import { emptyEpoch, epochKey, type LogState } from './log-state.ts';

/** Applies one change to the tables and to the state that stands for them. */
export type ApplyChange = (state: LogState, change: Change) => void;

const createEventRows = (db: Database) => {
  const put = db.prepare(
    `INSERT INTO events (event_id, title, date, timezone, location, status, status_changed_at, min_client_version, created_at)
     VALUES (@eventId, @title, @date, @timezone, @location, @status, @statusChangedAt, @minClientVersion, @createdAt)
     ON CONFLICT (event_id) DO UPDATE SET title = excluded.title, date = excluded.date, timezone = excluded.timezone,
       location = excluded.location, status = excluded.status, status_changed_at = excluded.status_changed_at,
       min_client_version = excluded.min_client_version, created_at = excluded.created_at`,
  );
  const remove = db.prepare('DELETE FROM events WHERE event_id = ?');
  const removeSize = db.prepare('DELETE FROM event_sizes WHERE event_id = ?');
  const has = db.prepare('SELECT 1 FROM events WHERE event_id = ?');
  return { put, remove, removeSize, has };
};

const createTokenRows = (db: Database) => {
  const put = db.prepare(
    `INSERT INTO tokens (token_id, hash, role, event_id, node_id, label, created_at, expires_at)
     VALUES (@tokenId, @hash, @role, @eventId, @nodeId, @label, @createdAt, @expiresAt)
     ON CONFLICT (token_id) DO UPDATE SET hash = excluded.hash, role = excluded.role, event_id = excluded.event_id,
       node_id = excluded.node_id, label = excluded.label, created_at = excluded.created_at,
       expires_at = excluded.expires_at`,
  );
  const remove = db.prepare('DELETE FROM tokens WHERE token_id = ?');
  const removeOfEvent = db.prepare('DELETE FROM tokens WHERE event_id = ?');
  return { put, remove, removeOfEvent };
};

interface PutStreamRow {
  readonly ref: number;
  readonly currentEpoch: number;
  readonly commandedEpoch: number | null;
  readonly accepted: number;
  readonly duplicates: number;
  readonly conflicts: number;
}

/**
 * A current epoch never goes down, and a command is not brought back once an epoch it asked for
 * has come, even if the record put is older than that.
 */
const createStreamRows = (db: Database) => {
  const put = db.prepare<[StreamRecord], PutStreamRow>(
    `INSERT INTO streams (stream_id, event_id, forwarder_id, reader, current_epoch, commanded_epoch, created_at)
     VALUES (@streamId, @eventId, @forwarderId, @reader, @currentEpoch, @commandedEpoch, @createdAt)
     ON CONFLICT (stream_id) DO UPDATE SET event_id = excluded.event_id, forwarder_id = excluded.forwarder_id,
       reader = excluded.reader, current_epoch = max(current_epoch, excluded.current_epoch),
       created_at = excluded.created_at,
       commanded_epoch = CASE WHEN EXISTS (
         SELECT 1 FROM epochs WHERE epochs.stream_ref = streams.stream_ref AND head > 0 AND epoch >= excluded.commanded_epoch
       ) THEN NULL ELSE excluded.commanded_epoch END
     RETURNING stream_ref AS ref, current_epoch AS currentEpoch, commanded_epoch AS commandedEpoch,
       accepted, duplicates, conflicts`,
  );
  const ofEvent = db.prepare<[EventId], { streamId: StreamId; ref: number }>(
    'SELECT stream_id AS streamId, stream_ref AS ref FROM streams WHERE event_id = ?',
  );
  const remove = db.prepare('DELETE FROM streams WHERE stream_ref = ?');
  const addEpoch = db.prepare('INSERT OR IGNORE INTO epochs (stream_ref, epoch) VALUES (?, ?)');
  const epochsOf = db.prepare<[number], { epoch: number }>('SELECT epoch FROM epochs WHERE stream_ref = ?');
  const removeEpochs = db.prepare('DELETE FROM epochs WHERE stream_ref = ?');
  return { put, ofEvent, remove, addEpoch, epochsOf, removeEpochs };
};

const createCursorRows = (db: Database) => {
  const raise = db.prepare(
    `INSERT INTO cursors (receiver_id, stream_ref, epoch, seq) VALUES (?, ?, ?, ?)
     ON CONFLICT (receiver_id, stream_ref, epoch) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq`,
  );
  const removeOfStream = db.prepare('DELETE FROM cursors WHERE stream_ref = ?');
  return { raise, removeOfStream };
};

const createDayUseRows = (db: Database): ((use: DayUseRecord) => void) => {
  const put = db.prepare(
    'INSERT INTO day_uses (owner, hours) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET hours = excluded.hours',
  );
  const remove = db.prepare('DELETE FROM day_uses WHERE owner = ?');
  return (use) => {
    if (use.hours.length === 0) remove.run(use.owner);
    else put.run(use.owner, textOfHours(use));
  };
};

/** @param deps the rows of the log and of documents, since deleting an event deletes those too */
export const createApplyChange = (
  db: Database,
  deps: { readonly batches: BatchRows; readonly docs: DocRows; readonly facts: FactRows },
): ApplyChange => {
  const events = createEventRows(db);
  const tokens = createTokenRows(db);
  const streams = createStreamRows(db);
  const cursors = createCursorRows(db);
  const attachments = createAttachmentRows(db);
  const putDayUse = createDayUseRows(db);
  const archive = createArchiveRows(db, deps.batches);

  const putStream = (state: LogState, stream: StreamRecord): void => {
    const row = streams.put.get(stream);
    if (row === undefined) throw new Error(`stream ${stream.streamId} was put and is not there`);
    state.streams.set(stream.streamId, row);
    streams.addEpoch.run(row.ref, row.currentEpoch);
    const key = epochKey(row.ref, row.currentEpoch);
    if (state.epochs.get(key) === undefined) state.epochs.set(key, emptyEpoch(row.ref, row.currentEpoch));
  };

  const deleteStream = (state: LogState, streamId: StreamId, ref: number): void => {
    for (const { epoch } of streams.epochsOf.all(ref)) state.epochs.delete(epochKey(ref, epoch));
    state.streams.delete(streamId);
    deps.batches.deleteStream(ref);
    cursors.removeOfStream.run(ref);
    streams.removeEpochs.run(ref);
    streams.remove.run(ref);
  };

  const deleteEvent = (state: LogState, eventId: EventId): void => {
    for (const { streamId, ref } of streams.ofEvent.all(eventId)) deleteStream(state, streamId, ref);
    tokens.removeOfEvent.run(eventId);
    attachments.removeOfEvent(eventId);
    deps.facts.removeOfEvent(eventId);
    deps.docs.deleteUnder(`events/${eventId}/`);
    events.remove.run(eventId);
    events.removeSize.run(eventId);
  };

  const raiseCursor = (state: LogState, cursor: CursorRecord): void => {
    const stream = state.streams.get(cursor.streamId);
    if (stream !== undefined) cursors.raise.run(cursor.receiverId, stream.ref, cursor.epoch, cursor.seq);
  };

  return (state, change) => {
    switch (change.type) {
      case 'putEvent':
        events.put.run(change.event);
        return;
      case 'deleteEvent':
        deleteEvent(state, change.eventId);
        return;
      case 'putToken':
        tokens.put.run(change.token);
        return;
      case 'deleteToken':
        tokens.remove.run(change.tokenId);
        return;
      case 'putStream':
        putStream(state, change.stream);
        return;
      case 'raiseCursors':
        for (const cursor of change.cursors) raiseCursor(state, cursor);
        return;
      case 'putFacts':
        for (const fact of change.facts) if (events.has.get(fact.eventId) !== undefined) deps.facts.put(fact);
        return;
      case 'putFactsAhead':
        for (const fact of change.facts) deps.facts.put(fact);
        return;
      case 'putDocAhead':
        deps.docs.append(change.name, [change.update]);
        return;
      case 'putDayUses':
        for (const use of change.uses) putDayUse(use);
        return;
      case 'archiveEpoch':
      case 'restoreReads':
      case 'reopenEpoch':
        archive(state, change);
        return;
      case 'attachNode':
      case 'declareNode':
      case 'detachNode':
      case 'revokeNode':
        attachments.apply(change);
        return;
      default:
        exhaustive(change);
    }
  };
};
