import type { Commit, Replica, SetupRows } from '@baton/client-core';
import type { ReadsFrame } from '@baton/schema/protocol';
import { decodeBatch, type PairKey, pairKey } from '@baton/schema/reads';
import { err, type Result } from '@baton/schema/result';

/** A database that is no replica: it takes reads and the roster, and keeps them. */
export interface ForeignStore {
  /** In one transaction where it has such a thing. Frames come in order, nothing twice. */
  readonly store: (frames: readonly ReadsFrame[]) => Promise<void>;
  readonly setup: (rows: Pick<SetupRows, 'participants' | 'chips'>) => Promise<void>;
}

const unsupported = async (): Promise<Result<never, { readonly type: 'unsupported'; readonly message: string }>> =>
  err({ type: 'unsupported', message: 'asked in its own way' });

const DONE = { type: 'applied' } as const;

/**
 * Lets such a database be filled by the same pull client from the same frames. Its clock is in memory: the benchmark fills it
 * once. No roll-ups, results, comparison of epochs or repair: these are work that it is spared.
 */
export const foreignReplica = (store: ForeignStore): Replica => {
  const clock = new Map<PairKey, number>();
  const listeners = new Set<(commit: Commit) => void>();

  const raise = (frames: readonly ReadsFrame[]): Commit => {
    const raised = new Map<PairKey, number>();
    let stored = 0;
    for (const { streamId, epoch, firstSeq, batch } of frames) {
      const [key, decoded] = [pairKey(streamId, epoch), decodeBatch(batch)];
      if (!decoded.ok) throw new Error(decoded.error.message);
      const { count } = decoded.value;
      if (firstSeq !== (raised.get(key) ?? clock.get(key) ?? 0) + 1) throw new Error(`not the next read of ${key}`);
      raised.set(key, firstSeq + count - 1);
      stored += count;
    }
    return { type: 'applied', stored, raised };
  };

  return {
    clock: async () => new Map(clock),
    applyReads: async (frames) => {
      const commit = raise(frames);
      await store.store(frames);
      for (const [key, seq] of commit.raised) clock.set(key, seq);
      for (const listener of listeners) listener(commit);
      return commit;
    },
    query: unsupported,
    select: unsupported,
    end: async () => ({ generation: 0, pos: 0, clock: new Map(clock) }),
    readFrom: async (_scope, afterPos) => ({ generation: 0, reads: [], nextPos: afterPos, atEnd: true }),
    targets: async () => [],
    applyTargets: async () => DONE,
    applySetup: async (rows) => {
      await store.setup(rows);
      return DONE;
    },
    progress: async () => [],
    dropEpoch: async () => DONE,
    resultsState: async () => ({ pos: 0, endPos: 0, current: true }),
    onChange: () => () => {},
    onCommit: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {},
  };
};
