import type { Timer, Timers } from '@baton/schema/ports';

export interface Settled {
  /** Something changed. */
  readonly touch: () => void;
  readonly stop: () => void;
}

/** Runs once changes have been quiet for `idleMs`, or come for `maxMs` without a pause. */
export const whenSettled = (timers: Timers, idleMs: number, maxMs: number, run: () => void): Settled => {
  let since: number | null = null;
  let timer: Timer | null = null;
  const stop = (): void => {
    timer?.clear();
    since = null;
  };
  return {
    touch: () => {
      const now = timers.mono();
      since ??= now;
      timer?.clear();
      timer = timers.after(Math.max(0, Math.min(idleMs, since + maxMs - now)), () => {
        since = null;
        run();
      });
    },
    stop,
  };
};
