import type { Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type { ProjectStep } from './projection.ts';
import type { Lost } from './replica.ts';
import type { VerifyStep } from './seal-check.ts';

export interface BackgroundDeps {
  readonly timers: Timers;
  /** Reads that the relay has told of and that are not held. */
  readonly missing: () => Promise<Result<number, Lost>>;
  /** A step of `project` that writes nothing; false: there is none. */
  readonly prepare: () => Promise<Result<boolean, Lost>>;
  readonly project: () => Promise<Result<ProjectStep, Lost>>;
  readonly verify: () => Promise<Result<VerifyStep, Lost>>;
  readonly tidy: () => Promise<Result<boolean, Lost>>;
  /** The tables of results changed. */
  readonly onResults: () => void;
  readonly onChecked: (verdict: Extract<VerifyStep, { type: 'checked' }>) => void;
}

/** What a database does besides what it is asked: results first, then the comparison of sealed epochs, then its own care. */
export interface BackgroundWork {
  /** Something changed that it depends on. */
  readonly kick: () => void;
  readonly close: () => void;
}

/** Changes that come together are worked off together, and later ones not before this time is over. */
const SOON_MS = 20;
const COALESCE_MS = 100;
/** After a failure, which the database heals; twice as long after each further one. */
const RETRY_MS = { first: 1000, most: 60_000 } as const;
/** Of all time, the work takes at most a third while reads keep coming. */
const REST_FACTOR = 2;
const LONGEST_REST_MS = 5000;
const TIDY_MS = 30_000;
/** Of a comparison, in one run. */
const FEWEST_STEPS = 8;
/**
 * While so much history is on its way, results wait for it: they would be computed again and again. But not when it has stopped
 * coming, and not for longer than this.
 */
const HISTORY = { reads: 5000, stoppedMs: 2000, longestMs: 10_000 } as const;

/**
 * Runs the steps one after the other, each a call of its own, so that reads and queries come in between. A kick while it
 * runs begins it again; one that fails is tried again, for the steps go on from what the tables say.
 */
export const createBackgroundWork = (deps: BackgroundDeps): BackgroundWork => {
  const { timers } = deps;
  let timer: { readonly dueAt: number; readonly clear: () => void } | null = null;
  let running = false;
  let again = false;
  let closed = false;
  let retryMs: number = RETRY_MS.first;
  /** No kick begins a run before. */
  let restedAt = timers.mono();
  /** Since when results wait for history; null: they do not. */
  let waitingSince: number | null = null;
  let tidyAt = timers.mono();

  /** False: it failed. */
  const project = async (): Promise<boolean> => {
    while (!closed) {
      const step = await deps.project();
      if (!step.ok) return false;
      if (step.value.type === 'more') continue;
      if (step.value.changed) deps.onResults();
      return true;
    }
    return true;
  };

  /** Makes way for results that wait, but not at once: where reads never cease it must come to an end, too. */
  const verify = async (): Promise<boolean> => {
    for (let steps = 0; !closed && (!again || steps < FEWEST_STEPS); steps++) {
      const step = await deps.verify();
      if (!step.ok) return false;
      if (step.value.type === 'idle') return true;
      if (step.value.type === 'checked') deps.onChecked(step.value);
    }
    return true;
  };

  const tidy = async (): Promise<boolean> => {
    if (closed || again || timers.mono() < tidyAt) return true;
    tidyAt = timers.mono() + TIDY_MS;
    return (await deps.tidy()).ok;
  };

  const isWorthWaiting = async (): Promise<boolean> => {
    const missing = await deps.missing();
    if (!missing.ok || missing.value < HISTORY.reads) return false;
    waitingSince ??= timers.mono();
    return timers.mono() - waitingSince < HISTORY.longestMs;
  };

  const prepare = async (): Promise<void> => {
    while (!closed) {
      const step = await deps.prepare();
      if (!step.ok || !step.value) return;
    }
  };

  const rest = (ms: number): void => {
    restedAt = timers.mono() + ms;
  };

  const work = async (): Promise<void> => {
    const from = timers.mono();
    if ((await project()) && (await verify()) && (await tidy())) {
      retryMs = RETRY_MS.first;
      rest(Math.min(LONGEST_REST_MS, Math.max(COALESCE_MS, (timers.mono() - from) * REST_FACTOR)));
      return;
    }
    rest(retryMs);
    retryMs = Math.min(RETRY_MS.most, retryMs * 2);
    again = true;
  };

  const run = async (mayWait: boolean): Promise<void> => {
    timer = null;
    running = true;
    again = false;
    const waits = mayWait && (await isWorthWaiting());
    if (waits) await prepare();
    else {
      waitingSince = null;
      await work();
    }
    running = false;
    if (again) schedule();
    else if (waits) runAfter(HISTORY.stoppedMs, false);
  };

  /** Of two moments the earlier one counts. */
  const runAfter = (ms: number, mayWait: boolean): void => {
    const dueAt = timers.mono() + ms;
    if (closed || (timer !== null && timer.dueAt <= dueAt)) return;
    timer?.clear();
    const { clear } = timers.after(ms, () => void run(mayWait));
    timer = { dueAt, clear };
  };

  const schedule = (): void => runAfter(Math.max(SOON_MS, restedAt - timers.mono()), true);

  return {
    kick: () => {
      if (running) again = true;
      else schedule();
    },
    close: () => {
      closed = true;
      timer?.clear();
    },
  };
};
