import type { Log, Timers } from '@baton/schema/ports';
import type { Store } from '../storage/store.ts';
import type { DayMeter } from './day-meter.ts';

export interface KeptDayUse {
  /** Keeps what is not kept yet; nothing is kept after that. */
  readonly stop: () => Promise<void>;
}

/** What a kill may forgive: a commit for each push would cost as much as the push. */
const KEEP_MS = 5000;

/** Stores what has changed in the bytes of a day, now and again. A disk that has no room for it is told by the pushes themselves. */
export const keepDayUse = (
  meter: Pick<DayMeter, 'takeChanged' | 'giveBack'>,
  { store, timers, journal }: { readonly store: Pick<Store, 'commit'>; readonly timers: Timers; readonly journal: Log },
): KeptDayUse => {
  let running: Promise<void> = Promise.resolve();
  let told = false;

  const keep = async (): Promise<void> => {
    const uses = meter.takeChanged();
    if (uses.length === 0) return;
    const reply = await store.commit([{ type: 'putDayUses', uses }]);
    const isKept = reply.type === 'committed';
    if (!isKept) meter.giveBack(uses);
    if (!isKept && !told) journal.warn('the bytes of a day could not be kept; it is tried again', { why: reply.type });
    told = !isKept;
  };

  const timer = timers.every(KEEP_MS, () => {
    running = running.then(keep);
  });
  return {
    stop: async () => {
      timer.clear();
      await running.then(keep);
    },
  };
};
