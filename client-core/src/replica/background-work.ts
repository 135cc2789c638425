import type { Timer, Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import type { ProjectStep } from './projection.ts';
import type { Lost } from './replica.ts';
import type { VerifyStep } from './seal-check.ts';

export interface BackgroundDeps {
  readonly timers: Timers;
  readonly project: () => Promise<Result<ProjectStep, Lost>>;
  readonly verify: () => Promise<Result<VerifyStep, Lost>>;
  /** The tables of results changed. */
  readonly onResults: () => void;
  readonly onChecked: (verdict: Extract<VerifyStep, { type: 'checked' }>) => void;
}

/** What a database does besides what it is asked: results first, then the comparison of sealed epochs. */
export interface BackgroundWork {
  /** Something changed that it depends on. */
  readonly kick: () => void;
  readonly close: () => void;
}

/** Changes within this time are worked off together. */
const COALESCE_MS = 250;
/** After a failure, which the database heals; twice as long after each further one. */
const RETRY_MS = { first: 1000, most: 60_000 } as const;
/** Of all time, the work takes at most a third while reads keep coming. */
const REST_FACTOR = 2;
const LONGEST_REST_MS = 5000;
/** Of a comparison, in one run. */
const FEWEST_STEPS = 8;

/**
 * Runs the steps one after the other, each a call of its own, so that reads and queries come in between. A kick while it
 * runs begins it again; one that fails is tried again, for the steps go on from what the tables say.
 */
export const createBackgroundWork = (deps: BackgroundDeps): BackgroundWork => {
  const { timers } = deps;
  let timer: Timer | null = null;
  let running = false;
  let again = false;
  let closed = false;
  let retryMs: number = RETRY_MS.first;

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

  const run = async (): Promise<void> => {
    timer = null;
    running = true;
    again = false;
    const from = timers.mono();
    const done = (await project()) && (await verify());
    running = false;
    const rest = Math.min(LONGEST_REST_MS, Math.max(COALESCE_MS, (timers.mono() - from) * REST_FACTOR));
    if (done) retryMs = RETRY_MS.first;
    if (done && again) schedule(rest);
    if (done) return;
    schedule(retryMs);
    retryMs = Math.min(RETRY_MS.most, retryMs * 2);
  };

  const schedule = (ms: number): void => {
    if (closed) return;
    timer ??= timers.after(ms, () => void run());
  };

  return {
    kick: () => {
      if (running) again = true;
      else schedule(COALESCE_MS);
    },
    close: () => {
      closed = true;
      timer?.clear();
    },
  };
};
