import { createHash } from 'node:crypto';
import { parseDocName } from '@baton/schema/doc';
import type { EventId } from '@baton/schema/ids';
import { decodeBatch, pairKey } from '@baton/schema/reads';
import { misnumbered, NO_READS, planAppend } from '../append-plan.ts';
import { mergeUpdates } from '../merge-updates.ts';
import { recordsIn } from '../node-changes.ts';
import type { EpochRecord, EventFact, EventSize, FactKind, RelayRecords } from '../records.ts';
import type {
  AppendCommand,
  AppendReply,
  CommitReply,
  CompactReply,
  ReadCommand,
  Store,
  StoredBatch,
} from '../store.ts';
import { StoreFailedError } from '../store-error.ts';
import { applyChange, putDoc, refusalOfChanges } from './memory-changes.ts';
import { createMemoryDisk, type MemoryDisk, type MemoryEpoch } from './memory-disk.ts';

const COMMITTED: CommitReply = { type: 'committed' };

const lastSeqOf = (batch: StoredBatch): number => batch.firstSeq + batch.count - 1;

const rawsOf = (stored: StoredBatch): readonly Uint8Array[] => {
  const batch = decodeBatch(stored.batch);
  if (!batch.ok) throw new StoreFailedError(`stored batch from seq ${stored.firstSeq}: ${batch.error.message}`);
  return Array.from({ length: stored.count }, (_, index) => batch.value.rawAt(index));
};

const knownIn =
  (batches: readonly StoredBatch[]) =>
  (seq: number): Uint8Array | undefined => {
    const stored = batches.find((it) => it.firstSeq <= seq && seq <= lastSeqOf(it));
    return stored === undefined ? undefined : rawsOf(stored)[seq - stored.firstSeq];
  };

const emptyEpoch = ({ streamId, epoch }: AppendCommand): MemoryEpoch => ({
  ...NO_READS,
  streamId,
  epoch,
  hash: null,
  batches: [],
});

const append = (disk: MemoryDisk, command: AppendCommand): AppendReply => {
  const { streamId } = command;
  const stream = disk.streams.get(streamId);
  if (stream === undefined) return { type: 'unknown-stream' };
  const wrong = misnumbered(command);
  if (wrong !== null) return { type: 'malformed', message: wrong };
  const batch = decodeBatch(command.batch);
  if (!batch.ok) return { type: 'malformed', message: batch.error.message };

  const key = pairKey(streamId, command.epoch);
  const epoch = disk.epochs.get(key) ?? emptyEpoch(command);
  const plan = planAppend(stream, epoch, command, batch.value, knownIn(epoch.batches));
  disk.streams.set(streamId, { ...stream, ...plan.stream });
  if (plan.stored !== null) {
    disk.epochs.set(key, { ...epoch, ...plan.epoch, batches: [...epoch.batches, plan.stored] });
  }
  return plan.reply;
};

const readBatches = (disk: MemoryDisk, command: ReadCommand): readonly StoredBatch[] => {
  const batches = disk.epochs.get(pairKey(command.streamId, command.epoch))?.batches ?? [];
  const found: StoredBatch[] = [];
  let [reads, bytes] = [0, 0];
  for (const batch of batches) {
    if (lastSeqOf(batch) <= command.afterSeq) continue;
    if (found.length > 0 && (reads >= command.maxReads || bytes >= command.maxBytes)) break;
    found.push(batch);
    reads += lastSeqOf(batch) - Math.max(command.afterSeq, batch.firstSeq - 1);
    bytes += batch.batch.length;
  }
  return found;
};

const seal = (disk: MemoryDisk, pair: Pick<AppendCommand, 'streamId' | 'epoch'>, head: number) => {
  const key = pairKey(pair.streamId, pair.epoch);
  const epoch = disk.epochs.get(key);
  if (epoch === undefined || epoch.head !== head) return null;
  const hash = createHash('sha256');
  for (const batch of epoch.batches) for (const raw of rawsOf(batch)) hash.update(raw).update('\n');
  const hex = hash.digest('hex');
  disk.epochs.set(key, { ...epoch, sealed: true, hash: hex });
  return { hash: hex };
};

const compactDoc = (disk: MemoryDisk, name: string): CompactReply => {
  const updates = disk.docs.get(name) ?? [];
  if (updates.length < 2) return { type: 'kept', reason: 'there is nothing to merge' };
  const outcome = mergeUpdates(updates);
  if (outcome.type === 'not-merged') return { type: 'kept', reason: outcome.reason };
  disk.docs.set(name, [outcome.state]);
  return { type: 'compacted', updates: updates.length, bytes: outcome.state.length };
};

const epochRecord = ({ batches: _, ...record }: MemoryEpoch): EpochRecord => record;

const load = (disk: MemoryDisk): RelayRecords => ({
  events: [...disk.events.values()],
  tokens: [...disk.tokens.values()],
  streams: [...disk.streams.values()],
  epochs: [...disk.epochs.values()].map(epochRecord),
  cursors: [...disk.cursors.values()],
  attachments: recordsIn(disk.attachments),
  dayUses: [...disk.dayUses.values()],
});

const loadFacts = (disk: MemoryDisk, eventId: EventId, kind: FactKind): readonly EventFact[] =>
  [...disk.facts.values()]
    .filter((it) => it.eventId === eventId && it.kind === kind)
    .sort((a, b) => (a.key < b.key ? -1 : 1));

const eventSizes = (disk: MemoryDisk): readonly EventSize[] => {
  const sizes = new Map<EventId, number>();
  const add = (eventId: EventId | undefined, bytes: number): void => {
    if (eventId !== undefined && bytes > 0) sizes.set(eventId, (sizes.get(eventId) ?? 0) + bytes);
  };
  for (const { streamId, batches } of disk.epochs.values())
    for (const { batch } of batches) add(disk.streams.get(streamId)?.eventId, batch.length);
  for (const [name, updates] of disk.docs)
    for (const update of updates) add(parseDocName(name)?.eventId, update.length);
  for (const { eventId, bytes } of disk.facts.values()) add(eventId, bytes.length);
  return [...sizes].map(([eventId, bytes]) => ({ eventId, bytes }));
};

const sizeBytes = (disk: MemoryDisk): number => {
  let size = 0;
  for (const epoch of disk.epochs.values()) for (const { batch } of epoch.batches) size += batch.length;
  for (const updates of disk.docs.values()) for (const update of updates) size += update.length;
  return size;
};

/** A store in memory, for tests of what stands on one: the same answers as the real driver, at once. */
export const createMemoryStore = (disk: MemoryDisk = createMemoryDisk()): Store => {
  let closed = false;

  const whenOpen = async <T>(answer: () => T): Promise<T> => {
    if (closed) throw new StoreFailedError('the store is closed');
    return answer();
  };

  const write = async <T>(answer: () => T): Promise<T | { readonly type: 'failed'; readonly message: string }> =>
    closed ? { type: 'failed', message: 'the store is closed' } : answer();

  return {
    load: () => whenOpen(() => load(disk)),
    commit: (changes) =>
      write(() => {
        const refused = refusalOfChanges(disk, changes);
        if (refused !== null) return refused;
        for (const change of changes) applyChange(disk, change);
        return COMMITTED;
      }),
    append: (command) => write(() => append(disk, { ...command, batch: Uint8Array.from(command.batch) })),
    readBatches: (command) => whenOpen(() => readBatches(disk, command)),
    seal: (streamId, epoch, head) => whenOpen(() => seal(disk, { streamId, epoch }, head)),
    loadDoc: (name) => whenOpen(() => disk.docs.get(name) ?? []),
    appendDoc: (name, update) =>
      write(() => {
        putDoc(disk, name, update);
        return COMMITTED;
      }),
    compactDoc: (name) => write(() => compactDoc(disk, name)),
    docNames: (prefix) => whenOpen(() => [...disk.docs.keys()].filter((it) => it.startsWith(prefix)).sort()),
    loadFacts: (eventId, kind) => whenOpen(() => loadFacts(disk, eventId, kind)),
    backup: () => Promise.reject(new StoreFailedError('a store in memory has no files to copy')),
    eventSizes: () => whenOpen(() => eventSizes(disk)),
    sizeBytes: () => whenOpen(() => sizeBytes(disk)),
    close: async () => {
      closed = true;
    },
  };
};
