import { availableParallelism, getPriority, setPriority } from 'node:os';
import type { Log } from '@baton/schema/ports';

/**
 * Steps of niceness that the main thread has before the process's other threads: some six times their share of a core when all are taken
 * (sched(7)). Everybody who is connected waits for this thread; it waits for the others only as long as they need a core, which there is beside it.
 */
export const STEPS_AHEAD = 8;
/** nice(2): the highest and the lowest priority of an ordinary thread. */
const [LOWEST_NICENESS, HIGHEST_NICENESS] = [-20, 19];

/** What the operating system says of the calling thread, and does with it. */
export interface ThreadHost {
  readonly platform: NodeJS.Platform;
  readonly cores: number;
  readonly niceness: () => number;
  /** Throws when it may not. */
  readonly setNiceness: (niceness: number) => void;
}

const THIS_THREAD = 0;

const host: ThreadHost = {
  platform: process.platform,
  cores: availableParallelism(),
  niceness: () => getPriority(THIS_THREAD),
  setNiceness: (niceness) => setPriority(THIS_THREAD, niceness),
};

/**
 * Lets the calling thread go before those that were started by now, where that is allowed: the garbage collector's helpers and the
 * store. To be called once they run, since a thread begins with the priority of whoever starts it. On Linux only, where each thread has
 * its own; with a single core, the others would have to wait for it.
 */
export const favourThisThread = (journal: Log, it: ThreadHost = host): void => {
  if (it.platform !== 'linux' || it.cores < 2) return;
  const niceness = Math.max(LOWEST_NICENESS, it.niceness() - STEPS_AHEAD);
  try {
    it.setNiceness(niceness);
  } catch (error) {
    journal.info('the main thread has no priority over its helpers', {
      cause: error instanceof Error ? error.message : String(error),
      cure: `for very large events on few cores, allow a niceness of ${niceness}: hosting.md, Memory and cores`,
    });
  }
};

/** For a thread that the main thread starts later, with whose priority it began: it goes behind it by as much. Nobody is refused that. */
export const goBehindStarter = (it: ThreadHost = host): void => {
  if (it.platform !== 'linux') return;
  it.setNiceness(Math.min(HIGHEST_NICENESS, it.niceness() + STEPS_AHEAD));
};
