import type { Timers } from '@baton/schema/ports';

/** The machine's timers, for tests of what really takes time. */
export const realTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return { clear: () => clearTimeout(timer) };
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    return { clear: () => clearInterval(timer) };
  },
  mono: () => performance.now(),
};
