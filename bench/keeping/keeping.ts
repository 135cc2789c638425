import { mkdir, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamId } from '@baton/schema/ids';
import { createApi, textOf } from '@baton/testkit/api';
import type { Program } from '@baton/testkit/programs';
import { folderBytes } from '../support/folder-size.ts';
import {
  type Benchmark,
  cpuSeconds,
  type Figures,
  median,
  now,
  quantile,
  residentBytes,
  rounded,
} from '../support/measure.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { openSyncPeer, type SyncPeer } from '../support/sync-peer.ts';
import { fillDirectory } from './filled-directory.ts';

const RESTARTS = 3;
const LOAD_BATCH = 20;
const PAUSE_MS = 5;
const QUIET_MS = 5000;
/** Longest wait for something that the relay does by itself. */
const PATIENCE_MS = 300_000;
const LOAD = batchesOf(generatedReads(50 * LOAD_BATCH, 100, 3), LOAD_BATCH);
const LISTENING = /^listening (http:\/\/\S+)$/;

interface Running {
  readonly relay: Program;
  readonly url: string;
  /** From the start of the process until `/readyz` said so. */
  readonly readyMs: number;
}

const isReady = async (url: string): Promise<boolean> => {
  const answer = await fetch(`${url}/readyz`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
};

const startOn = async (stage: Stage, dataDir: string): Promise<Running> => {
  const started = now();
  const relay = stage.start(['relay', '--port', '0', '--data-dir', dataDir, '--admin-token', stage.adminToken]);
  const [, url = ''] = await relay.line(LISTENING);
  while (!(await isReady(url))) {
    if (now() - started > PATIENCE_MS) throw new Error('the relay does not become ready');
    await sleep(5);
  }
  return { relay, url, readyMs: now() - started };
};

/** What came in batches is put into chunks in quiet moments: over once the folder has not changed for a while. */
const settledBytes = async (dataDir: string): Promise<number> => {
  const until = now() + PATIENCE_MS;
  let [bytes, same] = [0, 0];
  while (same < 8 && now() < until) {
    await sleep(500);
    const found = await folderBytes(dataDir);
    same = found === bytes ? same + 1 : 0;
    bytes = found;
  }
  return bytes;
};

/** Pushes one batch after another while `goes` says so; gives the time of each until its ack. */
const pushWhile = async (peer: SyncPeer, from: { seq: number }, goes: () => boolean): Promise<readonly number[]> => {
  const streamId = StreamId.parse('load.mat');
  const times: number[] = [];
  let acked: () => void = () => {};
  peer.onMessage((message) => {
    if (message.type === 'pushed') acked();
  });
  while (goes()) {
    const [batch, sent] = [LOAD[times.length % LOAD.length] ?? new Uint8Array(), now()];
    const told = new Promise<void>((resolve) => {
      acked = resolve;
    });
    peer.push({ streamId, epoch: 1, firstSeq: from.seq, pushId: times.length, batch });
    await told;
    from.seq += LOAD_BATCH;
    times.push(now() - sent);
    await sleep(PAUSE_MS);
  }
  return times;
};

const backUp = async (stage: Stage, url: string, directory: string): Promise<number> => {
  const started = now();
  const program = stage.start(['backup', directory, '--relay', url, '--token', stage.adminToken]);
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`the backup ended with ${code}: ${program.stderr().join(' ')}`);
  return (now() - started) / 1000;
};

/** The event as one file, checked by the command once it is written. */
const measureExport = async (stage: Stage, url: string, reads: number): Promise<Figures> => {
  const file = stage.folder('event.baton.gz');
  const started = now();
  const program = stage.start(['event', 'export', stage.eventId, file, '--relay', url, '--token', stage.adminToken]);
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`the export ended with ${code}: ${program.stderr().join(' ')}`);
  return {
    'event export s, checked': rounded((now() - started) / 1000),
    'archive bytes per read': rounded((await stat(file)).size / reads),
  };
};

const measureBackup = async (stage: Stage, { relay, url }: Running, eventId: string): Promise<Figures> => {
  const api = createApi(url, stage.adminToken);
  const made = await api.must('POST', '/tokens', { role: 'forwarder', eventId, nodeId: 'load' });
  const peer = await openSyncPeer(url, textOf(made, 'token'), { eventId, nodeId: 'load', readers: ['mat'] });
  const at = { seq: 1 };
  const until = now() + QUIET_MS;
  const quiet = await pushWhile(peer, at, () => now() < until);
  const cpuBefore = (await cpuSeconds(relay.pid)) ?? Number.NaN;
  let seconds: number | null = null;
  const backup = backUp(stage, url, stage.folder('backup')).then((it) => {
    seconds = it;
  });
  const busy = await pushWhile(peer, at, () => seconds === null);
  await backup;
  peer.close();
  return {
    'ack p50 ms, no backup': rounded(quantile(quiet, 0.5)),
    'ack p99 ms, no backup': rounded(quantile(quiet, 0.99)),
    'ack p50 ms, backup running': rounded(quantile(busy, 0.5)),
    'ack p99 ms, backup running': rounded(quantile(busy, 0.99)),
    'backup s, command started and ended': rounded(seconds ?? Number.NaN),
    'backup MB': rounded((await folderBytes(stage.folder('backup'))) / 1e6),
    'relay CPU s of backup and load': rounded(((await cpuSeconds(relay.pid)) ?? Number.NaN) - cpuBefore),
  };
};

const measure = async (stage: Stage, reads: number): Promise<Figures> => {
  const dataDir = stage.folder('relay');
  await stage.relay.end('SIGTERM');
  const empty = await startOn(stage, stage.folder('empty'));
  const emptyCpu = await cpuSeconds(empty.relay.pid);
  await empty.relay.end('SIGKILL');
  await fillDirectory(dataDir, stage.eventId, reads);
  const asReceived = await folderBytes(dataDir);
  const first = await startOn(stage, dataDir);
  const settled = await settledBytes(dataDir);
  await first.relay.end('SIGKILL');
  const readies: number[] = [];
  let running = await startOn(stage, dataDir);
  for (let round = 1; ; round++) {
    readies.push(running.readyMs);
    if (round === RESTARTS) break;
    await running.relay.end('SIGKILL');
    running = await startOn(stage, dataDir);
  }
  const backupBytes = async (): Promise<number> => (await folderBytes(stage.folder('backup'))) / reads;
  const resident = await residentBytes(running.relay.pid);
  const cpu = await cpuSeconds(running.relay.pid);
  return {
    'start until ready ms, empty': rounded(empty.readyMs),
    'restart until ready ms, after kill -9': rounded(median(readies)),
    'relay CPU s of a start, empty': rounded(emptyCpu ?? Number.NaN),
    'relay CPU s of a restart': rounded(cpu ?? Number.NaN),
    'relay memory MB after a restart': rounded((resident ?? Number.NaN) / 1e6),
    'disk bytes per read, as received': rounded(asReceived / reads),
    'disk bytes per read, in chunks, write-ahead log included': rounded(settled / reads),
    ...(await measureBackup(stage, running, stage.eventId)),
    'backup bytes per read': rounded(await backupBytes()),
    ...(await measureExport(stage, running.url, reads)),
    'relay memory MB after the backup': rounded(((await residentBytes(running.relay.pid)) ?? Number.NaN) / 1e6),
  };
};

const runWith = async (reads: number): Promise<Figures> => {
  const stage = await openStage();
  try {
    await mkdir(stage.folder('empty'), { recursive: true });
    return await measure(stage, reads);
  } finally {
    await stage.dispose();
  }
};

const METHOD =
  'in 20 streams, batches of 1,000, with 100 documents beside, written to a data directory by the store itself; the relay is killed (-9) and started three times (median) until /readyz answers 200; then one forwarder sends 20 reads, waits for the ack and pauses 5 ms, for 5 s and while baton backup runs; then baton event export';

export const keeping: Benchmark = {
  name: 'keeping',
  method: `1,000,000 reads ${METHOD}`,
  run: () => runWith(1_000_000),
};

export const keepingTenMillion: Benchmark = {
  name: 'keeping-10m',
  method: `10,000,000 reads ${METHOD}`,
  run: () => runWith(10_000_000),
};
