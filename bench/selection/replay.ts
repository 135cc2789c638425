import type { StreamId } from '@baton/schema/ids';
import { clockFromJson, pairKey } from '@baton/schema/reads';
import type { Selection } from '@baton/schema/selection';
import { type Benchmark, cpuSeconds, type Figures, median, now, residentBytes, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import {
  addRace,
  allOf,
  nextMessage,
  openForwarder,
  openReceiver,
  putMapping,
  readsOf,
} from '../support/race-receiver.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import type { SyncPeer } from '../support/sync-peer.ts';

const READS = 1_000_000;
/** How the reads came: as a backlog, which is how history lies in the store after its compaction; and one crossing at a time. */
const KINDS = [
  { node: 'backlog', batch: 1000 },
  { node: 'live', batch: 50 },
] as const;
const DIFFERENT = 100_000;
const AT_ONCE = 20;
const ROUNDS_ALONE = 15;
const SAMPLE_MS = 100;

const allBatches = (size: number): readonly Uint8Array[] => {
  const once = batchesOf(generatedReads(DIFFERENT, 5000, 3), size);
  return Array.from({ length: READS / DIFFERENT }, () => once).flat();
};

interface Received {
  readonly bytes: number;
  readonly frames: number;
}

/** Resolves with what was received once the relay says that all was sent; fails where the order is not that of the log. */
const replay = async (peer: SyncPeer, streamId: StreamId, select: () => void): Promise<Received> => {
  let bytes = 0;
  let frames = 0;
  let last = 0;
  let broken: string | null = null;
  peer.onReads((frame) => {
    bytes += frame.length;
    frames++;
    const { firstSeq } = readsOf(frame);
    if (firstSeq <= last) broken = `seq ${firstSeq} after ${last}`;
    last = firstSeq;
  });
  const caughtUp = nextMessage(peer, 'caughtUp');
  select();
  const { clock } = await caughtUp;
  const held = clockFromJson(clock).get(pairKey(streamId, 1));
  if (held !== READS || broken !== null) throw new Error(`expected ${READS} reads in order, got ${held}; ${broken}`);
  return { bytes, frames };
};

interface Replay {
  readonly streamId: StreamId;
  readonly selection: Selection;
}

interface Round {
  readonly readsPerSecond: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly reads: number;
  readonly peakBytes: number;
  readonly bytesARead: number;
  readonly readsAFrame: number;
}

/** All peers select at the same time, from the start of the stream. */
const replayTo = async (stage: Stage, peers: readonly SyncPeer[], { streamId, selection }: Replay): Promise<Round> => {
  const { pid } = stage.relay;
  let peakBytes = 0;
  const sample = async (): Promise<void> => {
    peakBytes = Math.max(peakBytes, (await residentBytes(pid)) ?? Number.NaN);
  };
  const sampler = setInterval(() => void sample(), SAMPLE_MS);
  const cpuBefore = (await cpuSeconds(pid)) ?? Number.NaN;
  const started = now();
  const received = await Promise.all(
    peers.map((peer) => replay(peer, streamId, () => peer.send({ type: 'select', selection, clock: {} }))),
  );
  const seconds = (now() - started) / 1000;
  const cpu = ((await cpuSeconds(pid)) ?? Number.NaN) - cpuBefore;
  clearInterval(sampler);
  await sample();
  const reads = READS * peers.length;
  return {
    readsPerSecond: reads / seconds,
    seconds,
    cpuSeconds: cpu,
    reads,
    peakBytes,
    bytesARead: received.reduce((sum, it) => sum + it.bytes, 0) / reads,
    readsAFrame: reads / received.reduce((sum, it) => sum + it.frames, 0),
  };
};

const sumOf = (rounds: readonly Round[], of: (it: Round) => number): number =>
  rounds.reduce((sum, it) => sum + of(it), 0);

/** CPU is told in hundredths of a second, which is much of one round: so the sum of all. */
const figuresOf = (to: string, rounds: readonly Round[]): Figures => {
  const cpu = sumOf(rounds, (it) => it.cpuSeconds);
  return {
    [`reads per second in total, ${to}`]: rounded(median(rounds.map((it) => it.readsPerSecond))),
    [`relay CPU % of one core, ${to}`]: rounded((cpu * 100) / sumOf(rounds, (it) => it.seconds)),
    [`relay CPU µs per read, ${to}`]: rounded((cpu * 1e6) / sumOf(rounds, (it) => it.reads)),
    [`relay RSS MB at most, ${to}`]: rounded(Math.max(...rounds.map((it) => it.peakBytes)) / 1e6),
  };
};

const fill = async (stage: Stage, node: string, batch: number): Promise<Replay> => {
  const { peer, streamId } = await openForwarder(stage, node);
  await pushBatches(peer, { streamId, epoch: 1 }, allBatches(batch), batch);
  peer.close();
  const race = await addRace(stage, node);
  await putMapping(stage, streamId, 1, race);
  return { streamId, selection: allOf(race) };
};

const measure = async (stage: Stage, peers: readonly SyncPeer[], node: string, batch: number): Promise<Figures> => {
  const what = await fill(stage, node, batch);
  const alone: Round[] = [];
  for (const peer of peers.slice(0, ROUNDS_ALONE)) alone.push(await replayTo(stage, [peer], what));
  const together = [await replayTo(stage, peers, what)];
  return {
    ...figuresOf(`to 1, pushed by ${batch}`, alone),
    ...figuresOf(`to ${AT_ONCE} at once, pushed by ${batch}`, together),
    [`reads per frame, pushed by ${batch}`]: rounded(median(alone.map((it) => it.readsAFrame))),
    [`bytes per read on the wire, pushed by ${batch}`]: rounded(median(alone.map((it) => it.bytesARead))),
  };
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const before = (await residentBytes(stage.relay.pid)) ?? Number.NaN;
    const peers: SyncPeer[] = [];
    for (let at = 0; at < AT_ONCE; at++) peers.push(await openReceiver(stage, `r${at}`));
    const figures: Figures[] = [{ 'relay RSS MB before': rounded(before / 1e6) }];
    for (const { node, batch } of KINDS) figures.push(await measure(stage, peers, node, batch));
    for (const peer of peers) peer.close();
    return Object.fromEntries(figures.flatMap((it) => Object.entries(it)));
  } finally {
    await stage.dispose();
  }
};

export const replayRate: Benchmark = {
  name: 'replay',
  method:
    `one epoch of ${READS} reads (${DIFFERENT} different ones repeated), pushed in batches of ${KINDS.map((it) => it.batch).join(' or ')}, then followed ` +
    `through a race by raw /sync receivers that only count, in one other process; from the select to "caughtUp"; to one (median of ` +
    `${ROUNDS_ALONE} rounds), then to ${AT_ONCE} at once (one round); CPU of all threads of the relay`,
  run,
};
