import type { EventId } from '@baton/schema/ids';
import { type Pace, runPaced } from '@baton/schema/roster';
import type { Store } from '../storage/store.ts';
import { type FrozenLists, frozenStructure, type OfficialRecord, thaw } from './frozen-lists.ts';

/** Official results in memory, read from the store when they are asked for. */
export interface FrozenCache {
  /** Null: the event has none. */
  readonly get: (eventId: EventId) => Promise<FrozenLists | null>;
  /** The races alone, which are read apart from their rows; null: none were kept. */
  readonly races: (eventId: EventId) => Promise<OfficialRecord['structure']>;
  readonly put: (eventId: EventId, lists: FrozenLists) => void;
  readonly forget: (eventId: EventId) => void;
}

/** Events at once; the one asked for longest ago goes first. */
const MAX_EVENTS = 10;
/** Events whose races alone are known: as many as setups are kept parsed. */
const MAX_RACES = 500;

/** The newest promises by event; one that fails is told to its askers, and the next one tries again. */
const createKept = <T>(most: number) => {
  const kept = new Map<EventId, Promise<T>>();
  return {
    get: (eventId: EventId): Promise<T> | undefined => kept.get(eventId),
    put: (eventId: EventId, value: Promise<T>): void => {
      kept.delete(eventId);
      kept.set(eventId, value);
      value.catch(() => kept.delete(eventId));
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    },
    forget: (eventId: EventId): void => {
      kept.delete(eventId);
    },
  };
};

export const createFrozenCache = (store: Pick<Store, 'loadFacts'>, pace: Pace): FrozenCache => {
  const lists = createKept<FrozenLists | null>(MAX_EVENTS);
  const races = createKept<OfficialRecord['structure']>(MAX_RACES);

  const load = async (eventId: EventId): Promise<FrozenLists | null> => {
    const official = await store.loadFacts(eventId, 'official');
    const rows = await store.loadFacts(eventId, 'official-rows');
    const starters = await store.loadFacts(eventId, 'official-starters');
    return runPaced(thaw({ official, rows, starters }), pace);
  };
  const loadRaces = async (eventId: EventId): Promise<OfficialRecord['structure']> =>
    frozenStructure(await store.loadFacts(eventId, 'official'));

  return {
    get: (eventId) => {
      const found = lists.get(eventId) ?? load(eventId);
      lists.put(eventId, found);
      return found;
    },
    races: (eventId) => {
      const found = races.get(eventId) ?? loadRaces(eventId);
      races.put(eventId, found);
      return found;
    },
    put: (eventId, made) => {
      lists.put(eventId, Promise.resolve(made));
      races.put(eventId, Promise.resolve(made.record.structure));
    },
    forget: (eventId) => {
      lists.forget(eventId);
      races.forget(eventId);
    },
  };
};
