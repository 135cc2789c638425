import type { EventId } from '@baton/schema/ids';
import type { Collection, CollectionName } from './collection.ts';
import { collectionMakers } from './collection-makers.ts';
import type { LiveCore } from './live-core.ts';

/** All collections that somebody follows, one of each kind for each event, however many clients there are. */
export interface Collections {
  readonly of: (eventId: EventId, name: CollectionName) => Collection;
  /** Subscriptions of all. */
  readonly size: () => number;
  /** Collections that are kept up to date. */
  readonly open: () => number;
  readonly stop: () => void;
}

/** Collections without subscribers are kept so long for who comes back after a short break. */
const IDLE_MS = 180_000;
const SWEEP_MS = 30_000;
export const createCollections = (core: LiveCore): Collections => {
  const { timers } = core;
  const open = new Map<string, { readonly collection: Collection; idleSince: number | null }>();

  const make = collectionMakers(core);

  const sweep = timers.every(SWEEP_MS, () => {
    for (const [key, it] of open) {
      if (it.collection.size() > 0) it.idleSince = null;
      else if (it.idleSince === null) it.idleSince = timers.mono();
      else if (timers.mono() - it.idleSince >= IDLE_MS) {
        open.delete(key);
        it.collection.stop();
      }
    }
  });

  return {
    of: (eventId, name) => {
      const key = `${eventId}/${name}`;
      const known = open.get(key) ?? { collection: make[name](eventId), idleSince: null };
      known.idleSince = null;
      open.set(key, known);
      return known.collection;
    },
    size: () => [...open.values()].reduce((sum, { collection }) => sum + collection.size(), 0),
    open: () => open.size,
    stop: () => {
      sweep.clear();
      for (const { collection } of open.values()) collection.stop();
      open.clear();
    },
  };
};
