import type { Random, Timer, Timers } from '@baton/schema/ports';
import { type BackoffOptions, backoffDelay } from '../connection/backoff.ts';

/** When to try again after a connection ended. */
export interface Redial {
  /** After the back-off: full jitter, longer with each failure in a row. */
  readonly later: () => void;
  /** The network is back, or somebody looks: soon, but not all devices of a venue in the same instant. */
  readonly wake: () => void;
  /** The connection did its work: the back-off begins anew. */
  readonly settle: () => void;
  readonly stop: () => void;
}

export const createRedial = (
  deps: { readonly timers: Timers; readonly random: Random; readonly dial: () => void },
  backoff: BackoffOptions,
): Redial => {
  const { timers, random } = deps;
  let attempt = 0;
  let timer: Timer | null = null;
  let dueAt = 0;
  let woken = false;

  const stop = (): void => {
    timer?.clear();
    timer = null;
  };

  const plan = (ms: number): void => {
    stop();
    dueAt = timers.mono() + ms;
    timer = timers.after(ms, () => {
      timer = null;
      deps.dial();
    });
  };

  return {
    later: () => {
      woken = false;
      plan(backoffDelay(attempt++, random.next(), backoff));
    },
    wake: () => {
      if (timer === null || woken) return;
      woken = true;
      plan(Math.min(dueAt - timers.mono(), backoffDelay(0, random.next(), backoff)));
    },
    settle: () => {
      attempt = 0;
    },
    stop,
  };
};
