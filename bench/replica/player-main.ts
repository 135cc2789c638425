import type { Replica, SetupRows } from '@baton/client-core';
import { openPgliteReplica, systemTimers } from '@baton/client-core/node';
import { silentLog } from '@baton/schema/ports';
import { median, now, ownCpuMs } from '../support/measure.ts';
import { rowsOf, timed, untilHeld, untilProjected } from './answered.ts';
import { LIVE_ADDS, measureLive } from './live-latency.ts';
import type { Answered, PlayerReport, PlayerTask } from './player.ts';
import { FIRST_AT_FINISH, RESULTS_ALL, RESULTS_TOP } from './questions.ts';
import { startRaceReceiver } from './race-receiver.ts';
import { openMats } from './race-world.ts';

/** The process of one receiver: fills a replica, asks it, opens it again; says its figures as one line of JSON. */
const ASKS = 25;
const MB = 1024 * 1024;

const seconds = (from: number): number => (now() - from) / 1000;

const cpuSeconds = (from: number): number => (ownCpuMs() - from) / 1000;

const open = async (dataDir: string): Promise<Replica> => {
  const opened = await openPgliteReplica({ timers: systemTimers, log: silentLog }, { dataDir, owner: 'bench' });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
};

const askMedian = async (replica: Replica, sql: string): Promise<number> =>
  median(await timed(ASKS, () => rowsOf(replica, sql)));

const pause = (ms: number): Promise<void> => new Promise((resolve) => void systemTimers.after(ms, resolve));

/** Reads projected per second when all must be read again from the tables, as after a start with another setup. */
const projectAgain = async (replica: Replica, setup: SetupRows, reads: number): Promise<number> => {
  const event = setup.event.map((row) => ({ ...row, title: 'Another' }));
  const from = now();
  const done = await replica.applySetup({ ...setup, event });
  if (done.type !== 'applied') throw new Error(done.message);
  while (!(await replica.resultsState()).current) await pause(10);
  return reads / seconds(from);
};

const reopen = async (dataDir: string): Promise<{ readonly replica: Replica; readonly warmSeconds: number }> => {
  const from = now();
  const replica = await open(dataDir);
  await rowsOf(replica, RESULTS_TOP);
  return { replica, warmSeconds: seconds(from) };
};

type Filled = Pick<
  Answered,
  | 'answerSeconds'
  | 'answerCpuSeconds'
  | 'topMs'
  | 'allMs'
  | 'fromReadsMs'
  | 'residentMb'
  | 'peakResidentMb'
  | 'tableBytes'
>;

const askFilled = async (
  replica: Replica,
  answered: Pick<Answered, 'answerSeconds' | 'answerCpuSeconds'>,
): Promise<Filled> => {
  const [size] = await rowsOf(replica, `SELECT pg_total_relation_size('reads')::int AS bytes`);
  return {
    ...answered,
    residentMb: process.memoryUsage().rss / MB,
    peakResidentMb: process.resourceUsage().maxRSS / 1024,
    topMs: await askMedian(replica, RESULTS_TOP),
    allMs: await askMedian(replica, RESULTS_ALL),
    fromReadsMs: await askMedian(replica, FIRST_AT_FINISH),
    tableBytes: Number(size?.['bytes']),
  };
};

const measureBothLive = async (
  task: PlayerTask,
  replica: Replica,
): Promise<Pick<Answered, 'liveMs' | 'liveAtOnceMs'>> => {
  const { seat, forwarderToken, reads: held, atFinish } = task;
  const mats = await openMats(seat.url, seat.eventId, forwarderToken);
  const source = { replica, timers: systemTimers, mats };
  const liveMs = await measureLive({ ...source, held, atFinish });
  const more = { held: held + LIVE_ADDS, atFinish: atFinish + LIVE_ADDS };
  const liveAtOnceMs = await measureLive({ ...source, ...more }, 0);
  mats.close();
  return { liveMs, liveAtOnceMs };
};

const run = async (task: PlayerTask): Promise<PlayerReport> => {
  const openedAt = now();
  const opened = await open(task.dataDir);
  const openSeconds = seconds(openedAt);
  let setup: SetupRows | null = null;
  const replica: Replica = {
    ...opened,
    applySetup: (rows) => {
      setup = rows;
      return opened.applySetup(rows);
    },
  };
  const [connectedAt, connectedCpu] = [now(), ownCpuMs()];
  const held = untilHeld(replica, task.reads);
  const receiver = await startRaceReceiver(task.seat, replica, task.withSetup);
  await held;
  const filled = {
    openSeconds,
    heldSeconds: seconds(connectedAt),
    heldCpuSeconds: cpuSeconds(connectedCpu),
    readBytes: receiver.readBytes(),
  };
  if (!task.withSetup) {
    await receiver.close();
    await replica.close();
    return { ...filled, answered: null };
  }
  await untilProjected(replica, task.reads);
  await rowsOf(replica, RESULTS_TOP);
  const asked = await askFilled(replica, {
    answerSeconds: seconds(connectedAt),
    answerCpuSeconds: cpuSeconds(connectedCpu),
  });
  const live = await measureBothLive(task, replica);
  await receiver.close();
  await replica.close();
  const again = await reopen(task.dataDir);
  if (setup === null) throw new Error('the setup was never stored');
  const projectedPerSecond = await projectAgain(again.replica, setup, task.reads);
  await again.replica.close();
  return { ...filled, answered: { ...asked, ...live, warmSeconds: again.warmSeconds, projectedPerSecond } };
};

const report = await run(JSON.parse(process.argv[2] ?? '') as PlayerTask);
process.stdout.write(`${JSON.stringify(report)}\n`);
