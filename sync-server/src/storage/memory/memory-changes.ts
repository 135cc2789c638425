import type { EventId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { exhaustive } from '@baton/schema/result';
import { NO_READS } from '../append-plan.ts';
import { type AttachmentTable, applyNodeChange, isNodeChange, nodeOfChange, removeRecordsOf } from '../node-changes.ts';
import type { CursorRecord, EventFact, StreamRecord } from '../records.ts';
import type { Change, ChangeRefused } from '../store.ts';
import type { MemoryDisk, MemoryEpoch } from './memory-disk.ts';

const highestEpochWithReads = (disk: MemoryDisk, streamId: StreamId): number => {
  let highest = 0;
  for (const epoch of disk.epochs.values()) {
    if (epoch.streamId === streamId && epoch.head > 0) highest = Math.max(highest, epoch.epoch);
  }
  return highest;
};

const putStream = (disk: MemoryDisk, stream: StreamRecord): void => {
  const { streamId } = stream;
  const old = disk.streams.get(streamId);
  const currentEpoch = Math.max(stream.currentEpoch, old?.currentEpoch ?? 0);
  const { commandedEpoch } = stream;
  const confirmed = commandedEpoch !== null && commandedEpoch <= highestEpochWithReads(disk, streamId);
  disk.streams.set(streamId, {
    ...stream,
    currentEpoch,
    commandedEpoch: confirmed ? null : commandedEpoch,
    accepted: old?.accepted ?? 0,
    duplicates: old?.duplicates ?? 0,
    conflicts: old?.conflicts ?? 0,
  });
  const key = pairKey(streamId, currentEpoch);
  if (!disk.epochs.has(key)) {
    disk.epochs.set(key, { ...NO_READS, streamId, epoch: currentEpoch, hash: null, batches: [] });
  }
};

const raiseCursor = (disk: MemoryDisk, cursor: CursorRecord): void => {
  if (!disk.streams.has(cursor.streamId)) return;
  const key = `${cursor.receiverId}/${pairKey(cursor.streamId, cursor.epoch)}`;
  if (cursor.seq > (disk.cursors.get(key)?.seq ?? 0)) disk.cursors.set(key, { ...cursor });
};

const putFact = (disk: MemoryDisk, fact: EventFact): void => {
  disk.facts.set(`${fact.eventId}/${fact.kind}/${fact.key}`, { ...fact, bytes: Uint8Array.from(fact.bytes) });
};

export const putDoc = (disk: MemoryDisk, name: string, update: Uint8Array): void => {
  disk.docs.set(name, [...(disk.docs.get(name) ?? []), Uint8Array.from(update)]);
};

const deleteWhere = <K, V>(map: Map<K, V>, matches: (value: V, key: K) => boolean): void => {
  for (const [key, value] of map) if (matches(value, key)) map.delete(key);
};

const deleteEvent = (disk: MemoryDisk, eventId: EventId): void => {
  disk.events.delete(eventId);
  deleteWhere(disk.tokens, (token) => token.eventId === eventId);
  deleteWhere(disk.streams, (stream) => stream.eventId === eventId);
  deleteWhere(disk.epochs, (epoch) => !disk.streams.has(epoch.streamId));
  deleteWhere(disk.cursors, (cursor) => !disk.streams.has(cursor.streamId));
  removeRecordsOf(disk.attachments, eventId);
  deleteWhere(disk.facts, (fact) => fact.eventId === eventId);
  deleteWhere(disk.docs, (_, name) => name.startsWith(`events/${eventId}/`));
};

type Archiving = Extract<Change, { type: 'archiveEpoch' | 'restoreReads' | 'reopenEpoch' }>;

const archivingOf = (epoch: MemoryEpoch, change: Archiving): MemoryEpoch => {
  switch (change.type) {
    case 'archiveEpoch':
      return epoch.sealed && epoch.hash === change.hash ? { ...epoch, archived: true, batches: [] } : epoch;
    case 'restoreReads': {
      if (!epoch.archived) return epoch;
      const before = change.batches[0]?.firstSeq === 1 ? [] : epoch.batches;
      return { ...epoch, batches: [...before, ...change.batches] };
    }
    case 'reopenEpoch': {
      const count = epoch.batches.reduce((sum, it) => sum + it.count, 0);
      return count === epoch.head ? { ...epoch, archived: false } : epoch;
    }
  }
};

const applyArchiving = (disk: MemoryDisk, change: Archiving): void => {
  const key = pairKey(change.streamId, change.epoch);
  const epoch = disk.epochs.get(key);
  if (epoch !== undefined) disk.epochs.set(key, archivingOf(epoch, change));
};

/** Applies one change; `refusalOfChanges` has found none that is refused, so a list of them needs no undoing. */
export const applyChange = (disk: MemoryDisk, change: Change): void => {
  switch (change.type) {
    case 'putEvent':
      disk.events.set(change.event.eventId, { ...change.event });
      return;
    case 'deleteEvent':
      deleteEvent(disk, change.eventId);
      return;
    case 'putToken':
      disk.tokens.set(change.token.tokenId, { ...change.token });
      return;
    case 'deleteToken':
      disk.tokens.delete(change.tokenId);
      return;
    case 'putStream':
      putStream(disk, change.stream);
      return;
    case 'raiseCursors':
      for (const cursor of change.cursors) raiseCursor(disk, cursor);
      return;
    case 'putFacts':
      for (const fact of change.facts) if (disk.events.has(fact.eventId)) putFact(disk, fact);
      return;
    case 'putFactsAhead':
      for (const fact of change.facts) putFact(disk, fact);
      return;
    case 'putDocAhead':
      putDoc(disk, change.name, change.update);
      return;
    case 'putDayUses':
      for (const use of change.uses) {
        if (use.hours.length === 0) disk.dayUses.delete(use.owner);
        else disk.dayUses.set(use.owner, use);
      }
      return;
    case 'archiveEpoch':
    case 'restoreReads':
    case 'reopenEpoch':
      applyArchiving(disk, change);
      return;
    case 'attachNode':
    case 'declareNode':
    case 'detachNode':
    case 'revokeNode':
      applyNodeChange(disk.attachments, change);
      return;
    default:
      exhaustive(change);
  }
};

/** The first change of a list that cannot be, tried out on the rows it is about: the list is applied as a whole or not at all. */
export const refusalOfChanges = (disk: MemoryDisk, changes: readonly Change[]): ChangeRefused | null => {
  const tried: AttachmentTable = new Map();
  for (const { nodeId } of changes.flatMap((it) => (isNodeChange(it) ? nodeOfChange(it) : []))) {
    const known = disk.attachments.get(nodeId);
    if (known !== undefined) tried.set(nodeId, known);
  }
  for (const change of changes) {
    const refused = isNodeChange(change) ? applyNodeChange(tried, change) : null;
    if (refused !== null) return refused;
  }
  return null;
};
