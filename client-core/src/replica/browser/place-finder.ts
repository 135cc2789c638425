import type { Timers } from '@baton/schema/ports';
import type { Place } from './tab-replica.ts';

/** Longest that a call waits for an owner while there is none: a first open on a slow device. */
const PLACE_MS = 60_000;

/** Where calls go: waits, bounded, while `now` says null. `onChange` calls after what `now` says may have changed. */
export const createPlaceFinder =
  (timers: Timers, now: () => Place | null, onChange: (listener: () => void) => () => void) => (): Promise<Place> => {
    const found = now();
    if (found !== null) return Promise.resolve(found);
    return new Promise((resolve) => {
      const settle = (place: Place): void => {
        timer.clear();
        stop();
        resolve(place);
      };
      const timer = timers.after(PLACE_MS, () => settle({ type: 'nowhere', message: 'no tab has the replica open' }));
      const stop = onChange(() => {
        const place = now();
        if (place !== null) settle(place);
      });
    });
  };
