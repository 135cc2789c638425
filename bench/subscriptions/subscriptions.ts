import { get } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { textOf } from '@baton/testkit/api';
import WebSocket from 'ws';
import {
  type Benchmark,
  cpuSeconds,
  type Figures,
  now,
  ownCpuMs,
  quantile,
  residentBytes,
  rounded,
} from '../support/measure.ts';
import { openStage, type Stage } from '../support/stage.ts';

const SUBSCRIPTIONS = 1000;
/** A connection has at most a hundred, and says at most fifty things a second. */
const PER_CONNECTION = 40;
const MATCHING = [0, 1, 10, 1000] as const;
const IDLE = [0, 1000, 4000] as const;
const CHANGES = 100;
const CLIENTS = 200;
const GATHER_MS = 10;
const EVERY_MS = 20;
/** The runner who is told of. */
const BIB = '1';

interface Scene {
  readonly stage: Stage;
  readonly raceId: string;
  time: number;
}

const openScene = async (): Promise<Scene> => {
  const stage = await openStage(['--spectator-gather-ms', String(GATHER_MS), '--live-ping-ms', '600000']);
  const race = await stage.api.must('POST', `/events/${stage.eventId}/races`, { name: '10 km' });
  for (const status of ['startlist', 'running'])
    await stage.api.must('PATCH', `/events/${stage.eventId}/status`, { status });
  return { stage, raceId: textOf(race, 'raceId'), time: 1_000_000 };
};

/** One runner's time changes: one document, whoever follows it. */
const change = async (scene: Scene): Promise<void> => {
  scene.time -= 10;
  const results = [{ raceId: scene.raceId, bib: BIB, timeMs: scene.time }];
  await scene.stage.api.must('POST', `/events/${scene.stage.eventId}/ingest/results`, { results });
};

interface Client {
  readonly close: () => void;
}

const subscribeAll = (
  scene: Scene,
  count: number,
  bibOf: (index: number) => string,
  onEvent: () => void,
): Promise<readonly Client[]> => {
  const { stage } = scene;
  const open = (from: number, size: number): Promise<Client> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`${stage.url.replace('http', 'ws')}/api/v1/live`);
      let acks = 0;
      socket.on('error', reject);
      socket.on('open', () => {
        for (let index = from; index < from + size; index++) {
          const filters = [{ field: 'bib', op: '==', value: bibOf(index) }];
          const payload = { eventId: stage.eventId, collection: 'results', filters };
          socket.send(JSON.stringify({ id: `s${index}`, type: 'subscribe', payload }));
        }
      });
      socket.on('message', (data: Buffer) => {
        const text = data.toString('latin1');
        if (text.includes('"type":"event"')) onEvent();
        else if (text.includes('subscribeAck') && ++acks === size) resolve({ close: () => socket.terminate() });
      });
    });
  const parts = Array.from({ length: Math.ceil(count / PER_CONNECTION) }, (_, at) => at * PER_CONNECTION);
  return Promise.all(parts.map((from) => open(from, Math.min(PER_CONNECTION, count - from))));
};

const relayCpuMs = async ({ stage }: Scene): Promise<number> =>
  ((await cpuSeconds(stage.relay.pid)) ?? Number.NaN) * 1000;

/** Relay CPU of so many changes, and how long each took to arrive where it was counted. */
const measure = async (scene: Scene, arrived: () => Promise<void>) => {
  for (let warm = 0; warm < 10; warm++) {
    await change(scene);
    await arrived();
  }
  const before = await relayCpuMs(scene);
  const times: number[] = [];
  for (let count = 0; count < CHANGES; count++) {
    const started = now();
    await change(scene);
    await arrived();
    times.push(now() - started);
    await wait(EVERY_MS);
  }
  return { cpuMs: ((await relayCpuMs(scene)) - before) / CHANGES, times };
};

/** Resolves when so many more events have come than at the last call. */
const createTally = (each: number) => {
  let seen = 0;
  let wanted = 0;
  let wake = (): void => {};
  return {
    onEvent: (): void => {
      seen++;
      if (seen >= wanted) wake();
    },
    arrived: (): Promise<void> => {
      wanted += each;
      return seen >= wanted ? Promise.resolve() : new Promise((resolve) => (wake = resolve));
    },
  };
};

const matching = async (scene: Scene, figures: Record<string, number>): Promise<void> => {
  for (const count of MATCHING) {
    const tally = createTally(count);
    const bibOf = (index: number): string => (index < count ? BIB : `other ${index}`);
    const clients = await subscribeAll(scene, SUBSCRIPTIONS, bibOf, tally.onEvent);
    const { cpuMs, times } = await measure(scene, tally.arrived);
    for (const { close } of clients) close();
    figures[`relay CPU ms a change, ${count} of ${SUBSCRIPTIONS} match`] = rounded(cpuMs);
    if (count > 0) figures[`ms from change to the last of ${count}, p99`] = rounded(quantile(times, 0.99));
  }
};

const idle = async (scene: Scene, figures: Record<string, number>): Promise<void> => {
  for (const count of IDLE) {
    const memory = (await residentBytes(scene.stage.relay.pid)) ?? Number.NaN;
    const clients = await subscribeAll(
      scene,
      count,
      (index) => `other ${index}`,
      () => {},
    );
    const grown = ((await residentBytes(scene.stage.relay.pid)) ?? Number.NaN) - memory;
    const { cpuMs } = await measure(scene, () => Promise.resolve());
    for (const { close } of clients) close();
    figures[`relay CPU ms a change, none of ${count} match`] = rounded(cpuMs);
    if (count === 4000) figures['KB resident a subscription'] = rounded(grown / 1000 / count);
  }
};

const openStreams = ({ stage }: Scene, count: number, onEvent: () => void): Promise<readonly Client[]> =>
  Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Client>((resolve, reject) => {
          const query = new URLSearchParams({ eventId: stage.eventId, collection: 'results' });
          const request = get(`${stage.url}/api/v1/live/sse?${query}`, { agent: false }, (response) => {
            response.on('data', (data: Buffer) => {
              if (data.includes('event: change')) onEvent();
            });
            resolve({ close: () => request.destroy() });
          });
          request.on('error', reject);
        }),
    ),
  );

/** CPU of writing the same bytes to as many bare sockets, in this process, its readers taken off by a run that writes to none. */
const rawCpu = async (bytes: number): Promise<number> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  const { connect } = await import('node:net');
  const readers = Array.from({ length: CLIENTS }, () => connect(address.port, '127.0.0.1').pause());
  while (sockets.length < CLIENTS) await wait(5);
  const frame = Buffer.alloc(bytes, 'x');
  const write = async (rounds: number): Promise<number> => {
    const before = ownCpuMs();
    for (let round = 0; round < rounds; round++) {
      for (const socket of sockets) socket.write(frame);
      await wait(1);
    }
    return ownCpuMs() - before;
  };
  await write(20);
  const used = await write(CHANGES);
  for (const reader of readers) reader.destroy();
  server.close();
  return (used * 1000) / (CHANGES * CLIENTS);
};

const carriers = async (scene: Scene, figures: Record<string, number>): Promise<void> => {
  const base = (await measure(scene, () => Promise.resolve())).cpuMs;
  const perDelivery = (cpuMs: number): number => ((cpuMs - base) * 1000) / CLIENTS;
  const streams = createTally(CLIENTS);
  const sse = await openStreams(scene, CLIENTS, streams.onEvent);
  const bySse = perDelivery((await measure(scene, streams.arrived)).cpuMs);
  for (const { close } of sse) close();
  const sockets = createTally(CLIENTS);
  const parts = await Promise.all(
    Array.from({ length: CLIENTS }, () => subscribeAll(scene, 1, () => BIB, sockets.onEvent)),
  );
  const bySocket = perDelivery((await measure(scene, sockets.arrived)).cpuMs);
  for (const { close } of parts.flat()) close();
  const raw = await rawCpu(600);
  figures[`CPU µs a delivery, ${CLIENTS} event streams`] = rounded(bySse);
  figures[`CPU µs a delivery, ${CLIENTS} WebSockets`] = rounded(bySocket);
  figures['CPU µs a raw write of as many bytes'] = rounded(raw);
  figures['event streams to raw writes'] = rounded(bySse / raw);
  figures['event streams to WebSockets'] = rounded(bySse / bySocket);
};

const run = async (): Promise<Figures> => {
  const scene = await openScene();
  const figures: Record<string, number> = {};
  try {
    await change(scene);
    await matching(scene, figures);
    await idle(scene, figures);
    await carriers(scene, figures);
    return figures;
  } finally {
    await scene.stage.dispose();
  }
};

export const subscriptions: Benchmark = {
  name: 'subscriptions',
  method:
    `one runner's time changes ${CHANGES} times by another timing system's word, ${EVERY_MS} ms apart and gathered for ${GATHER_MS}; ${SUBSCRIPTIONS} live ` +
    `subscriptions of which ${MATCHING.join(', ')} match, then ${IDLE.join(', ')} of which none does (a change costs the relay its request, the fold and the file, ` +
    `too: the first line is that price); ${CLIENTS} event streams, as many WebSockets, and raw writes of the same size by this process`,
  run,
};
