import type { Clock, Ids, Random, Timer, Timers } from '@baton/schema/ports';
import { silentLog } from '@baton/schema/ports';

const timer = (clear: () => void): Timer => ({ clear });

const timers: Timers = {
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

const clock: Clock = { now: () => Date.now() };
const random: Random = { next: () => Math.random() };
const ids: Ids = { uuid: () => crypto.randomUUID() };

/** What the page takes from its browser. */
export const ports = { clock, timers, random, ids, log: silentLog, WebSocket };
