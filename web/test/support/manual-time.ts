import type { Clock, Timers } from '@baton/schema/ports';

/** Time that stands still until told: `advance` runs what falls due, in order. */
export interface ManualTime {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs every timer due within `ms`, letting promises settle in between. */
  readonly advance: (ms: number) => Promise<void>;
}

interface Waiting {
  readonly at: number;
  readonly every: number | null;
  readonly run: () => void;
}

/** Lets everything that was promised already happen. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

export const createManualTime = (start = 1_000_000): ManualTime => {
  let now = start;
  const waiting = new Set<Waiting>();
  const add = (it: Waiting): { clear: () => void } => {
    waiting.add(it);
    return { clear: () => waiting.delete(it) };
  };
  const nextDue = (until: number): Waiting | undefined =>
    [...waiting].filter((it) => it.at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    clock: { now: () => now },
    timers: {
      after: (ms, run) => add({ at: now + ms, every: null, run }),
      every: (ms, run) => {
        let current = add({ at: now + ms, every: ms, run: () => {} });
        const arm = (at: number): void => {
          current = add({
            at,
            every: ms,
            run: () => {
              arm(at + ms);
              run();
            },
          });
        };
        current.clear();
        arm(now + ms);
        return { clear: () => current.clear() };
      },
      mono: () => now,
    },
    advance: async (ms) => {
      const until = now + ms;
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        waiting.delete(due);
        now = due.at;
        due.run();
        await settle();
      }
      now = until;
      await settle();
    },
  };
};
