import { randomUUID } from 'node:crypto';
import type { Clock, Ids, Random, Timer, Timers } from '@baton/schema/ports';

const timerOf = (clear: () => void): Timer => ({ clear });

/** The real ports, for composition roots. */
export const systemClock: Clock = { now: () => Date.now() };

export const systemTimers: Timers = {
  after: (ms, run) => {
    const handle = setTimeout(run, ms);
    return timerOf(() => clearTimeout(handle));
  },
  every: (ms, run) => {
    const handle = setInterval(run, ms);
    return timerOf(() => clearInterval(handle));
  },
  mono: () => performance.now(),
};

export const systemRandom: Random = { next: () => Math.random() };

export const systemIds: Ids = { uuid: () => randomUUID() };

/** Milliseconds by which this machine's wall time is ahead of UTC at an instant. */
export const localOffsetMs = (at: number): number => -new Date(at).getTimezoneOffset() * 60_000;
