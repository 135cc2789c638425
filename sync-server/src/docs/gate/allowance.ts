import type { Timers } from '@baton/schema/ports';

/** Steps of placing concurrent changes that somebody may still cause, as of a time on the monotonic clock (ms). */
export interface Allowance {
  readonly steps: number;
  readonly at: number;
}

/** Twice what the dearest single update may take; an honest client takes a thousandth, once, when it comes back. */
const FULL = 8_000_000;
const STEPS_PER_MS = 50;

export const fullAllowance = (at: number): Allowance => ({ steps: FULL, at });

/** As it has grown meanwhile. */
export const allowanceAt = ({ steps, at }: Allowance, now: number): Allowance => ({
  steps: Math.min(FULL, steps + Math.max(0, now - at) * STEPS_PER_MS),
  at: now,
});

export const spend = ({ steps, at }: Allowance, spent: number): Allowance => ({ steps: steps - spent, at });

/** By token: who is refused comes back on another connection. */
export interface Allowances {
  /** Takes that many steps off; false, and takes none, when it is not as much. */
  readonly take: (token: string | null, steps: number) => boolean;
}

export const createAllowances = (timers: Pick<Timers, 'mono'>): Allowances => {
  const allowances = new Map<string | null, Allowance>();
  return {
    take: (token, steps) => {
      const now = timers.mono();
      const before = allowanceAt(allowances.get(token) ?? fullAllowance(now), now);
      const rest = spend(before, steps);
      allowances.set(token, rest.steps < 0 ? before : rest);
      return rest.steps >= 0;
    },
  };
};
