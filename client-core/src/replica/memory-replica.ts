import type { RaceId, StreamId } from '@baton/schema/ids';
import type { Log } from '@baton/schema/ports';
import type { Target } from '@baton/schema/protocol';
import { comparePairs, type PairKey, pairFromKey, pairKey } from '@baton/schema/reads';
import { err } from '@baton/schema/result';
import { planApply, type ReadRun } from './apply-plan.ts';
import { createListeners } from './listeners.ts';
import type { Commit, PairProgress, PositionedRead, ReadPage, ReadScope, Replica, ReplicaChange } from './replica.ts';
import { NO_SETUP, type SetupRows } from './setup-rows.ts';

export interface MemoryReplica extends Replica {
  /** What `applySetup` was given last. */
  readonly setup: () => SetupRows;
}

/** Index of the first read after `pos`; positions rise along the list. */
const indexAfter = (reads: readonly PositionedRead[], pos: number): number => {
  let [low, high] = [0, reads.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((reads[middle]?.pos ?? 0) <= pos) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A replica without disk and SQL, for pages and tests: gone with the process, so it begins from an empty clock. */
export const createMemoryReplica = (deps: { readonly log: Log }): MemoryReplica => {
  const clock = new Map<PairKey, number>();
  const byStream = new Map<StreamId, PositionedRead[]>();
  const commits = createListeners<Commit>(deps.log);
  const changes = createListeners<ReplicaChange>(deps.log);
  let setup = NO_SETUP;
  let targets: readonly Target[] = [];
  let lastPos = 0;

  const isMapped = (raceId: RaceId, { streamId, epoch }: PositionedRead): boolean =>
    setup.mappings.some((it) => it['race_id'] === raceId && it['stream_id'] === streamId && it['epoch'] === epoch);

  const readsOf = (scope: ReadScope): readonly PositionedRead[] =>
    scope.type === 'stream'
      ? (byStream.get(scope.streamId) ?? [])
      : [...byStream.values()]
          .flatMap((reads) => reads.filter((read) => isMapped(scope.raceId, read)))
          .sort((a, b) => a.pos - b.pos);

  const page = (scope: ReadScope, afterPos: number, limit: number): ReadPage => {
    const stored = readsOf(scope);
    const from = indexAfter(stored, afterPos);
    const reads = stored.slice(from, from + limit);
    const atEnd = from + reads.length >= stored.length;
    return { generation: 0, reads, nextPos: reads.at(-1)?.pos ?? afterPos, atEnd };
  };

  const listOf = (streamId: StreamId): PositionedRead[] => {
    const known = byStream.get(streamId);
    if (known !== undefined) return known;
    const fresh: PositionedRead[] = [];
    byStream.set(streamId, fresh);
    return fresh;
  };

  const store = ({ streamId, epoch, firstSeq, reads }: ReadRun): void => {
    const list = listOf(streamId);
    for (const [index, read] of reads.entries()) {
      list.push({ streamId, epoch, seq: firstSeq + index, pos: ++lastPos, ...read });
    }
  };

  /** Nothing is compared here: what never was on a disk cannot have been changed there. */
  const progress = (): readonly PairProgress[] => {
    const told = new Map(targets.map((target) => [pairKey(target.streamId, target.epoch), target]));
    const known = [...new Set([...told.keys(), ...clock.keys()])];
    return known
      .flatMap((key): readonly PairProgress[] => {
        const [pair, target, held] = [pairFromKey(key), told.get(key), clock.get(key) ?? 0];
        if (pair === null) return [];
        const { sealed, hash } = { sealed: target?.sealed ?? false, hash: target?.hash ?? null };
        const head = Math.max(held, target?.head ?? 0);
        return [{ ...pair, held, head, sealed, hash, heldHash: null, check: 'unchecked', repairs: 0 }];
      })
      .sort(comparePairs);
  };

  return {
    clock: async () => new Map(clock),
    applyReads: async (frames) => {
      const plan = planApply(clock, frames);
      if (plan.type !== 'plan') return plan;
      for (const run of plan.runs) store(run);
      for (const [key, seq] of plan.raised) clock.set(key, seq);
      const commit = { type: 'applied', stored: plan.reads, raised: plan.raised } as const;
      if (commit.stored > 0) {
        commits.tell(commit);
        changes.tell({ type: 'reads' });
      }
      return commit;
    },
    query: async () => err({ type: 'unsupported', message: 'a replica in memory has no SQL' }),
    select: async () => err({ type: 'unsupported', message: 'a replica in memory has no SQL' }),
    progress: async () => progress(),
    dropEpoch: async ({ streamId, epoch }) => {
      clock.delete(pairKey(streamId, epoch));
      byStream.set(
        streamId,
        listOf(streamId).filter((it) => it.epoch !== epoch),
      );
      changes.tell({ type: 'reads' });
      return { type: 'applied' };
    },
    resultsState: async () => ({ pos: 0, endPos: lastPos, current: false }),
    end: async () => ({ generation: 0, pos: lastPos, clock: new Map(clock) }),
    readFrom: async (scope, afterPos, limit) => page(scope, afterPos, limit),
    targets: async () => targets,
    applyTargets: async (fresh) => {
      targets = [...fresh];
      changes.tell({ type: 'targets' });
      return { type: 'applied' };
    },
    applySetup: async (rows) => {
      setup = rows;
      changes.tell({ type: 'setup' });
      return { type: 'applied' };
    },
    onChange: changes.add,
    onCommit: commits.add,
    close: async () => {},
    setup: () => setup,
  };
};
