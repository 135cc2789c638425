import type { EventId } from '@baton/schema/ids';
import { runWithPauses } from '@baton/schema/roster';
import type { Store } from '../storage/store.ts';
import { type FrozenLists, thaw } from './frozen-lists.ts';

/** Official results in memory, read from the store when they are asked for. */
export interface FrozenCache {
  /** Null: the event has none. */
  readonly get: (eventId: EventId) => Promise<FrozenLists | null>;
  readonly put: (eventId: EventId, lists: FrozenLists) => void;
  readonly forget: (eventId: EventId) => void;
}

/** Events at once; the one asked for longest ago goes first. */
const MAX_EVENTS = 10;

export const createFrozenCache = (store: Pick<Store, 'loadFacts'>, pause: () => Promise<void>): FrozenCache => {
  const kept = new Map<EventId, Promise<FrozenLists | null>>();

  const load = async (eventId: EventId): Promise<FrozenLists | null> => {
    const official = await store.loadFacts(eventId, 'official');
    const rows = await store.loadFacts(eventId, 'official-rows');
    const starters = await store.loadFacts(eventId, 'official-starters');
    return runWithPauses(thaw({ official, rows, starters }), pause);
  };

  const keep = (eventId: EventId, lists: Promise<FrozenLists | null>): void => {
    kept.delete(eventId);
    kept.set(eventId, lists);
    const [oldest] = kept.keys();
    if (kept.size > MAX_EVENTS && oldest !== undefined) kept.delete(oldest);
  };

  return {
    get: (eventId) => {
      const lists = kept.get(eventId) ?? load(eventId);
      keep(eventId, lists);
      lists.catch(() => kept.delete(eventId)); // told to its askers
      return lists;
    },
    put: (eventId, lists) => keep(eventId, Promise.resolve(lists)),
    forget: (eventId) => {
      kept.delete(eventId);
    },
  };
};
