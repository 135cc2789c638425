import type { Timer, Timers } from '@baton/schema/ports';

/** Runs a step for the changes of a while together, one step at a time. */
export interface Gathering {
  /** Something changed: a step comes within the window. */
  readonly note: () => void;
  /** Resolves once a step has taken in all that was noted before; at once when there is none. */
  readonly settled: () => Promise<void>;
  /** Runs a task between steps. */
  readonly between: <T>(task: () => Promise<T>) => Promise<T>;
  readonly isRunning: () => boolean;
  readonly stop: () => void;
}

export interface GatheringOptions {
  /** Changes of so long are one step. */
  readonly windowMs: number;
  /** Longest pause behind steps that failed. */
  readonly maxPauseMs: number;
}

/**
 * A burst costs one step, and steps come no faster than one a window. Whoever cannot wait gets the step at once when the last one
 * is a window ago. A step that fails is tried again, with pauses that double.
 */
export const createGathering = (
  timers: Timers,
  { windowMs, maxPauseMs }: GatheringOptions,
  step: () => Promise<boolean>,
): Gathering => {
  /** Counts what was noted, and how much of it steps have taken in. */
  let noted = 0;
  let done = 0;
  let failures = 0;
  let timer: Timer | null = null;
  let running = false;
  let stopped = false;
  let lastEnd = Number.NEGATIVE_INFINITY;
  let queue: Promise<unknown> = Promise.resolve();
  let waiting: { readonly upTo: number; readonly resolve: () => void }[] = [];

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = queue.then(task, task); // whether the one before failed is its own caller's concern
    queue = mine;
    return mine;
  };

  const wake = (): void => {
    const ready = waiting.filter(({ upTo }) => upTo <= done);
    waiting = waiting.filter(({ upTo }) => upTo > done);
    for (const { resolve } of ready) resolve();
  };

  const runStep = async (): Promise<void> => {
    if (stopped || noted === done) return;
    running = true;
    const covers = noted;
    const went = await step();
    running = false;
    lastEnd = timers.mono();
    failures = went ? 0 : failures + 1;
    done = covers;
    if (!went) noted++;
    wake();
    if (noted > done) plan();
  };

  const start = (): void => {
    timer?.clear();
    timer = null;
    void inTurn(runStep);
  };

  const plan = (): void => {
    if (timer !== null || running || stopped) return;
    const pause = Math.min(maxPauseMs, windowMs * 2 ** Math.min(failures, 16));
    timer = timers.after(pause, start);
  };

  return {
    note: () => {
      noted++;
      plan();
    },
    settled: async () => {
      if (noted === done || stopped) return;
      const told = new Promise<void>((resolve) => waiting.push({ upTo: noted, resolve }));
      if (!running && failures === 0 && timers.mono() - lastEnd >= windowMs) start();
      await told;
    },
    between: inTurn,
    isRunning: () => running,
    stop: () => {
      stopped = true;
      timer?.clear();
      for (const { resolve } of waiting.splice(0)) resolve();
    },
  };
};
