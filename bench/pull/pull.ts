import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection, createPullClient } from '@baton/client-core';
import { openPgliteReplica, openWsSocket, systemClock, systemRandom, systemTimers } from '@baton/client-core/node';
import { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { CLIENT_VERSION } from '@baton/schema/protocol';
import { pairKey } from '@baton/schema/reads';
import { bareCopy, COPY_ROWS } from '../support/bare-copy.ts';
import { type Benchmark, type Figures, median, now, rounded } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { batchesOf, generatedReads } from '../support/reads.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { openSyncPeer } from '../support/sync-peer.ts';

const READS = 100_000;
const BATCH = 50;
const ROUNDS = 3;
const STREAM = StreamId.parse('f1.mat');
const ALL = generatedReads(READS, 5000, 3);

/** Puts the reads into the relay, as live batches of 50; the relay then compacts them when it is idle. */
const fill = async (stage: Stage): Promise<void> => {
  const hello = { eventId: stage.eventId, nodeId: 'f1', readers: ['mat'] };
  const peer = await openSyncPeer(stage.url, await stage.token('forwarder', 'f1'), hello);
  await pushBatches(peer, { streamId: STREAM, epoch: 1 }, batchesOf(ALL, BATCH), BATCH);
  peer.close();
};

/** Seconds from the selection until all reads are committed in a fresh replica that is already open. */
const pullOnce = async (stage: Stage, token: string, round: number, folder: string): Promise<number> => {
  const nodeId = NodeId.parse(`r${round}`);
  const opened = await openPgliteReplica(
    { timers: systemTimers, log: silentLog },
    { dataDir: join(folder, `replica-${round}`), owner: 'bench' },
  );
  if (!opened.ok) throw new Error(opened.error.type);
  const replica = opened.value;
  const key = pairKey(STREAM, 1);
  const complete = new Promise<void>((resolve) => {
    replica.onCommit(({ raised }) => {
      if (raised.get(key) === READS) resolve();
    });
  });
  const client = await createPullClient(
    {
      replica,
      timers: systemTimers,
      log: silentLog,
      openConnection: (handlers) =>
        createConnection(
          { clock: systemClock, timers: systemTimers, random: systemRandom, log: silentLog, openSocket: openWsSocket },
          {
            url: stage.url,
            token,
            hello: () => ({ eventId: EventId.parse(stage.eventId), nodeId, clientVersion: CLIENT_VERSION }),
            handlers,
          },
        ),
    },
    { selection: { mode: 'manual', streams: [STREAM] } },
  );
  const started = now();
  client.connect();
  await complete;
  const seconds = (now() - started) / 1000;
  await client.close();
  await replica.close();
  return seconds;
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  const folder = await mkdtemp(join(tmpdir(), 'baton-pull-'));
  try {
    await fill(stage);
    const tokens = await Promise.all(
      Array.from({ length: ROUNDS }, (_, round) => stage.token('receiver', `r${round}`)),
    );
    const pulls: number[] = [];
    const copies: number[] = [];
    for (const [round, token] of tokens.entries()) {
      copies.push((await bareCopy([{ streamId: STREAM, reads: () => ALL }])).seconds);
      pulls.push(await pullOnce(stage, token, round, folder));
    }
    return {
      [`seconds to pull ${READS} reads`]: rounded(median(pulls)),
      'seconds of bare COPY of the same rows': rounded(median(copies)),
      'ratio to bare COPY': rounded(median(copies) / median(pulls)),
    };
  } finally {
    await stage.dispose();
    await rm(folder, { recursive: true, force: true });
  }
};

export const pull: Benchmark = {
  name: 'pull',
  method:
    `${READS} reads from a relay process over loopback into a fresh PGlite replica on files, connecting included, opening not; ` +
    `bare: prepared COPY text in portions of ${COPY_ROWS} into the same tables; median of ${ROUNDS} interleaved rounds`,
  run,
};
