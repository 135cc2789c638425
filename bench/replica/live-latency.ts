import { liveQuery, type QueryRows, type Replica } from '@baton/client-core';
import type { Timers } from '@baton/schema/ports';
import { encodeBatch } from '@baton/schema/reads';
import { median, now } from '../support/measure.ts';
import { pushBatches } from '../support/push-batches.ts';
import { generatedReads } from '../support/reads.ts';
import type { SyncPeer } from '../support/sync-peer.ts';
import { LIVE_RESULTS, LIVE_ROLL_UP } from './questions.ts';
import { RUNNERS } from './race-world.ts';
import { FINISH } from './streams.ts';

const WARM_UP = 2;
const READS = 10;

const seenIn = (rows: QueryRows): number => Number(rows[0]?.['seen'] ?? 0);
const sumIn = (rows: QueryRows): number => rows.reduce((sum, row) => sum + Number(row['seen']), 0);

/** A live query whose rows say how many reads they contain. */
interface Watch {
  /** Resolves with the moment of the callback whose rows contain this many reads. */
  readonly reach: (reads: number) => Promise<number>;
  readonly stop: () => void;
}

const watch = (
  replica: Replica,
  sql: string,
  countIn: (rows: QueryRows) => number,
  options: { readonly timers: Timers; readonly coalesceMs?: number },
): Watch => {
  let seen = 0;
  let waiting: { readonly reads: number; readonly resolve: (at: number) => void } | null = null;
  const look = (): void => {
    if (waiting === null || seen < waiting.reads) return;
    waiting.resolve(now());
    waiting = null;
  };
  const { stop } = liveQuery(
    replica,
    sql,
    [],
    (rows) => {
      if (!rows.ok) throw new Error(rows.error.message);
      seen = countIn(rows.value);
      look();
    },
    options,
  );
  return {
    reach: (reads) =>
      new Promise((resolve) => {
        waiting = { reads, resolve };
        look();
      }),
    stop,
  };
};

export interface LiveLatency {
  /** Medians, in ms. */
  readonly rollUp: number;
  readonly results: number;
}

interface LiveSource {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly mats: SyncPeer;
  /** Reads held, and those of the stream that gets more. */
  readonly held: number;
  readonly atFinish: number;
}

/** From the commit of one more read to the rows that contain it, at two live queries; each read waits for the one before. */
export const measureLive = async (source: LiveSource, coalesceMs?: number): Promise<LiveLatency> => {
  const { replica, timers, mats, held, atFinish } = source;
  const options = { timers, ...(coalesceMs === undefined ? {} : { coalesceMs }) };
  const rollUp = watch(replica, LIVE_ROLL_UP, sumIn, options);
  const results = watch(replica, LIVE_RESULTS, seenIn, options);
  await Promise.all([rollUp.reach(held), results.reach(held)]);
  const took: { readonly rollUp: number; readonly results: number }[] = [];
  let committedAt = 0;
  const stop = replica.onCommit(() => {
    committedAt = now();
  });
  for (const [index, read] of generatedReads(WARM_UP + READS, RUNNERS, 99).entries()) {
    const reached = Promise.all([rollUp.reach(held + index + 1), results.reach(held + index + 1)]);
    await pushBatches(mats, { streamId: FINISH, epoch: 1 }, [encodeBatch([read])], 1, atFinish + index + 1);
    const [rollUpAt, resultsAt] = await reached;
    if (index >= WARM_UP) took.push({ rollUp: rollUpAt - committedAt, results: resultsAt - committedAt });
  }
  for (const end of [stop, rollUp.stop, results.stop]) end();
  return { rollUp: median(took.map((it) => it.rollUp)), results: median(took.map((it) => it.results)) };
};

/** Reads that one call of `measureLive` adds. */
export const LIVE_ADDS = WARM_UP + READS;
