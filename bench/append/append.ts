import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StreamId } from '@baton/schema/ids';
import { type Benchmark, cpuSeconds, type Figures, median, now, quantile, rounded } from '../support/measure.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';

const CONNECTIONS = 100;
const BATCH = 50;
const BATCHES = 100;
const WINDOW = 4;
const ROUNDS = 3;
const TOTAL_READS = CONNECTIONS * BATCH * BATCHES;

const BATCH_BYTES = batchesOf(generatedReads(BATCH * BATCHES, 500, 7), BATCH);

/** Pushes all batches of one connection with a window; resolves when the last is acked. */
const pushAll = (peer: SyncPeer, streamId: StreamId, epoch: number, latencies: number[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const sentAt: number[] = [];
    let next = 0;
    let acked = 0;
    const pushNext = (): void => {
      const batch = BATCH_BYTES[next];
      if (batch === undefined) return;
      sentAt[next] = now();
      peer.push({ streamId, epoch, firstSeq: next * BATCH + 1, pushId: next, batch });
      next++;
    };
    peer.onMessage((message) => {
      if (message.type !== 'pushed') return;
      for (const entry of message.entries) {
        if (entry.outcome !== 'accepted') return reject(new Error(`push ${entry.pushId}: ${entry.outcome}`));
        latencies.push(now() - (sentAt[entry.pushId] ?? 0));
        acked++;
        pushNext();
      }
      if (acked === BATCHES) resolve();
    });
    for (let open = 0; open < WINDOW; open++) pushNext();
  });

const attachAll = async (stage: Stage): Promise<readonly { peer: SyncPeer; streamId: StreamId }[]> => {
  const nodes = Array.from({ length: CONNECTIONS }, (_, index) => `f${index}`);
  return Promise.all(
    nodes.map(async (nodeId) => {
      const hello = { eventId: stage.eventId, nodeId, readers: ['mat'] };
      const peer = await openSyncPeer(stage.url, await stage.token('forwarder', nodeId), hello);
      return { peer, streamId: StreamId.parse(`${nodeId}.mat`) };
    }),
  );
};

/** The primitive below: the same batches appended to one file by one loop, a sync after each `group` of them. */
const rawReadsPerSecond = (group: number): number => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-raw-'));
  const file = openSync(join(folder, 'log'), 'a');
  const rounds = group === 1 ? 20 : CONNECTIONS;
  const started = now();
  for (let round = 0; round < rounds; round++) {
    BATCH_BYTES.forEach((batch, index) => {
      writeSync(file, batch);
      if ((index + 1) % group === 0) fdatasyncSync(file);
    });
  }
  const seconds = (now() - started) / 1000;
  closeSync(file);
  rmSync(folder, { recursive: true });
  return (rounds * BATCHES * BATCH) / seconds;
};

interface Round {
  readonly readsPerSecond: number;
  readonly cpuMicros: number;
  readonly latencies: readonly number[];
}

const ingest = async (stage: Stage, peers: Awaited<ReturnType<typeof attachAll>>, epoch: number): Promise<Round> => {
  const latencies: number[] = [];
  const cpuBefore = (await cpuSeconds(stage.relay.pid)) ?? Number.NaN;
  const started = now();
  await Promise.all(peers.map(({ peer, streamId }) => pushAll(peer, streamId, epoch, latencies)));
  const seconds = (now() - started) / 1000;
  const cpu = ((await cpuSeconds(stage.relay.pid)) ?? Number.NaN) - cpuBefore;
  return { readsPerSecond: TOTAL_READS / seconds, cpuMicros: (cpu * 1e6) / TOTAL_READS, latencies };
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const peers = await attachAll(stage);
    await ingest(stage, peers, 1); // warm
    const rounds: Round[] = [];
    const rawSingle: number[] = [];
    const rawGrouped: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rawSingle.push(rawReadsPerSecond(1));
      rounds.push(await ingest(stage, peers, round + 2));
      rawGrouped.push(rawReadsPerSecond(BATCHES));
    }
    for (const { peer } of peers) peer.close();
    const rate = median(rounds.map((it) => it.readsPerSecond));
    const latencies = rounds.flatMap((it) => it.latencies);
    return {
      'reads acked per second': rounded(rate),
      'ack p50 ms': rounded(quantile(latencies, 0.5)),
      'ack p99 ms': rounded(quantile(latencies, 0.99)),
      'relay CPU µs per read': rounded(median(rounds.map((it) => it.cpuMicros))),
      'bytes per read on the wire': rounded(BATCH_BYTES.reduce((sum, it) => sum + it.length, 0) / (BATCH * BATCHES)),
      'ratio to append + fdatasync per batch': rounded(rate / median(rawSingle)),
      'ratio to append + fdatasync per 100 batches': rounded(rate / median(rawGrouped)),
    };
  } finally {
    await stage.dispose();
  }
};

export const append: Benchmark = {
  name: 'append',
  method:
    `${CONNECTIONS} connections over loopback WebSocket, batches of ${BATCH} reads, ${WINDOW} in flight each, ` +
    `${TOTAL_READS} reads a round, median of ${ROUNDS} rounds; raw appends of the same batches before and after each`,
  run,
};
