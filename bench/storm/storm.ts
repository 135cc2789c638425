import { StreamId } from '@baton/schema/ids';
import { type Benchmark, type Figures, now, quantile, residentBytes, rounded } from '../support/measure.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';

const NODES = 10_000;
/** Handshakes under way at once: the clients are one process, and a listening socket has room for 4,096. */
const AT_ONCE = 1000;
const PUSH_EVERY_MS = 20;
const LOOK_EVERY_MS = 100;
const STREAM = StreamId.parse('pusher.mat');
const BATCH = 10;

/** Attaches every node once, `AT_ONCE` at a time; resolves when the last is welcomed. */
const attachAll = async (stage: Stage): Promise<readonly SyncPeer[]> => {
  const peers: SyncPeer[] = [];
  let next = 0;
  const attachNext = async (): Promise<void> => {
    while (next < NODES) {
      const hello = { eventId: stage.eventId, nodeId: `n${next++}`, readers: [], capabilities: { bench: true } };
      peers.push(await openSyncPeer(stage.url, stage.adminToken, hello));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, attachNext));
  return peers;
};

/** A forwarder that goes on pushing a batch each `PUSH_EVERY_MS`; its ack times. */
const startPushing = async (stage: Stage, token: string) => {
  const batches = batchesOf(generatedReads(50_000, 500, 11), BATCH);
  const sentAt: number[] = [];
  const delays: number[] = [];
  const peer = await openSyncPeer(stage.url, token, { eventId: stage.eventId, nodeId: 'pusher', readers: ['mat'] });
  peer.onMessage((message) => {
    if (message.type !== 'pushed') return;
    for (const { pushId } of message.entries) delays.push(now() - (sentAt[pushId] ?? Number.NaN));
  });
  const timer = setInterval(() => {
    const pushId = sentAt.length;
    const batch = batches[pushId];
    if (batch === undefined || pushId - delays.length >= 16) return; // as many unanswered as the relay allows
    sentAt.push(now());
    peer.push({ streamId: STREAM, epoch: 1, firstSeq: pushId * BATCH + 1, pushId, batch });
  }, PUSH_EVERY_MS);
  return {
    delays,
    stop: () => {
      clearInterval(timer);
      peer.close();
    },
  };
};

/** The longest event loop delay the relay's metrics tell of, looked at every `LOOK_EVERY_MS`. */
const watchLag = (stage: Stage) => {
  let longest = 0;
  const look = async (): Promise<void> => {
    const headers = { authorization: `Bearer ${stage.adminToken}` };
    const text = await (await fetch(`${stage.url}/metrics`, { headers })).text();
    longest = Math.max(longest, Number(/^baton_event_loop_lag_seconds (\S+)$/m.exec(text)?.[1] ?? 0));
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_EVERY_MS); // none while it is down
  return { longestMs: () => longest * 1000, stop: () => clearInterval(timer) };
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const token = await stage.token('forwarder', 'pusher');
    await attachAll(stage);
    const started = now();
    const relay = await stage.restartRelay();
    const listening = now();
    const pushing = await startPushing(stage, token);
    const lag = watchLag(stage);
    const peers = await attachAll(stage);
    const online = now();
    const memory = (await residentBytes(relay.pid)) ?? Number.NaN;
    pushing.stop();
    lag.stop();
    for (const peer of peers) peer.close();
    return {
      'seconds from kill -9 to listening again': rounded((listening - started) / 1000),
      [`seconds from there until all ${NODES} are attached`]: rounded((online - listening) / 1000),
      'pushes acked meanwhile': pushing.delays.length,
      'ack p50 ms meanwhile': rounded(quantile(pushing.delays, 0.5)),
      'ack p99 ms meanwhile': rounded(quantile(pushing.delays, 0.99)),
      'longest event loop delay of the relay, ms': rounded(lag.longestMs()),
      'relay RSS MB afterwards': rounded(memory / 1e6),
    };
  } finally {
    await stage.dispose();
  }
};

export const storm: Benchmark = {
  name: 'storm',
  method:
    `${NODES} nodes attached over /sync; the relay is killed (-9) and started again; all attach anew without any jitter, ${AT_ONCE} at ` +
    `a time, from one process, while a forwarder pushes ${BATCH} reads each ${PUSH_EVERY_MS} ms`,
  run,
};
