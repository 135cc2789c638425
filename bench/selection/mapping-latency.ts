import { setTimeout as delay } from 'node:timers/promises';
import type { RaceId, StreamId } from '@baton/schema/ids';
import { type Benchmark, type Figures, now, quantile, rounded } from '../support/measure.ts';
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

const WARM_UP = 10;
const CHANGES = 200;
const EPOCHS = WARM_UP + CHANGES;
const READS_AN_EPOCH = 200;
/** People change mappings one by one; faster than 25 ms the relay would tell several together. */
const PAUSE_MS = 40;
const OTHER_PER_SECOND = 2000;
const OTHER_BATCH = 50;
const OTHER_EVERY_MS = (1000 * OTHER_BATCH) / OTHER_PER_SECOND;

interface Delays {
  readonly toReads: readonly number[];
  readonly toAnswer: readonly number[];
}

/** Maps one waiting epoch after the other to the race that the receiver follows. */
const changeMappings = async (
  stage: Stage,
  receiver: SyncPeer,
  streamId: StreamId,
  race: RaceId,
  firstEpoch: number,
): Promise<Delays> => {
  const toReads: number[] = [];
  const toAnswer: number[] = [];
  for (let at = 0; at < EPOCHS; at++) {
    const epoch = firstEpoch + at;
    const arrived = new Promise<number>((resolve, reject) => {
      receiver.onReads((frame) => {
        const { epoch: got, firstSeq } = readsOf(frame);
        if (got !== epoch || firstSeq !== 1)
          reject(new Error(`expected epoch ${epoch} from 1, got ${got}/${firstSeq}`));
        else resolve(now());
      });
    });
    const sent = now();
    await putMapping(stage, streamId, epoch, race);
    toAnswer.push(now() - sent);
    toReads.push((await arrived) - sent);
    await delay(PAUSE_MS);
  }
  return { toReads: toReads.slice(WARM_UP), toAnswer: toAnswer.slice(WARM_UP) };
};

interface Traffic {
  /** Ends it; gives the reads pushed and those that its own receiver got, a second. */
  readonly stop: () => Promise<number>;
}

/** Another forwarder with a receiver of its own, at a steady rate whatever the relay does. */
const startTraffic = async (stage: Stage): Promise<Traffic> => {
  const { peer, streamId } = await openForwarder(stage, 'busy');
  const receiver = await openReceiver(stage, 'busy-receiver');
  const applied = nextMessage(receiver, 'applied');
  receiver.send({ type: 'select', selection: { mode: 'manual', streams: [streamId] }, clock: {} });
  await applied;
  const [batch] = batchesOf(generatedReads(OTHER_BATCH, 500, 11), OTHER_BATCH);
  if (batch === undefined) throw new Error('no batch');
  let pushed = 0;
  let acked = 0;
  peer.onMessage((message) => {
    if (message.type === 'pushed') acked += message.entries.filter((it) => it.outcome === 'accepted').length;
  });
  const started = now();
  const timer = setInterval(() => {
    const due = Math.floor((now() - started) / OTHER_EVERY_MS);
    for (; pushed < due && pushed - acked < 16; pushed++) {
      peer.push({ streamId, epoch: 1, firstSeq: pushed * OTHER_BATCH + 1, pushId: pushed, batch });
    }
  }, 5);
  return {
    stop: async () => {
      clearInterval(timer);
      const rate = (acked * OTHER_BATCH * 1000) / (now() - started);
      peer.close();
      receiver.close();
      return rate;
    },
  };
};

const round = async (stage: Stage, streamId: StreamId, name: string, firstEpoch: number): Promise<Delays> => {
  const race = await addRace(stage, name);
  const receiver = await openReceiver(stage, `receiver-${name}`);
  const applied = nextMessage(receiver, 'applied');
  receiver.send({ type: 'select', selection: allOf(race), clock: {} });
  await applied;
  const delays = await changeMappings(stage, receiver, streamId, race, firstEpoch);
  receiver.close();
  return delays;
};

const figuresOf = (traffic: string, { toReads, toAnswer }: Delays): Figures => ({
  [`PUT sent to first replayed read, ${traffic}, p50 ms`]: rounded(quantile(toReads, 0.5)),
  [`PUT sent to first replayed read, ${traffic}, p99 ms`]: rounded(quantile(toReads, 0.99)),
  [`PUT sent to its 200, ${traffic}, p50 ms`]: rounded(quantile(toAnswer, 0.5)),
  [`PUT sent to its 200, ${traffic}, p99 ms`]: rounded(quantile(toAnswer, 0.99)),
});

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const { peer, streamId } = await openForwarder(stage, 'f1');
    const batches = batchesOf(generatedReads(READS_AN_EPOCH, 100, 5), 50);
    for (let epoch = 1; epoch <= 2 * EPOCHS; epoch++) await pushBatches(peer, { streamId, epoch }, batches, 50);
    const quiet = await round(stage, streamId, 'quiet', 1);
    const traffic = await startTraffic(stage);
    const busy = await round(stage, streamId, 'busy', EPOCHS + 1);
    const rate = await traffic.stop();
    peer.close();
    return {
      ...figuresOf('no other traffic', quiet),
      ...figuresOf('other traffic', busy),
      'other traffic, reads acked per second': rounded(rate),
    };
  } finally {
    await stage.dispose();
  }
};

export const mappingLatency: Benchmark = {
  name: 'mapping-latency',
  method:
    `a stream with epochs of ${READS_AN_EPOCH} reads; ${CHANGES} of them mapped one by one (PUT …/race, ${PAUSE_MS} ms apart, after ${WARM_UP} to ` +
    `warm up) to the race that a raw /sync receiver follows; first alone, then with ${OTHER_PER_SECOND} reads/s of another stream, delivered to a receiver of its own`,
  run,
};
