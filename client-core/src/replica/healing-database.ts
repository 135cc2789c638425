import type { Log, Timers } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import type { Answer, Arguments, Method } from './pglite-calls.ts';
import type { Broken, PgliteThread } from './pglite-thread.ts';
import type { Lost } from './replica.ts';

/**
 * A database that heals itself. PGlite never syncs to disk, so after a power cut anything may be
 * found: what does not open in time, or whose clock and reads disagree, is set aside and made anew,
 * to be pulled again from the relay.
 *
 * ```text
 *            sound                  a call failed
 *   opening ──────▶ open ──────────────────────────────▶ opening
 *      │ ▲                                                 │ does not open, is damaged,
 *      │ └── set aside, made anew (generation + 1) ◀───────┤ or failed twice to store
 *      ▼                                                   │
 *   not even a fresh one opens: wait, try again ───────────┘
 * ```
 */
export interface HealingDatabase {
  /** Waits for an open database, then asks it. */
  readonly ask: <M extends Method>(method: M, ...args: Arguments<M>) => Promise<Result<Answer<M>, Lost>>;
  /** Counts how often it was made anew. */
  readonly generation: () => number;
  readonly isClosed: () => boolean;
  readonly close: () => Promise<void>;
}

export interface HealingDeps {
  readonly timers: Timers;
  readonly log: Log;
  /** Opens what is there, or (`fresh`, or when that cannot be used) a new one in its place. */
  readonly open: (fresh: boolean) => Promise<Result<PgliteThread, Broken>>;
  /** Too little space is left: what fails then is not damaged. */
  readonly isFull: () => Promise<boolean>;
}

const RETRY_MS = { first: 1000, most: 30_000 } as const;
/** A stop must end within 5 s. */
const CLOSE_MS = 3000;
const STORES_MAY_FAIL = 1;

const lost = (message: string): Result<never, Lost> => err({ type: 'lost', message });

/** Takes over an open database. */
export const createHealingDatabase = (deps: HealingDeps, first: PgliteThread): HealingDatabase => {
  const { timers, log } = deps;
  /** Null while closed or being reopened. */
  let thread: PgliteThread | null = first;
  let reopening: Promise<void> = Promise.resolve();
  let generation = 1;
  let failedStores = 0;
  let closing: Promise<void> | null = null;
  let endPause: () => void = () => {};

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = timers.after(ms, resolve);
      endPause = () => {
        timer.clear();
        resolve();
      };
    });

  /** A directory that is gone is not full. */
  const isFull = (): Promise<boolean> => deps.isFull().catch(() => false);

  const tryOpen = async (fresh: boolean): Promise<Result<PgliteThread, Broken>> => {
    try {
      return await deps.open(fresh);
    } catch (error) {
      return err({ type: 'broken', damaged: false, message: String(error) }); // the file system refused
    }
  };

  const reopen = async (fresh: boolean): Promise<void> => {
    for (let wait: number = RETRY_MS.first; closing === null; wait = Math.min(wait * 2, RETRY_MS.most)) {
      const opened = await tryOpen(fresh);
      if (opened.ok) {
        if (opened.value.made) [generation, failedStores] = [generation + 1, 0];
        thread = opened.value;
        log.info('the replica is open again', { rebuilt: opened.value.made });
        return;
      }
      log.error('the replica cannot be opened, trying again', { reason: opened.error.message, inMs: wait });
      if (closing === null) await pause(wait);
    }
  };

  const giveUp = (failed: PgliteThread, fresh: boolean, reason: string): void => {
    if (thread !== failed || closing !== null) return;
    log.warn('the replica failed, opening it again', { reason, fresh });
    thread = null;
    reopening = failed.end().then(() => reopen(fresh));
  };

  const ask = async <M extends Method>(method: M, ...args: Arguments<M>): Promise<Result<Answer<M>, Lost>> => {
    await reopening;
    const asked = thread;
    if (asked === null) return lost('the replica is closed');
    const answer = await asked.call(method, ...args);
    if (method === 'applyReads') failedStores = answer.ok || (await isFull()) ? 0 : failedStores + 1;
    if (answer.ok) return answer;
    if (answer.error.type === 'refused') return lost(answer.error.message); // sound: opening it again would need space, too
    giveUp(asked, answer.error.damaged || failedStores > STORES_MAY_FAIL, answer.error.message);
    return lost(answer.error.message);
  };

  const shut = async (): Promise<void> => {
    endPause();
    await reopening;
    const open = thread;
    thread = null;
    if (open === null) return;
    const patience = timers.after(CLOSE_MS, () => void open.end());
    await open.call('close');
    patience.clear();
    await open.end();
  };

  return {
    ask,
    generation: () => generation,
    isClosed: () => closing !== null,
    close: () => {
      closing ??= shut();
      return closing;
    },
  };
};
