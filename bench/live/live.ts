import {
  createDocClient,
  createRelayApi,
  createRelaySource,
  type LiveSource,
  openLive,
  type Projection,
} from '@baton/client-core';
import {
  NodeDocSocket,
  openFileStore,
  openWsSocket,
  systemClock,
  systemRandom,
  systemTimers,
} from '@baton/client-core/node';
import { EventId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import type { NumberedRead } from '@baton/schema/reads';
import { ok } from '@baton/schema/result';
import { type Benchmark, type Figures, median, now, ownCpuMs, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { openForwarder } from '../support/race-receiver.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';

const READS = 1_000_000;
const DIFFERENT = 100_000;
const RUN = 1000;
const CHIPS = 5000;
const CONSUMERS = [1, 10, 50] as const;
const ROUNDS = 3;
const STREAM = StreamId.parse('bench.mat');
const PORTS = { clock: systemClock, timers: systemTimers, random: systemRandom, log: silentLog };

type Laps = Record<string, number>;

/** Reads by chip: a fold as cheap as one may be that looks at each read. */
const laps = (name: string): Projection<Laps> => ({
  name,
  version: '1',
  initial: () => ({}),
  apply: (state, item) => {
    if (item.type === 'read' && item.chip !== null) state[item.chip] = (state[item.chip] ?? 0) + 1;
    return state;
  },
});

const numbered = (count: number): readonly NumberedRead[] => {
  const once = generatedReads(Math.min(count, DIFFERENT), CHIPS, 7);
  return Array.from({ length: count }, (_, at) => {
    const read = once[at % once.length];
    if (read === undefined) throw new Error('no reads were made');
    return { seq: at + 1, ...read };
  });
};

/** Reads in memory, told in runs as the relay's batches come, without waiting. */
const memorySource = (reads: readonly NumberedRead[]): LiveSource => ({
  subscribe: (_from, events) => {
    let over = false;
    const tell = async (): Promise<void> => {
      for (let at = 0; at < reads.length && !over; at += RUN) {
        await new Promise<void>((done) =>
          events.onReads({ streamId: STREAM, epoch: 1, reads: reads.slice(at, at + RUN) }, done),
        );
      }
      if (!over) events.onCaughtUp();
    };
    void tell();
    return {
      close: () => {
        over = true;
      },
    };
  },
  pull: async () => ok(undefined),
  close: async () => {},
});

const caughtUp = async (live: ReturnType<typeof openLive>): Promise<() => Promise<unknown>> => {
  const started = await live.startLive();
  if (!started.ok) throw new Error(started.error.message);
  const handle = started.value;
  await new Promise<void>((resolve) => {
    const look = (): void => (handle.isCaughtUp() ? resolve() : void setTimeout(look, 1));
    look();
  });
  return handle.shutdown;
};

const bare = (reads: readonly NumberedRead[], projections: readonly Projection<Laps>[]): number => {
  const states = projections.map((it) => it.initial());
  const before = ownCpuMs();
  for (const read of reads) {
    const { seq, raw, receivedAt, readerTime, chip, kind } = read;
    const item = { type: 'read', streamId: STREAM, epoch: 1, seq, raw, receivedAt, readerTime, chip, kind } as const;
    for (const [index, projection] of projections.entries()) {
      const state = states[index];
      if (state !== undefined) states[index] = projection.apply(state, item);
    }
  }
  return ownCpuMs() - before;
};

const through = async (
  reads: readonly NumberedRead[],
  count: number,
  folder: string,
): Promise<{ ms: number; cpu: number }> => {
  const store = await openFileStore(folder, silentLog);
  if (!store.ok) throw new Error(store.error.message);
  const projections = Array.from({ length: count }, (_, index) => laps(`p${index}`));
  const live = openLive(PORTS, { source: memorySource(reads), projections, checkpoints: store.value });
  const [started, cpu] = [now(), ownCpuMs()];
  const shutdown = await caughtUp(live);
  const measured = { ms: now() - started, cpu: ownCpuMs() - cpu };
  await shutdown();
  return measured;
};

const foldFigures = async (stage: Stage): Promise<Figures> => {
  const figures: Record<string, number> = {};
  for (const count of CONSUMERS) {
    const reads = numbered(count === 50 ? READS / 10 : READS / 2);
    const projections = Array.from({ length: count }, (_, index) => laps(`p${index}`));
    const rounds: { ms: number; cpu: number; bare: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const direct = bare(reads, projections);
      const run = await through(reads, count, stage.folder(`fold-${count}-${round}`));
      if (round > 0) rounds.push({ ...run, bare: direct }); // the first one compiles
    }
    figures[`reads/s through ${count}`] = rounded((reads.length * 1000) / median(rounds.map((it) => it.ms)));
    figures[`CPU to the fold called directly, ${count}`] = rounded(median(rounds.map((it) => it.cpu / it.bare)));
  }
  return figures;
};

const relaySource = (stage: Stage, token: string): LiveSource =>
  createRelaySource(
    {
      ...PORTS,
      openSocket: openWsSocket,
      api: createRelayApi({ relay: stage.url, token }),
      followDoc: (name) => createDocClient({ ...PORTS, WebSocket: NodeDocSocket }, { relay: stage.url, token, name }),
    },
    { relay: stage.url, token, eventId: EventId.parse(stage.eventId), selection: 'event' },
  );

/** A million reads from a relay, then again from the checkpoint. */
const relayFigures = async (stage: Stage): Promise<Figures> => {
  const { peer, streamId } = await openForwarder(stage, 'mat');
  const once = batchesOf(generatedReads(DIFFERENT, CHIPS, 3), 1000);
  const all = Array.from({ length: READS / DIFFERENT }, () => once).flat();
  await pushBatches(peer, { streamId, epoch: 1 }, all, 1000);
  peer.close();
  const token = await stage.token('operator');
  const counted = laps('laps');
  const open = async () => {
    const store = await openFileStore(stage.folder('live'), silentLog);
    if (!store.ok) throw new Error(store.error.message);
    return openLive(PORTS, {
      source: relaySource(stage, token),
      projections: [counted],
      checkpoints: store.value,
    });
  };
  const seconds = async (): Promise<number> => {
    const live = await open();
    const started = now();
    await caughtUp(live);
    const taken = (now() - started) / 1000;
    const state = await live.liveProjection(counted);
    if (!state.ok) throw new Error(state.error.message);
    await live.close();
    return taken;
  };
  const before = process.memoryUsage().rss;
  const first = await seconds();
  const after = process.memoryUsage().rss;
  const again = await seconds();
  return {
    's until 1,000,000 reads of a relay are caught up': rounded(first),
    'MB more resident meanwhile': rounded((after - before) / 1e6),
    's until caught up again from the checkpoint': rounded(again),
  };
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const relay = await relayFigures(stage); // first: memory is counted before anything else was held
    return { ...(await foldFigures(stage)), ...relay };
  } finally {
    await stage.dispose();
  }
};

export const live: Benchmark = {
  name: 'live',
  method:
    `${READS / 2} reads (100,000 through 50) of ${CHIPS} chips in memory, in runs of ${RUN}, through 1, 10 and 50 projections that count reads by chip, with ` +
    `checkpoints in files; the CPU of this process to that of calling the same folds in a loop, median of ${ROUNDS} rounds; then ${READS} reads of ` +
    'a relay through one projection, and the same again from its checkpoint',
  run,
};
