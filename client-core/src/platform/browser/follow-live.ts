import type { Timer } from '@baton/schema/ports';
import {
  followCollection,
  type LiveCollection,
  type LiveCollectionOptions,
} from '../../live-client/live-collection.ts';

const timerOf = (clear: () => void): Timer => ({ clear });

/** `followCollection` with this page's own clock, chance and WebSocket. */
export const followLive = (options: LiveCollectionOptions): LiveCollection =>
  followCollection(
    {
      timers: {
        after: (ms, run) => {
          const id = setTimeout(run, ms);
          return timerOf(() => clearTimeout(id));
        },
        every: (ms, run) => {
          const id = setInterval(run, ms);
          return timerOf(() => clearInterval(id));
        },
        mono: () => performance.now(),
      },
      random: { next: () => Math.random() },
      openSocket: (url) => new WebSocket(url),
    },
    options,
  );
