import type { Clock, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';

/** The time, once a second, for what a page says about ages. */
export const createNowSignal = (clock: Clock, timers: Timers): ReadonlySignal<number> => {
  const now = signal(clock.now());
  timers.every(1000, () => {
    now.value = clock.now();
  });
  return now;
};
