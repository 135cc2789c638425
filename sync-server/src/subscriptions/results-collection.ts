import type { FeedDiff } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import type { Clock, Ids, Log } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';
import { runPaced } from '@baton/schema/roster';
import type { RaceCut } from '../spectators/event-hub.ts';
import { type Collection, openShelf, shelfPlaces } from './collection.ts';
import type { CurrentHub } from './current-hub.ts';
import { createInTurn } from './in-turn.ts';
import { createResultsShelf } from './results-shelf.ts';

export interface ResultsDeps {
  readonly hub: Pick<CurrentHub, 'settled' | 'between' | 'races' | 'observe'>;
  /** Official rows by race; null: the results still change. */
  readonly frozen: () => Promise<ReadonlyMap<string, readonly ResultRow[]> | null>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pace: Pace;
  readonly log: Log;
}

/** Rows taken in one step. */
const PART = 25;

/** Changes that wait for those before them; beyond, all is filled anew. */
const MAX_WAITING = 50;

interface QueuedDiff {
  readonly diff: FeedDiff;
  readonly asOf: number;
}

async function* pagesOf({ live }: RaceCut): AsyncIterable<readonly ResultRow[]> {
  for (let offset = 0; ; offset += PART) {
    const { rows } = live.fold.page({ offset, limit: PART });
    yield rows;
    if (rows.length < PART) return;
  }
}

async function* partsOf(rows: readonly ResultRow[]): AsyncIterable<readonly ResultRow[]> {
  for (let from = 0; from < rows.length; from += PART) yield rows.slice(from, from + PART);
}

/** Result rows of all races of an event, by the hub's own changes. */
export const createResultsCollection = (deps: ResultsDeps): Collection => {
  const { hub, clock } = deps;
  const results = createResultsShelf(deps.ids.uuid(), deps.pace);
  const { shelf } = results;

  const take = async ({ diff, asOf }: QueuedDiff): Promise<void> => {
    try {
      await runPaced(results.takeDiff(diff, asOf), deps.pace);
    } catch (error) {
      deps.log.error('a change of the results cannot be told', { cause: String(error) });
      refill();
    }
  };
  const diffs = createInTurn(take);
  let filling: Promise<void> | null = null;
  /** Changes cannot be put onto what is held: it is filled anew first. */
  let isStale = true;

  const fillFromHub = async (): Promise<void> => {
    const races = hub.races();
    for (const it of races) await results.fillRace(it.race.raceId, pagesOf(it), it.asOf);
    await results.keepRaces(new Set(races.map(({ race }) => race.raceId)), clock.now());
    isStale = false;
  };

  const fill = async (): Promise<void> => {
    // what was told before is in what is filled
    await diffs.drop();
    const official = await deps.frozen();
    if (official === null) {
      await hub.settled();
      // nothing is taken in meanwhile: what comes afterwards is a change of what was filled
      return hub.between(fillFromHub);
    }
    for (const [raceId, rows] of official) await results.fillRace(raceId, partsOf(rows), clock.now());
    isStale = false;
  };

  /** What was there before somebody asks is in what is told, as over HTTP. */
  const ready = async (): Promise<void> => {
    if (!isStale && (await deps.frozen()) === null) await hub.settled();
    if (!isStale) return diffs.done();
    filling ??= fill().finally(() => {
      filling = null;
    });
    return filling;
  };

  const refill = (): void => {
    isStale = true;
    if (shelf.size() === 0) return;
    ready().catch((error: unknown) => deps.log.error('results cannot be told', { cause: String(error) }));
  };

  const stop = hub.observe({
    onDiff: (diff, asOf) => {
      if (isStale) return;
      if (diffs.waiting() >= MAX_WAITING) return refill();
      diffs.add({ diff, asOf });
    },
    onWhole: refill,
  });

  return {
    ready,
    open: (listener, filters, after) => openShelf(shelf, listener, filters, after, deps.pace),
    ...shelfPlaces(shelf),
    size: shelf.size,
    stop,
  };
};
