import { setTimeout as delay } from 'node:timers/promises';
import type { RaceId, StreamId } from '@baton/schema/ids';
import { type Benchmark, cpuSeconds, type Figures, median, now, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { addRace, allOf, nextMessage, openForwarder, openReceiver, putMapping } from '../support/race-receiver.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import type { SyncPeer } from '../support/sync-peer.ts';

const RECEIVERS = 1000;
const OPENED_TOGETHER = 20;
const CHANGES = 20;
/** So that the relay is idle again, and its garbage is not counted to the next change. */
const PAUSE_MS = 250;

const openAll = async (stage: Stage, raceId: RaceId): Promise<readonly SyncPeer[]> => {
  const peers: SyncPeer[] = [];
  for (let from = 0; from < RECEIVERS; from += OPENED_TOGETHER) {
    const names = Array.from({ length: OPENED_TOGETHER }, (_, at) => `r${from + at}`);
    peers.push(...(await Promise.all(names.map((name) => openReceiver(stage, name)))));
  }
  const applied = peers.map((peer) => nextMessage(peer, 'applied'));
  for (const peer of peers) peer.send({ type: 'select', selection: allOf(raceId), clock: {} });
  await Promise.all(applied);
  return peers;
};

/** The longest delay of the relay's event loop since it was asked last, in ms. */
const loopLag = async (stage: Stage): Promise<number> => {
  const response = await fetch(`${stage.url}/metrics`, { headers: { authorization: `Bearer ${stage.adminToken}` } });
  const match = /^baton_event_loop_lag_seconds (\S+)$/m.exec(await response.text());
  if (match === null) throw new Error('the relay tells no event loop lag');
  return Number(match[1]) * 1000;
};

interface Change {
  readonly cpuMs: number;
  readonly lagMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

const measureChange = async (
  stage: Stage,
  followers: readonly SyncPeer[],
  change: () => Promise<unknown>,
): Promise<Change> => {
  const arrivals: number[] = [];
  const applied = followers.map((peer) => nextMessage(peer, 'applied').then(() => arrivals.push(now())));
  await loopLag(stage);
  const cpuBefore = (await cpuSeconds(stage.relay.pid)) ?? Number.NaN;
  const started = now();
  await Promise.all([change(), ...applied]);
  await delay(PAUSE_MS);
  const cpuMs = (((await cpuSeconds(stage.relay.pid)) ?? Number.NaN) - cpuBefore) * 1000;
  const lagMs = await loopLag(stage);
  return { cpuMs, lagMs, firstMs: Math.min(...arrivals) - started, lastMs: Math.max(...arrivals) - started };
};

/** CPU is told in hundredths of a second: only the mean of many changes says something. */
const meanCpu = (changes: readonly Change[]): number => changes.reduce((sum, it) => sum + it.cpuMs, 0) / changes.length;

const measureAll = async (
  stage: Stage,
  followers: readonly SyncPeer[],
  streamId: StreamId,
  race: RaceId,
): Promise<readonly Change[]> => {
  const changes: Change[] = [];
  for (let at = 0; at < CHANGES; at++) {
    const to = at % 2 === 0 ? race : null;
    changes.push(await measureChange(stage, followers, () => putMapping(stage, streamId, 1, to)));
  }
  return changes;
};

const measureIdle = async (stage: Stage): Promise<readonly Change[]> => {
  const changes: Change[] = [];
  for (let at = 0; at < CHANGES; at++) changes.push(await measureChange(stage, [], async () => {}));
  return changes;
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const { peer: forwarder, streamId } = await openForwarder(stage, 'f1');
    await pushBatches(forwarder, { streamId, epoch: 1 }, batchesOf(generatedReads(200, 100, 5), 50), 50);
    const followed = await addRace(stage, 'Followed');
    const lonely = await addRace(stage, 'Lonely');
    const peers = await openAll(stage, followed);

    await measureChange(stage, peers, () => putMapping(stage, streamId, 1, followed)); // warm
    await measureChange(stage, peers, () => putMapping(stage, streamId, 1, null));
    const all = await measureAll(stage, peers, streamId, followed);
    const none = await measureAll(stage, [], streamId, lonely);
    const idle = await measureIdle(stage);
    for (const peer of peers) peer.close();
    forwarder.close();
    return {
      'relay CPU ms a change that concerns all': rounded(meanCpu(all)),
      'relay CPU ms a change that concerns none': rounded(meanCpu(none)),
      'relay CPU ms in the same time without a change': rounded(meanCpu(idle)),
      'PUT sent to the first "applied", median ms': rounded(median(all.map((it) => it.firstMs))),
      'PUT sent to the last "applied", median ms': rounded(median(all.map((it) => it.lastMs))),
      'PUT sent to the last "applied", longest ms': rounded(Math.max(...all.map((it) => it.lastMs))),
      'event loop blocked a change that concerns all, median ms': rounded(median(all.map((it) => it.lagMs))),
      'event loop blocked a change that concerns all, longest ms': rounded(Math.max(...all.map((it) => it.lagMs))),
      'event loop blocked a change that concerns none, longest ms': rounded(Math.max(...none.map((it) => it.lagMs))),
    };
  } finally {
    await stage.dispose();
  }
};

export const mappingFanOut: Benchmark = {
  name: 'mapping-fan-out',
  method:
    `${RECEIVERS} raw /sync receivers select the same race, one other process plays them all; ${CHANGES} times one epoch of 200 reads is mapped to it or ` +
    `taken away, then ${CHANGES} times to a race that nobody follows; CPU of all threads of the relay, event loop lag by its /metrics`,
  run,
};
