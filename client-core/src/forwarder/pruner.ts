import type { Clock, Log, Timer, Timers } from '@baton/schema/ports';
import type { CommitQueue } from './commit-queue.ts';
import type { Journal } from './journal.ts';
import { fallBack } from './reconcile.ts';
import type { Streams } from './streams.ts';

export interface PrunerDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly journal: Pick<Journal, 'prune'>;
  readonly queue: CommitQueue;
  readonly streams: Streams;
}

/** Lines deleted at once: a few milliseconds of work, so that new reads never wait long behind it. */
const LINES_AT_ONCE = 2000;
const EVERY_MS = 3_600_000;

/**
 * Deletes lines that are acked and older than the retention, a little at a time, at start and each hour.
 * Returns the way to stop.
 */
export const startPruning = (deps: PrunerDeps, retentionMs: number): (() => void) => {
  const { clock, timers, log, journal, queue, streams } = deps;
  let stopped = false;

  const pruneEpoch = (reader: string, epoch: number): void =>
    queue.between(async () => {
      if (stopped) return;
      const receivedBefore = Math.floor(clock.now()) - retentionMs;
      const reply = await journal.prune({ reader, epoch, receivedBefore, limit: LINES_AT_ONCE });
      streams.forget(reader, epoch, reply.first);
      keepWhole(reader, epoch);
      if (reply.full) pruneEpoch(reader, epoch);
      else log.debug('journal pruned', { reader, epoch, first: reply.first });
    });

  /** The relay lost reads while they were being deleted here: what is left must go to another epoch. */
  const keepWhole = (reader: string, epoch: number): void => {
    const stream = streams.get(reader);
    const acked = stream.epochs.find((it) => it.epoch === epoch)?.acked ?? 0;
    const step = fallBack(stream, epoch, acked);
    if (step.changes.length > 0) streams.change(reader, step);
  };

  const pruneAll = (): void => {
    streams.flushAcks();
    for (const { reader, epochs } of streams.all()) {
      for (const it of epochs) if (it.first <= it.acked) pruneEpoch(reader, it.epoch);
    }
  };

  pruneAll();
  const timer: Timer = timers.every(EVERY_MS, pruneAll);
  return () => {
    stopped = true;
    timer.clear();
  };
};
