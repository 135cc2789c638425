import type { Clock, Timer, Timers } from '@baton/schema/ports';

/** A clock and timers that stand still until the test moves them. */
export interface VirtualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Moves on by `ms`: runs each timer that falls due, in order of its time, then of its setting; timers they set included. */
  readonly advance: (ms: number) => void;
  /** As `advance`, and lets promises, sockets and threads go on after each timer and at the end. */
  readonly advanceAsync: (ms: number) => Promise<void>;
  /** Sets the wall clock off by `ms` more; timers do not notice (P25). */
  readonly jumpClock: (ms: number) => void;
  /** Timers that are set. */
  readonly pending: () => number;
  /** Milliseconds until the next timer; null when none is set. */
  readonly untilNext: () => number | null;
}

interface Entry {
  readonly due: number;
  readonly order: number;
  /** Of a repeating timer. */
  readonly period: number | null;
  readonly run: () => void;
}

/** 2026-03-07T09:00:00Z: a race morning. */
const DEFAULT_START = Date.UTC(2026, 2, 7, 9);

/** A timer repeating every 0 ms would never let `advance` end. */
const MIN_PERIOD_MS = 1;

const before = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order);

/** The real event loop once around: everything that was ready has run. */
const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** @param startAt wall clock at the beginning, in ms since the Unix epoch */
export const createVirtualTime = (startAt: number = DEFAULT_START): VirtualTime => {
  const entries = new Set<Entry>();
  let mono = 0;
  let offset = startAt;
  let order = 0;

  const add = (due: number, period: number | null, run: () => void): Entry => {
    const entry: Entry = { due, order: order++, period, run };
    entries.add(entry);
    return entry;
  };

  const after = (ms: number, run: () => void): Timer => {
    const entry = add(mono + Math.max(0, ms), null, run);
    return { clear: () => entries.delete(entry) };
  };

  const every = (ms: number, run: () => void): Timer => {
    const period = Math.max(MIN_PERIOD_MS, ms);
    let entry: Entry;
    let cleared = false;
    const again = (): void => {
      run();
      if (!cleared) entry = add(entry.due + period, period, again);
    };
    entry = add(mono + period, period, again);
    return {
      clear: () => {
        cleared = true;
        entries.delete(entry);
      },
    };
  };

  const next = (): Entry | null => {
    let first: Entry | null = null;
    for (const entry of entries) if (first === null || before(entry, first)) first = entry;
    return first;
  };

  /** Runs the next timer due by `end`; false when there is none. */
  const runOne = (end: number): boolean => {
    const entry = next();
    if (entry === null || entry.due > end) return false;
    entries.delete(entry);
    mono = entry.due;
    entry.run();
    return true;
  };

  return {
    clock: { now: () => offset + mono },
    timers: { after, every, mono: () => mono },
    advance: (ms) => {
      const end = mono + ms;
      while (runOne(end));
      mono = end;
    },
    advanceAsync: async (ms) => {
      const end = mono + ms;
      await turnOfTheLoop();
      while (runOne(end)) await turnOfTheLoop();
      mono = end;
      await turnOfTheLoop();
    },
    jumpClock: (ms) => {
      offset += ms;
    },
    pending: () => entries.size,
    untilNext: () => {
      const entry = next();
      return entry === null ? null : entry.due - mono;
    },
  };
};
