import { StreamId } from '@baton/schema/ids';
import { decodeReads } from '@baton/schema/protocol';
import { decodeBatch } from '@baton/schema/reads';
import { createApi, textOf } from '@baton/testkit/api';
import type { Program } from '@baton/testkit/programs';
import { type Benchmark, cpuSeconds, type Figures, now, quantile, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { keepBeating, openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';

const STREAM = StreamId.parse('mat.start');
const TENT_TOKEN = 'bench-tent-token-0123456789abcdef';
/** While the relays are connected: a read each so often, its time from the push at the venue to a receiver at the other relay. */
const LIVE_READS = 1000;
const EVERY_MS = 10;
/** What was read while there was no line. */
const BACKLOG = 200_000;
const MILLION = 1_000_000;
const BATCH = 1000;
const PART = 100_000;
const LOOK_MS = 20;
const WINDOW = 8;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The relay at the venue; with `upstream` it keeps in step. */
const startTent = async (stage: Stage, port: string, isLinked: boolean): Promise<Program> => {
  const link = isLinked ? ['--upstream', stage.url, '--upstream-token', stage.adminToken] : [];
  const tent = stage.start([
    ...['relay', '--port', port, '--data-dir', stage.folder('tent'), '--admin-token', TENT_TOKEN],
    ...link,
  ]);
  await tent.line(/^listening/);
  return tent;
};

const urlOf = async (tent: Program): Promise<string> => (await tent.line(/^listening (http:\/\/\S+)$/))[1] ?? '';

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await pause(LOOK_MS);
};

const tentToken = async (stage: Stage, url: string): Promise<string> => {
  const api = createApi(url, TENT_TOKEN);
  await until(async () => (await api.call('GET', `/events/${stage.eventId}`)).status === 200);
  const body = { role: 'forwarder', eventId: stage.eventId, nodeId: 'mat' };
  return textOf(await api.must('POST', '/tokens', body), 'token');
};

const headOf = async (stage: Stage): Promise<number> => {
  const body = await stage.api.must('GET', `/streams?eventId=${stage.eventId}`);
  const { streams } = body as { readonly streams: readonly { readonly head: number }[] };
  return streams[0]?.head ?? 0;
};

/** A raw receiver at the relay elsewhere, and when each read came to it. */
const receive = async (stage: Stage): Promise<{ readonly peer: SyncPeer; readonly arrived: readonly number[] }> => {
  const arrived: number[] = [];
  const peer = await openSyncPeer(stage.url, await stage.token('receiver', 'desk'), {
    ...{ eventId: stage.eventId, nodeId: 'desk', readers: [] },
  });
  peer.onReads((bytes) => {
    const frame = decodeReads(new Uint8Array(bytes));
    const batch = frame.ok ? decodeBatch(frame.value.batch) : frame;
    if (!frame.ok || !batch.ok) throw new Error('a frame does not decode');
    for (let index = 0; index < batch.value.count; index++) arrived[frame.value.firstSeq + index] = now();
  });
  peer.send({ type: 'select', selection: { mode: 'manual', streams: [STREAM] } });
  peer.send({ type: 'credit', reads: 1_000_000 });
  return { peer, arrived };
};

const pushLive = async (peer: SyncPeer, batches: readonly Uint8Array[]): Promise<readonly number[]> => {
  const sent: number[] = [];
  let acked = 0;
  peer.onMessage((message) => {
    if (message.type === 'pushed') acked += message.entries.length;
  });
  for (const [index, batch] of batches.entries()) {
    // on a busy machine acks come late, and a relay takes no more at once
    while (index - acked >= WINDOW) await pause(1);
    sent[index + 1] = now();
    peer.push({ streamId: STREAM, epoch: 1, firstSeq: index + 1, pushId: index, batch });
    await pause(EVERY_MS);
  }
  return sent;
};

const measureLag = async (stage: Stage, peer: SyncPeer, live: readonly Uint8Array[]): Promise<readonly number[]> => {
  const [first] = live;
  if (first === undefined) throw new Error('there are no reads');
  await until(
    async () =>
      ((await stage.api.must('GET', `/streams?eventId=${stage.eventId}`)) as { streams: unknown[] }).streams.length > 0,
  );
  const { peer: receiver, arrived } = await receive(stage);
  const stop = keepBeating([peer, receiver]);
  const sent = await pushLive(peer, live);
  await until(() => Promise.resolve(arrived.length === live.length + 1));
  stop();
  return sent.map((at, seq) => (arrived[seq] ?? Number.NaN) - at).filter((ms) => !Number.isNaN(ms));
};

interface CatchUp {
  readonly ms: number;
  /** From the first read that was seen at the other relay. */
  readonly reads: number;
  readonly cpuHere: number;
  readonly cpuThere: number;
}

const cpuOf = async ({ pid }: Program): Promise<number> => (await cpuSeconds(pid)) ?? Number.NaN;

const measureCatchUp = async (stage: Stage, tent: Program, whole: number): Promise<CatchUp> => {
  await until(async () => (await headOf(stage)) > LIVE_READS);
  const begun = now();
  const [here, there] = [await cpuOf(tent), await cpuOf(stage.relay)];
  const from = await headOf(stage);
  await until(async () => (await headOf(stage)) === whole);
  const perRead = (seconds: number): number => (seconds * 1_000_000) / (whole - from);
  return {
    ms: now() - begun,
    reads: whole - from,
    cpuHere: perRead((await cpuOf(tent)) - here),
    cpuThere: perRead((await cpuOf(stage.relay)) - there),
  };
};

/** Made in parts: a million reads as objects would slow down everything of this process. */
const backlogBatches = (backlog: number): readonly Uint8Array[] =>
  Array.from({ length: backlog / PART }, (_, part) => batchesOf(generatedReads(PART, 2000, 18 + part), BATCH)).flat();

const measure = async (backlog: number): Promise<Figures> => {
  // before anybody is connected: it takes this process longer than a relay waits for a word
  const waiting = backlogBatches(backlog);
  const stage = await openStage();
  try {
    let tent = await startTent(stage, '0', true);
    const url = await urlOf(tent);
    const token = await tentToken(stage, url);
    const hello = { eventId: stage.eventId, nodeId: 'mat', readers: ['start'] };
    const peer = await openSyncPeer(url, token, hello);
    const lag = await measureLag(stage, peer, batchesOf(generatedReads(LIVE_READS, 2000, 17), 1));
    // without a line: the relay at the venue alone
    await tent.end('SIGTERM');
    const { port } = new URL(url);
    tent = await startTent(stage, port, false);
    const alone = await openSyncPeer(url, token, hello);
    const to = { streamId: STREAM, epoch: 1 };
    await pushBatches(alone, to, waiting, BATCH, LIVE_READS + 1);
    await tent.end('SIGTERM');
    tent = await startTent(stage, port, true);
    const caughtUp = await measureCatchUp(stage, tent, LIVE_READS + backlog);
    return {
      'push at the venue to receiver at the other relay, p50 ms': rounded(quantile(lag, 0.5)),
      'push at the venue to receiver at the other relay, p99 ms': rounded(quantile(lag, 0.99)),
      [`catching up ${backlog} reads, s`]: rounded(caughtUp.ms / 1000),
      'catching up, reads/s': rounded((caughtUp.reads * 1000) / caughtUp.ms),
      'catching up, CPU of the relay at the venue, µs a read': rounded(caughtUp.cpuHere),
      'catching up, CPU of the relay elsewhere, µs a read': rounded(caughtUp.cpuThere),
    };
  } finally {
    await stage.dispose();
  }
};

const benchmark = (name: string, backlog: number): Benchmark => ({
  name,
  method:
    `a relay at the venue linked to another over loopback; ${LIVE_READS} reads, one each ${EVERY_MS} ms, from the push to a raw receiver at the other relay; ` +
    `then ${backlog} reads at the venue without a line, and the time from the first of them at the other relay to the last`,
  run: () => measure(backlog),
});

export const venue = benchmark('venue', BACKLOG);

export const venueMillion = benchmark('venue-1m', MILLION);
