import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { type Benchmark, cpuSeconds, type Figures, now, quantile, rounded } from '../support/measure.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { createFinishers, type Finishers } from './finishers.ts';
import { startRawWriter } from './raw-writer.ts';
import { startWatchers, type Watchers } from './watchers.ts';

const WATCHERS = [200, 1000, 5000] as const;
/** Changes of one measurement: fewer where each goes to more. */
const CHANGES: Readonly<Record<number, number>> = { 200: 160, 1000: 80, 5000: 40 };
/** One change is one message: they come further apart than they are gathered. */
const EVERY_MS = 50;
/** Where they go to so many that a core could not write more. */
const EVERY_MS_TO_MANY = 250;
const MANY = 5000;
const GATHER_MS = 20;
/** So many changes at once are one message. */
const GATHERED = 8;
const ECHO_MS = 5;
/** More than all measurements use. */
const RUNNERS = 6_000;
interface Measured {
  readonly cpuMs: number;
  /** Messages at watchers. */
  readonly deliveries: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly echo: readonly number[];
}

/** Round trips of a bare WebSocket ping of another client, while it is told to go on. */
const startEcho = async (stage: Stage) => {
  const token = await stage.token('operator');
  const path = `/docs/events/${stage.eventId}/setup`;
  const socket = new WebSocket(`${stage.url.replace('http', 'ws')}${path}`, ['baton.v1', `bearer.${token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  let times: number[] = [];
  let sentAt = 0;
  let timer: NodeJS.Timeout | null = null;
  const ping = (): void => {
    sentAt = now();
    socket.ping();
  };
  socket.on('pong', () => {
    times.push(now() - sentAt);
    timer = setTimeout(ping, ECHO_MS);
  });
  ping();
  return {
    take: (): readonly number[] => {
      const taken = times;
      times = [];
      return taken;
    },
    stop: (): void => {
      if (timer !== null) clearTimeout(timer);
      socket.terminate();
    },
  };
};

interface Scene {
  readonly stage: Stage;
  readonly finishers: Finishers;
  readonly watchers: Watchers;
  readonly echo: Awaited<ReturnType<typeof startEcho>>;
}

const openScene = async (gatherMs: number, watchers: Watchers): Promise<Scene> => {
  const stage = await openStage([
    '--spectator-limit',
    '6000',
    '--spectator-gather-ms',
    String(gatherMs),
    '--spectator-ping-ms',
    '600000',
  ]);
  const finishers = await createFinishers(stage, RUNNERS);
  // from here on the results are kept up to date: the price of that is none of the watchers'
  await stage.api.must('GET', `/events/${stage.eventId}/results/${finishers.raceId}`);
  return { stage, finishers, watchers, echo: await startEcho(stage) };
};

const closeScene = async ({ stage, finishers, echo }: Scene): Promise<void> => {
  echo.stop();
  finishers.peer.close();
  await stage.dispose();
};

const relayCpuMs = async ({ stage }: Scene): Promise<number> =>
  ((await cpuSeconds(stage.relay.pid)) ?? Number.NaN) * 1000;

/** So many times `abreast` finishers at once, `everyMs` apart. */
const measure = async (scene: Scene, times: number, everyMs = EVERY_MS, abreast = 1): Promise<Measured> => {
  const { finishers, watchers, echo } = scene;
  for (let warm = 0; warm < 8; warm++) {
    await finishers.next();
    await wait(everyMs);
  }
  await wait(300);
  await watchers.mark();
  echo.take();
  const before = await relayCpuMs(scene);
  for (let time = 0; time < times; time++) {
    const due = now() + everyMs;
    await Promise.all(Array.from({ length: abreast }, finishers.next));
    await wait(Math.max(0, due - now()));
  }
  const { lost, bytes, frames, p50, p99 } = await watchers.rest();
  if (lost > 0) throw new Error(`the relay cut off ${lost} watchers`);
  return { cpuMs: (await relayCpuMs(scene)) - before, deliveries: frames, bytes, p50, p99, echo: echo.take() };
};

const openAll = (scene: Scene, count: number) => {
  const { hostname, port } = new URL(scene.stage.url);
  const path = `/api/v1/events/${scene.stage.eventId}/ws`;
  return scene.watchers.open({ host: hostname, port: Number(port), path, count, abreast: 50 });
};

/** CPU µs of one delivery, after what the relay needs for the changes alone is taken off. */
const perDelivery = (with_: Measured, without: Measured, deliveries: number): number =>
  ((with_.cpuMs - without.cpuMs) * 1000) / deliveries;

const rawCpu = async (
  watchers: Watchers,
  {
    count,
    ...written
  }: { readonly count: number; readonly bytes: number; readonly frames: number; readonly everyMs: number },
): Promise<number> => {
  const raw = await startRawWriter();
  await watchers.open({ host: '127.0.0.1', port: raw.port, path: null, count, abreast: 50 });
  await raw.write({ ...written, frames: 8 });
  await watchers.mark();
  const before = (await cpuSeconds(raw.pid)) ?? Number.NaN;
  await raw.write(written);
  await watchers.rest();
  const used = ((await cpuSeconds(raw.pid)) ?? Number.NaN) - before;
  await watchers.close();
  await raw.end();
  return (used * 1e6) / (count * written.frames);
};

const oneByOne = async (scene: Scene, figures: Record<string, number>): Promise<void> => {
  for (const count of WATCHERS) {
    const changes = CHANGES[count] ?? 40;
    const everyMs = count >= MANY ? EVERY_MS_TO_MANY : EVERY_MS;
    const alone = await measure(scene, changes, everyMs);
    const joined = await openAll(scene, count);
    const told = await measure(scene, changes, everyMs);
    await scene.watchers.close();
    const bytes = Math.round(told.bytes / told.deliveries);
    const cpu = perDelivery(told, alone, told.deliveries);
    const raw = await rawCpu(scene.watchers, { count, bytes, frames: changes, everyMs });
    const at = `${count} watchers`;
    figures[`${at}: ms until all have joined`] = rounded(joined.ms);
    figures[`${at}: bytes of a message`] = bytes;
    figures[`${at}: relay CPU µs per delivery`] = rounded(cpu);
    figures[`${at}: raw write CPU µs`] = rounded(raw);
    figures[`${at}: delivery to raw write`] = rounded(cpu / raw);
    figures[`${at}: ms from made to arrived, p50`] = told.p50;
    figures[`${at}: ms from made to arrived, p99`] = told.p99;
    figures[`${at}: another client's echo ms, p99 without them`] = rounded(quantile(alone.echo, 0.99));
    figures[`${at}: another client's echo ms, p99 meanwhile`] = rounded(quantile(told.echo, 0.99));
  }
};

/** The same changes so fast that eight are one message: what a change costs at one watcher. */
const gathered = async (scene: Scene, figures: Record<string, number>): Promise<void> => {
  const count = 1000;
  const times = 60;
  const changes = GATHERED * times;
  const alone = await measure(scene, times, EVERY_MS, GATHERED);
  await openAll(scene, count);
  const told = await measure(scene, times, EVERY_MS, GATHERED);
  await scene.watchers.close();
  const cpu = perDelivery(told, alone, count * changes);
  const single = figures['1000 watchers: relay CPU µs per delivery'] ?? Number.NaN;
  figures['gathered: relay CPU µs per change and watcher'] = rounded(cpu);
  figures['gathered: bytes per change and watcher'] = rounded(told.bytes / (count * changes));
  figures['gathered: changes in a message'] = rounded((count * changes) / told.deliveries);
  figures['gathered: times cheaper than one by one'] = rounded(single / cpu);
};

const run = async (): Promise<Figures> => {
  const figures: Record<string, number> = {};
  const watchers = startWatchers();
  try {
    for (const [gatherMs, part] of [
      [GATHER_MS, oneByOne],
      [GATHER_MS, gathered],
    ] as const) {
      const scene = await openScene(gatherMs, watchers);
      try {
        await part(scene, figures);
      } finally {
        await closeScene(scene);
      }
    }
    return figures;
  } finally {
    await watchers.end();
  }
};

export const spectatorFanOut: Benchmark = {
  name: 'spectators',
  method:
    `runners finish one by one, each a message to ${WATCHERS.join(', ')} watchers in another process; the relay's CPU for the same finishers without ` +
    'watchers is taken off; beside it a process that writes as many bytes to as many TCP connections; another client pings the relay meanwhile',
  run,
};
