import type { FullState } from '@baton/schema/feed';
import { RaceId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import { findEvent } from '../auth/lookups.ts';
import type { RelayCore } from '../relay-core.ts';
import { HubDown } from '../spectators/event-hub.ts';
import { publicEvent } from '../spectators/public-shape.ts';
import type { EventRecord } from '../storage/records.ts';

/** What a spectator's page shows first, to be sent within it: on a phone's line each question costs half a second. */
export interface FirstRows {
  /** Null: the event is not public, or its results are not at hand right now; the page asks for them itself. */
  readonly of: (eventId: unknown, raceId: unknown) => Promise<FullState | null>;
}

/** More than a phone's screen holds. */
const ROWS = 20;
/** The page does not wait for results that are still to be computed. */
const PATIENCE_MS = 150;

const within = <T>(timers: Timers, answer: Promise<T>): Promise<T | null> =>
  new Promise((resolve, reject) => {
    const timer = timers.after(PATIENCE_MS, () => resolve(null));
    answer.then(resolve, reject).finally(timer.clear);
  });

/** The head of one race alone; how long the other lists are. */
const shortened = (full: FullState, wanted: string | null): FullState => {
  const raceId = full.races.find((race) => race.raceId === wanted)?.raceId ?? full.races[0]?.raceId;
  const results = full.results.filter((row) => row.raceId === raceId).slice(0, ROWS);
  return { ...full, results, oncourse: [], categories: [] };
};

export const createFirstRows = (core: Pick<RelayCore, 'spectators' | 'registry' | 'timers'>): FirstRows => {
  const official = async (event: EventRecord): Promise<FullState | null> => {
    const lists = await core.spectators.frozen(event.eventId);
    const races = lists?.record.structure ?? null;
    if (lists === null || races === null) return null;
    const all = [...lists.races.values()];
    const totals = all.map(({ raceId, rows }) => [raceId, { results: rows.length, oncourse: 0 }] as const);
    const { hash, officialAt } = lists.record;
    return {
      hub: hash.slice(0, 32),
      version: 1,
      event: publicEvent(event),
      races,
      categories: [],
      results: all.flatMap(({ rows }) => rows.slice(0, ROWS)),
      oncourse: [],
      totals: Object.fromEntries(totals),
      asOf: officialAt,
    };
  };

  const load = async (event: EventRecord): Promise<FullState | null> => {
    if (event.status === 'official') return official(event);
    const { hub } = core.spectators.desk(event.eventId);
    return hub.read(hub.full);
  };

  return {
    of: async (eventId, raceId) => {
      const event = findEvent(core, null, 'event.read', eventId);
      if (!event.ok) return null;
      try {
        const full = await within(core.timers, load(event.value));
        return full === null ? null : shortened(full, RaceId.safeParse(raceId).data ?? null);
      } catch (error) {
        if (error instanceof HubDown) return null;
        throw error;
      }
    },
  };
};
