import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId, StreamId, TokenId } from '@baton/schema/ids';
import { type Pair, pairKey } from '@baton/schema/reads';
import { err, exhaustive, ok, type Result } from '@baton/schema/result';
import {
  type AttachmentTable,
  applyNodeChange,
  putRecord,
  recordIn,
  recordsIn,
  removeRecordsOf,
} from '../storage/node-changes.ts';
import type {
  AttachmentRecord,
  CursorRecord,
  EpochRecord,
  EventRecord,
  RelayRecords,
  StreamCounters,
  StreamRecord,
  TokenRecord,
} from '../storage/records.ts';
import type { AppendReply, Change, ChangeReply, NodeKey, Store } from '../storage/store.ts';
import { createSerial } from './serial.ts';

/** The relay's small records: answered from memory, changed only after the disk has them. */
export interface Registry {
  readonly events: () => readonly EventRecord[];
  readonly event: (eventId: EventId) => EventRecord | undefined;
  readonly tokens: () => readonly TokenRecord[];
  readonly token: (tokenId: TokenId) => TokenRecord | undefined;
  readonly tokenByHash: (hash: string) => TokenRecord | undefined;
  readonly streams: (eventId: EventId) => readonly StreamRow[];
  readonly stream: (streamId: StreamId) => StreamRow | undefined;
  /** Epochs with a record (reads, or once current), ascending. */
  readonly epochs: (streamId: StreamId) => readonly EpochRecord[];
  readonly epoch: (pair: Pair) => EpochRecord | undefined;
  readonly cursors: (receiverId: NodeId) => readonly CursorRecord[];
  readonly attachment: (node: NodeKey) => AttachmentRecord | undefined;
  readonly attachments: () => readonly AttachmentRecord[];
  /** Of one node, in every event. */
  readonly attachmentsOf: (nodeId: NodeId) => readonly AttachmentRecord[];
  /** Durable first, then visible in memory, then listeners are told. */
  readonly change: (changes: readonly Change[]) => Promise<Result<void, Refusal>>;
  /**
   * Changes a stream's record by what it is at that moment; edits of one stream come one after another, so that none
   * overwrites what another has just stored. Null leaves it as it is.
   */
  readonly editStream: (
    streamId: StreamId,
    edit: (stream: StreamRow) => StreamRecord | null,
  ) => Promise<Result<void, Refusal>>;
  /** Called after each change that is visible: records changed, or a stream has reads of a new epoch. Returns the way to stop. */
  readonly onChange: (listener: (changes: readonly Change[]) => void) => () => void;
}

export interface StreamRow extends StreamRecord, StreamCounters {}

/** What the read log tells the registry, so that counts and heads are answered from memory. */
export interface AppendNotes {
  readonly noteAppend: (pair: Pair, reply: AppendReply) => void;
  readonly noteSealed: (pair: Pair, hash: string) => void;
}

interface Tables {
  readonly events: Map<EventId, EventRecord>;
  readonly tokens: Map<TokenId, TokenRecord>;
  readonly tokensByHash: Map<string, TokenRecord>;
  readonly streams: Map<StreamId, StreamRow>;
  readonly epochs: Map<StreamId, Map<number, EpochRecord>>;
  readonly cursors: Map<NodeId, Map<string, CursorRecord>>;
  readonly attachments: AttachmentTable;
}

const NO_COUNTS = { accepted: 0, duplicates: 0, conflicts: 0 } as const;

const emptyEpoch = (streamId: StreamId, epoch: number): EpochRecord => ({
  streamId,
  epoch,
  head: 0,
  firstReadAt: null,
  lastReadAt: null,
  sealed: false,
  hash: null,
  archived: false,
});

const epochsOf = (tables: Tables, streamId: StreamId): Map<number, EpochRecord> => {
  const found = tables.epochs.get(streamId);
  if (found !== undefined) return found;
  const made = new Map<number, EpochRecord>();
  tables.epochs.set(streamId, made);
  return made;
};

const putToken = (tables: Tables, token: TokenRecord): void => {
  tables.tokens.set(token.tokenId, token);
  tables.tokensByHash.set(token.hash, token);
};

const dropToken = (tables: Tables, tokenId: TokenId): void => {
  const token = tables.tokens.get(tokenId);
  if (token !== undefined) tables.tokensByHash.delete(token.hash);
  tables.tokens.delete(tokenId);
};

const putStream = (tables: Tables, stream: StreamRecord): void => {
  const old = tables.streams.get(stream.streamId);
  const currentEpoch = Math.max(stream.currentEpoch, old?.currentEpoch ?? 1);
  const epochs = epochsOf(tables, stream.streamId);
  // a read of the commanded epoch or a higher one has come meanwhile: the command is confirmed
  const { commandedEpoch } = stream;
  const confirmed =
    commandedEpoch !== null && [...epochs.values()].some((it) => it.head > 0 && it.epoch >= commandedEpoch);
  const { accepted, duplicates, conflicts } = old ?? NO_COUNTS;
  tables.streams.set(stream.streamId, {
    ...stream,
    currentEpoch,
    commandedEpoch: confirmed ? null : commandedEpoch,
    accepted,
    duplicates,
    conflicts,
  });
  if (!epochs.has(currentEpoch)) epochs.set(currentEpoch, emptyEpoch(stream.streamId, currentEpoch));
};

const raiseCursor = (tables: Tables, cursor: CursorRecord): void => {
  const cursors = tables.cursors.get(cursor.receiverId) ?? new Map<string, CursorRecord>();
  const key = pairKey(cursor.streamId, cursor.epoch);
  if ((cursors.get(key)?.seq ?? 0) < cursor.seq) cursors.set(key, cursor);
  tables.cursors.set(cursor.receiverId, cursors);
};

/** The same conditions as the store's. */
const setArchived = (tables: Tables, change: Extract<Change, { type: 'archiveEpoch' | 'reopenEpoch' }>): void => {
  const epoch = tables.epochs.get(change.streamId)?.get(change.epoch);
  if (epoch === undefined || (change.type === 'archiveEpoch' && epoch.hash !== change.hash)) return;
  epochsOf(tables, change.streamId).set(change.epoch, { ...epoch, archived: change.type === 'archiveEpoch' });
};

const deleteEvent = (tables: Tables, eventId: EventId): void => {
  tables.events.delete(eventId);
  for (const token of [...tables.tokens.values()]) if (token.eventId === eventId) dropToken(tables, token.tokenId);
  removeRecordsOf(tables.attachments, eventId);
  for (const stream of [...tables.streams.values()]) {
    if (stream.eventId !== eventId) continue;
    tables.streams.delete(stream.streamId);
    tables.epochs.delete(stream.streamId);
    for (const cursors of tables.cursors.values()) {
      for (const [key, cursor] of cursors) if (cursor.streamId === stream.streamId) cursors.delete(key);
    }
  }
};

const applyChange = (tables: Tables, change: Change): void => {
  switch (change.type) {
    case 'putEvent':
      tables.events.set(change.event.eventId, change.event);
      return;
    case 'deleteEvent':
      deleteEvent(tables, change.eventId);
      return;
    case 'putToken':
      putToken(tables, change.token);
      return;
    case 'deleteToken':
      dropToken(tables, change.tokenId);
      return;
    case 'putStream':
      putStream(tables, change.stream);
      return;
    case 'raiseCursors':
      for (const cursor of change.cursors) raiseCursor(tables, cursor);
      return;
    case 'putFacts':
    case 'putFactsAhead':
    case 'putDocAhead':
    case 'putDayUses':
    case 'restoreReads':
      return; // on disk only
    case 'archiveEpoch':
    case 'reopenEpoch':
      setArchived(tables, change);
      return;
    case 'attachNode':
    case 'declareNode':
    case 'detachNode':
    case 'revokeNode':
      applyNodeChange(tables.attachments, change);
      return;
    default:
      exhaustive(change);
  }
};

const tablesOf = (records: RelayRecords): Tables => {
  const tables: Tables = {
    events: new Map(records.events.map((it) => [it.eventId, it])),
    tokens: new Map(),
    tokensByHash: new Map(),
    streams: new Map(records.streams.map((it) => [it.streamId, it])),
    epochs: new Map(),
    cursors: new Map(),
    attachments: new Map(),
  };
  for (const attachment of records.attachments) putRecord(tables.attachments, attachment);
  for (const token of records.tokens) putToken(tables, token);
  for (const epoch of records.epochs) epochsOf(tables, epoch.streamId).set(epoch.epoch, epoch);
  for (const stream of records.streams) putStream(tables, stream);
  for (const cursor of records.cursors) raiseCursor(tables, cursor);
  return tables;
};

/** A commit that did not happen, as the peer is told. */
export const refusalOfCommit = (reply: Exclude<ChangeReply, { type: 'committed' }>): Refusal => {
  switch (reply.type) {
    case 'storage-full':
      return refusal('STORAGE_FULL', 'the relay’s disk is full: nothing was stored; it goes on when there is space');
    case 'failed':
      return refusal('INTERNAL', 'the relay could not store the change');
    case 'refused':
      return reply.reason === 'node-revoked'
        ? refusal('NODE_REVOKED', 'the node was revoked for good; set it up again under another id')
        : refusal('NODE_ATTACH_CONFLICT', 'the node is active in another event; detach it there first');
  }
};

const countsAfter = (stream: StreamRow, reply: AppendReply): StreamRow => {
  switch (reply.type) {
    case 'accepted':
      return {
        ...stream,
        accepted: stream.accepted + reply.stored.count,
        duplicates: stream.duplicates + reply.duplicates,
      };
    case 'duplicate':
      return { ...stream, duplicates: stream.duplicates + reply.duplicates };
    case 'conflict':
      return { ...stream, conflicts: stream.conflicts + 1 };
    default:
      return stream;
  }
};

/** The record alone, without its counts: those go on while it is stored. */
const recordOf = (stream: StreamRecord): StreamRecord => ({
  streamId: stream.streamId,
  eventId: stream.eventId,
  forwarderId: stream.forwarderId,
  reader: stream.reader,
  createdAt: stream.createdAt,
  currentEpoch: stream.currentEpoch,
  commandedEpoch: stream.commandedEpoch,
});

/** The records as loaded, then kept in step with the store. */
export const createRegistry = (records: RelayRecords, store: Pick<Store, 'commit'>): Registry & AppendNotes => {
  const tables = tablesOf(records);
  const serial = createSerial();
  const listeners = new Set<(changes: readonly Change[]) => void>();

  const tell = (changes: readonly Change[]): void => {
    for (const listener of listeners) listener(changes);
  };

  const change = async (changes: readonly Change[]): Promise<Result<void, Refusal>> => {
    const reply = await store.commit(changes);
    if (reply.type !== 'committed') return err(refusalOfCommit(reply));
    for (const it of changes) applyChange(tables, it);
    tell(changes);
    return ok(undefined);
  };

  const editStream: Registry['editStream'] = (streamId, edit) =>
    serial.run(streamId, async () => {
      const row = tables.streams.get(streamId);
      const stream = row === undefined ? null : edit(row);
      return stream === null ? ok(undefined) : change([{ type: 'putStream', stream: recordOf(stream) }]);
    });

  const noteAppend = (pair: Pair, reply: AppendReply): void => {
    const stream = tables.streams.get(pair.streamId);
    if (stream === undefined) return;
    let after = countsAfter(stream, reply);
    let isNewEpoch = false;
    if (reply.type === 'accepted') {
      const epochs = epochsOf(tables, pair.streamId);
      // also one below the current: its forwarder passed it over, then its reads came late
      isNewEpoch = !epochs.has(pair.epoch);
      epochs.set(pair.epoch, { ...(epochs.get(pair.epoch) ?? emptyEpoch(pair.streamId, pair.epoch)), ...reply.state });
      const confirmed = after.commandedEpoch !== null && pair.epoch >= after.commandedEpoch;
      after = {
        ...after,
        currentEpoch: Math.max(after.currentEpoch, pair.epoch),
        commandedEpoch: confirmed ? null : after.commandedEpoch,
      };
    }
    tables.streams.set(pair.streamId, after);
    if (isNewEpoch || after.currentEpoch !== stream.currentEpoch) tell([{ type: 'putStream', stream: after }]);
  };

  const noteSealed = (pair: Pair, hash: string): void => {
    const epochs = epochsOf(tables, pair.streamId);
    const epoch = epochs.get(pair.epoch);
    if (epoch !== undefined) epochs.set(pair.epoch, { ...epoch, sealed: true, hash });
  };

  return {
    events: () => [...tables.events.values()],
    event: (eventId) => tables.events.get(eventId),
    tokens: () => [...tables.tokens.values()],
    token: (tokenId) => tables.tokens.get(tokenId),
    tokenByHash: (hash) => tables.tokensByHash.get(hash),
    streams: (eventId) => [...tables.streams.values()].filter((it) => it.eventId === eventId),
    stream: (streamId) => tables.streams.get(streamId),
    epochs: (streamId) => [...(tables.epochs.get(streamId)?.values() ?? [])].sort((a, b) => a.epoch - b.epoch),
    epoch: (pair) => tables.epochs.get(pair.streamId)?.get(pair.epoch),
    attachment: (node) => recordIn(tables.attachments, node),
    attachments: () => recordsIn(tables.attachments),
    attachmentsOf: (nodeId) => [...(tables.attachments.get(nodeId)?.values() ?? [])],
    cursors: (receiverId) => [...(tables.cursors.get(receiverId)?.values() ?? [])],
    change,
    editStream,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    noteAppend,
    noteSealed,
  };
};
