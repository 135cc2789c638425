import { StreamId } from '@baton/schema/ids';
import type { Random, Timer, Timers } from '@baton/schema/ports';
import {
  type NumberedRead,
  type Pair,
  type PairKey,
  pairFromKey,
  pairKey,
  type VectorClock,
} from '@baton/schema/reads';
import { err, ok } from '@baton/schema/result';
import type { ReadRun, SetupItem } from '../../../src/live/consumer.ts';
import type { LiveSource, SourceEvents } from '../../../src/live/source.ts';

/** A log in memory that is told run by run, one each virtual millisecond, and can be cut at any time. */
export interface LogSource {
  readonly source: LiveSource;
  readonly append: (pair: Pair, chips: readonly string[]) => void;
  readonly setup: (setup: SetupItem) => void;
  /** Ends the subscription as the network would, or as a server would that closes cleanly. */
  readonly cut: (reason?: string, permanent?: boolean) => void;
  /** The one who subscribed is dead: it is told nothing more. */
  readonly forget: () => void;
  /** Subscriptions end before they begin. */
  readonly refuse: (is: boolean) => void;
  /** The mark between history and live is held back. */
  readonly holdMark: (is: boolean) => void;
  /** Runs that were told and not given back. */
  readonly owed: () => number;
  readonly open: () => number;
  /** Virtual times at which subscriptions began. */
  readonly begun: number[];
  readonly pulls: () => number;
  readonly failPulls: (is: boolean) => void;
  readonly log: ReadonlyMap<PairKey, readonly NumberedRead[]>;
}

interface Subscription {
  readonly told: Map<PairKey, number>;
  readonly events: SourceEvents;
  readonly timer: Timer;
  marked: boolean;
}

export const readOf = (seq: number, chip: string): NumberedRead => ({
  seq,
  chip,
  raw: new TextEncoder().encode(`${chip} ${seq}`),
  receivedAt: seq,
  readerTime: null,
  kind: 'RAW',
});

export const PAIR: Pair = { streamId: StreamId.parse('mat.a'), epoch: 1 };
export const OTHER: Pair = { streamId: StreamId.parse('mat.b'), epoch: 1 };

/** How many reads a run holds at most. */
const MAX_RUN = 5;
/** Reads that may be told and not given back. */
const WINDOW = 20;

export const createLogSource = (timers: Timers, random: Random = { next: () => 0.5 }): LogSource => {
  const log = new Map<PairKey, NumberedRead[]>();
  const begun: number[] = [];
  let subscription: Subscription | null = null;
  let setup: SetupItem | null = null;
  let refusing = false;
  let holding = false;
  let owed = 0;
  let pulls = 0;
  let failing = false;

  const behind = (told: ReadonlyMap<PairKey, number>): readonly PairKey[] =>
    [...log].flatMap(([key, reads]) => (reads.length > (told.get(key) ?? 0) ? [key] : []));

  const runAfter = (key: PairKey, after: number, most: number): ReadRun => {
    const pair = pairFromKey(key);
    if (pair === null) throw new Error(`no pair: ${key}`);
    return { ...pair, reads: (log.get(key) ?? []).slice(after, after + most) };
  };

  const pump = (mine: Subscription): void => {
    const keys = behind(mine.told);
    const key = keys[Math.floor(random.next() * keys.length)];
    if (key === undefined) {
      if (!mine.marked && !holding) {
        mine.marked = true;
        mine.events.onCaughtUp();
      }
      return;
    }
    if (owed >= WINDOW) return;
    const run = runAfter(key, mine.told.get(key) ?? 0, 1 + Math.floor(random.next() * MAX_RUN));
    mine.told.set(key, run.reads.at(-1)?.seq ?? 0);
    owed += run.reads.length;
    let given = false;
    mine.events.onReads(run, () => {
      if (given) throw new Error('a run was given back twice');
      given = true;
      if (subscription === mine) owed -= run.reads.length;
    });
  };

  const end = (mine: Subscription): void => {
    mine.timer.clear();
    if (subscription === mine) subscription = null;
  };

  return {
    source: {
      subscribe: (from, events) => {
        if (subscription !== null) throw new Error('a second subscription');
        begun.push(timers.mono());
        owed = 0;
        const mine: Subscription = {
          told: new Map(from),
          events,
          marked: false,
          timer: timers.every(1, () => pump(mine)),
        };
        subscription = mine;
        if (setup !== null) events.onSetup(setup);
        if (refusing) {
          end(mine);
          timers.after(0, () => events.onEnd({ reason: 'refused', permanent: false }));
        }
        return { close: () => end(mine) };
      },
      pull: async (from: VectorClock, take) => {
        pulls++;
        await Promise.resolve();
        if (failing) return err({ type: 'source-failed', message: 'no network' });
        if (setup !== null) take(setup);
        for (const key of behind(from)) take(runAfter(key, from.get(key) ?? 0, Number.POSITIVE_INFINITY));
        return ok(undefined);
      },
      close: async () => {},
    },
    append: ({ streamId, epoch }, chips) => {
      const key = pairKey(streamId, epoch);
      const reads = log.get(key) ?? [];
      log.set(key, reads);
      for (const chip of chips) reads.push(readOf(reads.length + 1, chip));
    },
    setup: (item) => {
      setup = item;
      subscription?.events.onSetup(item);
    },
    cut: (reason = 'cut', permanent = false) => {
      const mine = subscription;
      if (mine === null) return;
      end(mine);
      mine.events.onEnd({ reason, permanent });
    },
    forget: () => {
      if (subscription !== null) end(subscription);
    },
    refuse: (is) => {
      refusing = is;
    },
    holdMark: (is) => {
      holding = is;
    },
    owed: () => owed,
    open: () => (subscription === null ? 0 : 1),
    begun,
    pulls: () => pulls,
    failPulls: (is) => {
      failing = is;
    },
    log,
  };
};
