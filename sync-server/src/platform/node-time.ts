import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Clock, Timers } from '@baton/schema/ports';

/** The machine's wall clock. */
export const systemClock: Clock = { now: () => Date.now() };

/** The event loop's timers, on the monotonic clock. None keeps the process alive by itself. */
export const systemTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    timer.unref();
    return { clear: () => clearTimeout(timer) };
  },
  every: (ms, run) => {
    const timer = setInterval(run, ms);
    timer.unref();
    return { clear: () => clearInterval(timer) };
  },
  mono: () => performance.now(),
};

/** Runs after what the present turn of the event loop still brings: answers of one turn become one frame. */
export const afterTurn = (run: () => void): void => {
  setImmediate(run);
};

/** Watches how late the event loop runs; each call tells the longest delay, in seconds, since the call before. */
export const watchEventLoop = (): (() => number) => {
  const resolution = 20;
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  return () => {
    // what it records is the time between two looks
    const longest = Math.max(0, delays.max / 1e9 - resolution / 1000);
    delays.reset();
    return longest;
  };
};
