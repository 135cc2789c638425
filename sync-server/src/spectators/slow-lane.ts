import type { Timer, Timers } from '@baton/schema/ports';
import type { PeerSocket } from '../transport/peer-socket.ts';

/** Sockets that do not drain, and are left alone until they have. */
export interface SlowLane<T> {
  readonly add: (it: T) => void;
  readonly remove: (it: T) => void;
  readonly has: (it: T) => boolean;
  readonly size: () => number;
  readonly stop: () => void;
}

export interface SlowLimits {
  /** How often they are looked at. */
  readonly lookMs: number;
  /** Who has not drained after so long is given up. */
  readonly giveUpMs: number;
}

export const createSlowLane = <T extends { readonly socket: PeerSocket }>(
  timers: Timers,
  { lookMs, giveUpMs }: SlowLimits,
  on: { readonly drained: (it: T) => void; readonly givenUp: (it: T) => void },
): SlowLane<T> => {
  const since = new Map<T, number>();
  let looking: Timer | null = null;

  const stopIfEmpty = (): void => {
    if (since.size > 0) return;
    looking?.clear();
    looking = null;
  };

  const look = (): void => {
    const now = timers.mono();
    for (const [it, addedAt] of [...since]) {
      const isDrained = it.socket.bufferedAmount() === 0;
      if (!isDrained && now - addedAt < giveUpMs) continue;
      since.delete(it);
      if (isDrained) on.drained(it);
      else on.givenUp(it);
    }
    stopIfEmpty();
  };

  return {
    add: (it) => {
      since.set(it, timers.mono());
      looking ??= timers.every(lookMs, look);
    },
    remove: (it) => {
      since.delete(it);
      stopIfEmpty();
    },
    has: (it) => since.has(it),
    size: () => since.size,
    stop: () => {
      since.clear();
      stopIfEmpty();
    },
  };
};
