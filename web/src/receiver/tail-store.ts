import type { Commit, PositionedRead, Replica } from '@baton/client-core';
import type { StreamId } from '@baton/schema/ids';
import type { Timer, Timers } from '@baton/schema/ports';
import { pairFromKey } from '@baton/schema/reads';
import { batch, type ReadonlySignal, signal } from '@preact/signals';

/** A read as the table shows it. */
export type TailRead = PositionedRead;

/** The newest reads that the replica holds, newest first, and how many came in all. */
export interface TailStore {
  readonly reads: ReadonlySignal<readonly TailRead[]>;
  readonly stored: ReadonlySignal<number>;
  readonly stop: () => void;
}

/** Rows shown; older ones are in the replica. */
export const TAIL_ROWS = 200;
const PAGE_READS = 2000;
/** Commits of a burst are shown together. */
const PAUSE_MS = 150;

const newest = (reads: readonly TailRead[]): readonly TailRead[] =>
  [...reads].sort((a, b) => b.pos - a.pos).slice(0, TAIL_ROWS);

export const createTailStore = (deps: { readonly replica: Replica; readonly timers: Timers }): TailStore => {
  const { replica, timers } = deps;
  const reads = signal<readonly TailRead[]>([]);
  const stored = signal(0);
  const read = new Map<StreamId, number>();
  const waiting = new Set<StreamId>();
  let next: Timer | null = null;
  let reading = false;
  let counted = 0;
  let generation: number | null = null;

  /** Another database under the same name: what is shown of the former is gone. */
  const seeGeneration = (seen: number): void => {
    if (generation !== null && generation !== seen) {
      read.clear();
      reads.value = [];
    }
    generation = seen;
  };

  const readStream = async (streamId: StreamId): Promise<readonly TailRead[]> => {
    let found: readonly TailRead[] = [];
    for (let atEnd = false; !atEnd; ) {
      const page = await replica.readFrom({ type: 'stream', streamId }, read.get(streamId) ?? 0, PAGE_READS);
      seeGeneration(page.generation);
      read.set(streamId, page.nextPos);
      found = newest([...found, ...page.reads]);
      atEnd = page.atEnd;
    }
    return found;
  };

  const readWaiting = async (): Promise<void> => {
    reading = true;
    const streams = [...waiting];
    waiting.clear();
    const fresh = await Promise.all(streams.map(readStream));
    batch(() => {
      reads.value = newest([...reads.value, ...fresh.flat()]);
      stored.value = counted;
    });
    reading = false;
    if (waiting.size > 0) schedule();
  };

  const schedule = (): void => {
    next?.clear();
    next = timers.after(PAUSE_MS, () => {
      next = null;
      if (!reading) void readWaiting();
    });
  };

  const follow = (commit: Commit): void => {
    counted += commit.stored;
    for (const key of commit.raised.keys()) {
      const pair = pairFromKey(key);
      if (pair !== null) waiting.add(pair.streamId);
    }
    if (next === null && !reading) schedule();
  };

  /** What an earlier visit left, or another tab holds: its newest reads, and how many there are. */
  const begin = async (): Promise<void> => {
    const end = await replica.end();
    seeGeneration(end.generation);
    counted = [...end.clock.values()].reduce((sum, held) => sum + held, 0);
    for (const { streamId } of await replica.targets()) {
      if (!read.has(streamId)) read.set(streamId, Math.max(0, end.pos - PAGE_READS));
      waiting.add(streamId);
    }
    if (waiting.size > 0 && next === null && !reading) schedule();
  };

  const stopCommits = replica.onCommit(follow);
  void begin();
  return {
    reads,
    stored,
    stop: () => {
      stopCommits();
      next?.clear();
    },
  };
};
