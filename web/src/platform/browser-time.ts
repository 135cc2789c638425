import type { Clock, Timer, Timers } from '@baton/schema/ports';

/** The device's wall clock. */
export const browserClock: Clock = { now: () => Date.now() };

const timer = (clear: () => void): Timer => ({ clear });

export const browserTimers: Timers = {
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return timer(() => clearTimeout(id));
  },
  every: (ms, run) => {
    const id = setInterval(run, ms);
    return timer(() => clearInterval(id));
  },
  mono: () => performance.now(),
};
