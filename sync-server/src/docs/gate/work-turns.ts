import type { Timers } from '@baton/schema/ports';

/** Does the next piece of its work and tells what that cost (in the unit of `Steps`), or null when there is no more. */
export type Task = () => number | null;

export interface WorkTurns {
  /** Works on it now as far as this turn of the event loop has time, and on the rest in later turns. */
  readonly start: (task: Task) => void;
  /** Tasks that wait for a later turn. */
  readonly waiting: () => number;
}

export interface WorkTurnsDeps {
  readonly timers: Pick<Timers, 'mono'>;
  /** Runs something when everything that has arrived in this turn of the event loop has been looked at. */
  readonly afterTurn: (run: () => void) => void;
}

export interface WorkTurnsOptions {
  readonly turnMs: number;
  /** In the unit of `Steps`: what a turn has time for also where a clock stands still. */
  readonly turnCost: number;
}

/** Together with one more step of any task, far below the 50 ms for which nobody may block the event loop. */
export const WORK_TURNS_DEFAULTS: WorkTurnsOptions = { turnMs: 5, turnCost: 200_000 };

/**
 * Shares the event loop among the updates of all documents. A turn has time for so much of them together; whatever is
 * not done then goes on in later turns, one step of each in turn, so that a long one holds back none of the others.
 */
export const createWorkTurns = (deps: WorkTurnsDeps, options: WorkTurnsOptions = WORK_TURNS_DEFAULTS): WorkTurns => {
  const waiting: Task[] = [];
  let startedAt: number | null = null;
  let spent = 0;

  const begin = (): number => {
    if (startedAt !== null) return startedAt;
    startedAt = deps.timers.mono();
    spent = 0;
    deps.afterTurn(nextTurn);
    return startedAt;
  };

  const hasTime = (since: number): boolean => spent < options.turnCost && deps.timers.mono() - since < options.turnMs;

  /** False when it has no more. */
  const step = (task: Task): boolean => {
    const cost = task();
    spent += cost ?? 0;
    return cost !== null;
  };

  const nextTurn = (): void => {
    startedAt = null;
    if (waiting.length === 0) return;
    const since = begin();
    for (let task = waiting.shift(); task !== undefined; task = hasTime(since) ? waiting.shift() : undefined) {
      if (step(task)) waiting.push(task);
    }
  };

  return {
    start: (task) => {
      const since = begin();
      while (hasTime(since)) if (!step(task)) return;
      waiting.push(task);
    },
    waiting: () => waiting.length,
  };
};
