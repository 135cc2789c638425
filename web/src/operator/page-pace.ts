import type { Timers } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';

/** Of a page's long work, in ms: below a frame of the screen, so that typing goes on. */
const PIECE_MS = 8;

/** How long work leaves the page to its user in between. */
export const createPagePace = (timers: Pick<Timers, 'mono' | 'after'>): Pace => {
  let until = timers.mono();
  return {
    isOver: () => timers.mono() >= until,
    rest: async () => {
      await new Promise<void>((resolve) => timers.after(0, resolve));
      until = timers.mono() + PIECE_MS;
    },
  };
};
