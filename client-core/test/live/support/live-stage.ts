import { type Log, silentLog, type Timers } from '@baton/schema/ports';
import { createSeededRandom, createVirtualTime, type VirtualTime } from '@baton/testkit';
import type { LiveItem, ProcessManager, Projection } from '../../../src/live/consumer.ts';
import type { Dispatcher } from '../../../src/live/dispatcher.ts';
import type { LiveHandle } from '../../../src/live/follow.ts';
import type { LiveConfig } from '../../../src/live/live-config.ts';
import { type Live, openLive } from '../../../src/live/open-live.ts';
import type { LiveStore } from '../../../src/live/store.ts';
import { createMemoryStore } from '../../../src/live/stores/memory-store.ts';
import { createLogSource, type LogSource } from './log-source.ts';

export interface StageOptions {
  readonly projections?: readonly Projection<unknown>[];
  readonly processManagers?: readonly ProcessManager<unknown>[];
  readonly liveConfig?: Partial<LiveConfig>;
  readonly dispatchers?: Readonly<Record<string, Dispatcher>>;
  readonly store?: LiveStore;
  readonly seed?: number;
  /** Numbers that the back-off draws; the stage's own by default. */
  readonly random?: { readonly next: () => number };
  readonly log?: Log;
  /** Of the process alone; the log keeps to the stage's. */
  readonly timers?: Timers;
  /** A stage whose time and log are used: another process of the same world. */
  readonly on?: Pick<Stage, 'time' | 'log'>;
}

interface Stage {
  readonly time: VirtualTime;
  readonly log: LogSource;
  readonly store: LiveStore;
  readonly open: () => Live;
  readonly live: Live;
}

/** A live over a log in memory, in virtual time. */
export const createStage = (options: StageOptions = {}): Stage => {
  const time = options.on?.time ?? createVirtualTime();
  const random = createSeededRandom(options.seed ?? 1);
  const log = options.on?.log ?? createLogSource(time.timers, random);
  const store = options.store ?? createMemoryStore();
  const deps = {
    clock: time.clock,
    timers: options.timers ?? time.timers,
    random: options.random ?? random,
    log: options.log ?? silentLog,
  };
  const { projections, processManagers, liveConfig, dispatchers } = options;
  const open = () =>
    openLive(deps, {
      source: log.source,
      checkpoints: store,
      ...(projections === undefined ? {} : { projections }),
      ...(processManagers === undefined ? {} : { processManagers }),
      ...(liveConfig === undefined ? {} : { liveConfig }),
      ...(dispatchers === undefined ? {} : { dispatchers }),
    });
  return { time, log, store, open, live: open() };
};

export const start = async ({ live }: Pick<Stage, 'live'>): Promise<LiveHandle> => {
  const started = await live.startLive();
  if (!started.ok) throw new Error(started.error.message);
  return started.value;
};

/** Starts, and lets virtual time go on until all history is told. */
export const startCaughtUp = async (stage: Stage): Promise<LiveHandle> => {
  const handle = await start(stage);
  await untilCaughtUp(stage, handle);
  return handle;
};

export const untilCaughtUp = async ({ time }: Pick<Stage, 'time'>, handle: LiveHandle): Promise<void> => {
  for (let ms = 0; ms < 200_000 && !handle.isCaughtUp(); ms += 20) await time.advanceAsync(20);
  if (!handle.isCaughtUp()) throw new Error(`never caught up: ${JSON.stringify(handle.status().state)}`);
};

const countItem = (counts: Readonly<Record<string, number>>, item: LiveItem): Record<string, number> => {
  if (item.type !== 'read' || item.chip === null) return { ...counts };
  return { ...counts, [item.chip]: (counts[item.chip] ?? 0) + 1 };
};

/** Reads by chip: every read that is lost or taken twice shows. */
export const countByChip = (name: string, version = '1'): Projection<Record<string, number>> => ({
  name,
  version,
  initial: () => ({}),
  apply: countItem,
});

/** A command for each read, with the read's identity as its key. */
export const commandPerRead = (name: string, type = 'note'): ProcessManager<number> => ({
  name,
  version: '1',
  initial: () => 0,
  react: (seen, item) =>
    item.type === 'read'
      ? {
          state: seen + 1,
          commands: [{ key: `${name}/${item.streamId}/${item.epoch}/${item.seq}`, type, payload: item.chip }],
        }
      : { state: seen, commands: [] },
});
