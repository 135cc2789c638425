import type { EventId, StreamId } from '@baton/schema/ids';
import type { Pair } from '@baton/schema/reads';
import type { HttpContext } from './context.ts';

/** Wakes one long poll when something has happened that may concern it. */
export interface News {
  /** Resolves at news of these streams or of the event's setup, after `ms`, or when the asker has gone. */
  readonly next: (pairs: readonly Pair[], ms: number) => Promise<void>;
  readonly stop: () => void;
}

/** Listens from the start, so that what happens between a look and the wait is not missed. */
export const createNews = ({ core, setups }: HttpContext, eventId: EventId, signal: AbortSignal): News => {
  const appended = new Set<StreamId>();
  let changed = false;
  let watched: ReadonlySet<StreamId> = new Set();
  let wake: (() => void) | null = null;

  const hasNews = (): boolean => changed || [...appended].some((streamId) => watched.has(streamId));

  const check = (): void => {
    if (wake !== null && (hasNews() || signal.aborted)) wake();
  };

  const noteChange = (): void => {
    changed = true;
    check();
  };

  const stops = [
    core.log.onAppended(({ streamId }) => {
      appended.add(streamId);
      check();
    }),
    core.registry.onChange((changes) => {
      if (changes.some((it) => it.type === 'putStream' && it.stream.eventId === eventId)) noteChange();
    }),
    setups.onChange((it) => {
      if (it === eventId) noteChange();
    }),
  ];
  signal.addEventListener('abort', check);

  return {
    next: async (pairs, ms) => {
      watched = new Set(pairs.map((pair) => pair.streamId));
      if (!hasNews() && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = core.timers.after(ms, resolve);
          wake = () => {
            timer.clear();
            resolve();
          };
        });
      }
      wake = null;
      changed = false;
      appended.clear();
    },
    stop: () => {
      for (const stop of stops) stop();
      signal.removeEventListener('abort', check);
    },
  };
};
