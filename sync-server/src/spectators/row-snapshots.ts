import type { FeedCut } from '@baton/schema/feed';
import type { RaceId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import type { ResultRow } from '@baton/schema/results';
import type { Pace } from '@baton/schema/roster';
import type { EventHub } from './event-hub.ts';

/** All rows of a race at one cut, for questions that go through every row. */
export interface RowSnapshot extends FeedCut {
  readonly raceId: RaceId;
  readonly rows: readonly ResultRow[];
  readonly changedAt: number;
  readonly asOf: number;
}

/** Public answers may be as old as this, where the list is so long that to make it is dear. */
const FRESH_MS = 1000;
const LONG_LIST = 2000;
/** Rows taken in one step. */
const PART = 25;

export interface RowSnapshots {
  /** Null: there is no such race. */
  readonly of: (raceId: RaceId) => Promise<RowSnapshot | null>;
}

/**
 * One list for all who search within a second: a search is as dear as the race is large, and nothing may change under it while
 * it is taken in parts.
 */
export const createRowSnapshots = (
  hub: Pick<EventHub, 'between' | 'race' | 'read'>,
  { timers, pace }: { readonly timers: Pick<Timers, 'mono'>; readonly pace: Pace },
): RowSnapshots => {
  const kept = new Map<RaceId, { readonly madeAt: number; readonly snapshot: RowSnapshot }>();
  const making = new Map<RaceId, Promise<RowSnapshot | null>>();

  const isFresh = ({ madeAt, snapshot }: { readonly madeAt: number; readonly snapshot: RowSnapshot }): boolean => {
    const race = hub.race(snapshot.raceId);
    if (race?.hub !== snapshot.hub) return false;
    const isSame = race.changedAt === snapshot.changedAt;
    return isSame || (snapshot.rows.length >= LONG_LIST && timers.mono() - madeAt < FRESH_MS);
  };

  const make = (raceId: RaceId): Promise<RowSnapshot | null> =>
    hub.between(async () => {
      const race = hub.race(raceId);
      if (race === null) return null;
      const rows: ResultRow[] = [];
      for (;;) {
        const page = race.live.fold.page({ offset: rows.length, limit: PART });
        rows.push(...page.rows);
        if (page.rows.length < PART) break;
        if (pace.isOver()) await pace.rest();
      }
      const snapshot = {
        raceId,
        hub: race.hub,
        version: race.version,
        changedAt: race.changedAt,
        asOf: race.asOf,
        rows,
      };
      kept.set(raceId, { madeAt: timers.mono(), snapshot });
      return snapshot;
    });

  return {
    of: async (raceId) => {
      const known = await hub.read(() => {
        const it = kept.get(raceId);
        return it !== undefined && isFresh(it) ? it : null;
      });
      if (known !== null) return known.snapshot;
      kept.delete(raceId);
      const made = making.get(raceId) ?? make(raceId).finally(() => making.delete(raceId));
      making.set(raceId, made);
      return made;
    },
  };
};
