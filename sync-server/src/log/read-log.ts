import { decodeBatch, type Pair, sliceBatch } from '@baton/schema/reads';
import type { AppendNotes, Registry } from '../registry/registry.ts';
import type { AppendCommand, AppendReply, Store, StoredBatch } from '../storage/store.ts';
import { createTailCache, type TailCacheLimits } from './tail-cache.ts';

/** The append-only arrays of reads. */
export interface ReadLog {
  /** Resolves once durable or refused. */
  readonly append: (command: AppendCommand) => Promise<AppendReply>;
  /** Highest durable seq of a pair; 0 when unknown. */
  readonly head: (pair: Pair) => number;
  /** Whether the reads of a pair lie in a file and no more here: asking for them throws `EpochArchivedError`. */
  readonly isArchived: (pair: Pair) => boolean;
  /**
   * Batches after `afterSeq`, the first one cut so that it begins at `afterSeq + 1`. Empty when there is
   * nothing newer. Recent batches come from memory, older ones from the store; at most about `maxReads`.
   */
  readonly read: (pair: Pair, afterSeq: number, maxReads: number) => Promise<readonly StoredBatch[]>;
  /** Seals a past epoch whose forwarder says it ended at `seq`, once all of it is here; else does nothing. */
  readonly seal: (pair: Pair, seq: number) => Promise<void>;
  /** Called after each durable append that stored something. Returns the way to stop. */
  readonly onAppended: (listener: (pair: Pair, head: number) => void) => () => void;
  /** Called when an epoch has been sealed and the registry knows its hash. Returns the way to stop. */
  readonly onSealed: (listener: (pair: Pair) => void) => () => void;
}

/** Largest answer of one look into the store. */
const READ_BYTES = 512 * 1024;
const DEFAULT_LIMITS: TailCacheLimits = { bytesPerEpoch: 256 * 1024, bytes: 64 * 1024 * 1024 };

/** Reads were asked for that lie in a file and no more here. Who may be asked for such looks at the record first. */
export class EpochArchivedError extends Error {
  override readonly name = 'EpochArchivedError';

  constructor({ streamId, epoch }: Pair) {
    super(`the reads of ${streamId} epoch ${epoch} were archived`);
  }
}

/** The part of a stored batch after `afterSeq`; null when nothing of it is newer. */
const cutBefore = (stored: StoredBatch, afterSeq: number): StoredBatch | null => {
  if (stored.firstSeq > afterSeq) return stored;
  const skip = afterSeq - stored.firstSeq + 1;
  if (skip >= stored.count) return null;
  const batch = decodeBatch(stored.batch);
  if (!batch.ok) throw new Error(`a stored batch does not decode: ${batch.error.message}`);
  return {
    firstSeq: afterSeq + 1,
    count: stored.count - skip,
    batch: sliceBatch(batch.value, skip, stored.count),
  };
};

const limited = (batches: readonly StoredBatch[], maxReads: number): readonly StoredBatch[] => {
  let reads = 0;
  const taken: StoredBatch[] = [];
  for (const batch of batches) {
    if (reads >= maxReads) break;
    taken.push(batch);
    reads += batch.count;
  }
  return taken;
};

/**
 * The append-only arrays: durable appends, and reading by position. A follower always asks for
 * "after seq n"; whether the answer comes from the tail cache or from the disk it cannot tell, so
 * there is no cut between history and live.
 */
export const createReadLog = (
  deps: {
    readonly store: Store;
    readonly registry: Registry & AppendNotes;
    readonly onFailure: (message: string) => void;
  },
  limits: TailCacheLimits = DEFAULT_LIMITS,
): ReadLog => {
  const { store, registry } = deps;
  const tail = createTailCache(limits);
  const listeners = new Set<(pair: Pair, head: number) => void>();
  const sealListeners = new Set<(pair: Pair) => void>();

  const append = async (command: AppendCommand): Promise<AppendReply> => {
    const reply = await store.append(command);
    if (reply.type === 'failed') deps.onFailure(reply.message);
    registry.noteAppend(command, reply);
    if (reply.type === 'accepted') {
      const pair: Pair = { streamId: command.streamId, epoch: command.epoch };
      tail.add(pair, reply.stored);
      for (const listener of listeners) listener(pair, reply.state.head);
    }
    return reply;
  };

  const head = (pair: Pair): number => registry.epoch(pair)?.head ?? 0;

  const isArchived = (pair: Pair): boolean => registry.epoch(pair)?.archived === true;

  const read = async (pair: Pair, afterSeq: number, maxReads: number): Promise<readonly StoredBatch[]> => {
    if (afterSeq >= head(pair)) return [];
    if (isArchived(pair)) throw new EpochArchivedError(pair);
    const found =
      tail.after(pair, afterSeq) ?? (await store.readBatches({ ...pair, afterSeq, maxReads, maxBytes: READ_BYTES }));
    const [first, ...others] = limited(found, maxReads);
    if (first === undefined) return [];
    const cut = cutBefore(first, afterSeq);
    return cut === null ? others : [cut, ...others];
  };

  const seal = async (pair: Pair, seq: number): Promise<void> => {
    const epoch = registry.epoch(pair);
    const current = registry.stream(pair.streamId)?.currentEpoch ?? 0;
    if (epoch === undefined || epoch.sealed || epoch.head !== seq || pair.epoch >= current) return;
    const sealed = await store.seal(pair.streamId, pair.epoch, seq);
    if (sealed === null) return;
    registry.noteSealed(pair, sealed.hash);
    for (const listener of sealListeners) listener(pair);
  };

  return {
    append,
    head,
    isArchived,
    read,
    seal,
    onAppended: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onSealed: (listener) => {
      sealListeners.add(listener);
      return () => sealListeners.delete(listener);
    },
  };
};
