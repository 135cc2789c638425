import type { Race } from '@baton/schema/doc';
import type { FeedCut, FeedDiff } from '@baton/schema/feed';
import type { EventId, RaceId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { PairKey } from '@baton/schema/reads';
import type { Rosters } from '../http/rosters.ts';
import type { Setups } from '../http/setups.ts';
import type { ReadLog, Registry } from '../relay-core.ts';
import type { EventRecord } from '../storage/records.ts';
import { type PreparedFrame, prepareText } from '../transport/prepared-frame.ts';
import type { ExternalBook } from './external-book.ts';
import { REFRESH } from './fan-out.ts';
import { fullState, type ToldRace } from './full-state.ts';
import { createGathering } from './gathering.ts';
import { changeBetween, foldInputsOf, type HubInputs, inputsAt } from './hub-inputs.ts';
import { createLiveRace, type LiveRace, type RaceNews } from './live-race.ts';
import { racesOf } from './public-shape.ts';
import type { Room } from './room.ts';

export interface HubDeps {
  readonly registry: Pick<Registry, 'event'>;
  readonly log: ReadLog;
  readonly setups: Pick<Setups, 'read'>;
  readonly rosters: Pick<Rosters, 'read'>;
  readonly book: () => Promise<ExternalBook>;
  readonly room: Pick<Room, 'push' | 'size'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: Ids;
  readonly journal: Log;
}

export interface HubOptions {
  /** Changes of so long are one message. */
  readonly gatherMs: number;
}

/** One race at a cut of the feed. */
export interface RaceCut extends FeedCut {
  readonly race: Race;
  readonly live: LiveRace;
  /** Version at which the race changed last. */
  readonly changedAt: number;
  readonly asOf: number;
}

/**
 * The results of one event, kept up to date for everybody who watches: one fold a race, one message for each change, and the answers
 * of HTTP from the same folds. What is asked between two steps is always at the version that was told last.
 */
export interface EventHub {
  /** Something changed: a document, another system's word. */
  readonly note: () => void;
  /** Reads of this epoch were appended. */
  readonly appended: (key: PairKey) => void;
  /** Resolves once all that was there before is taken in. */
  readonly settled: () => Promise<void>;
  /** How to make the first message; null while it cannot be told which messages come behind it. */
  readonly full: () => Promise<() => PreparedFrame | null>;
  /** Null: there is no such race. Throws `HubDown`. */
  readonly race: (raceId: RaceId) => RaceCut | null;
  readonly races: () => readonly RaceCut[];
  readonly cut: () => FeedCut & { readonly asOf: number };
  readonly inputs: () => HubInputs;
  /** Tells a status that the registry has just taken on. */
  readonly status: (status: EventRecord['status']) => void;
  /** Runs something that changes the structure; nothing of its parts is told but the whole, at the end. */
  readonly restructure: <T>(change: () => Promise<T>) => Promise<T>;
  /** Runs a task while nothing is taken in. */
  readonly between: <T>(task: () => Promise<T>) => Promise<T>;
  /** From now on nothing is told any more; it may still be asked. */
  readonly mute: () => void;
  readonly stop: () => void;
}

/** The results could not be computed; the log has the cause, and it is tried again. */
export class HubDown extends Error {
  override readonly name = 'HubDown';
}

const MAX_PAUSE_MS = 10_000;

export const createEventHub = (eventId: EventId, deps: HubDeps, { gatherMs }: HubOptions): EventHub => {
  const { registry, log, room, clock, timers, journal } = deps;
  let hub = deps.ids.uuid();
  let version = 0;
  let asOf = clock.now();
  let held: HubInputs | null = null;
  let races = new Map<RaceId, LiveRace>();
  const changedAt = new Map<RaceId, number>();
  /** The first message at this version; null: not made. */
  let first: { readonly version: number; readonly frame: PreparedFrame } | null = null;
  /** The folds are ahead of what was told: nothing but the whole may be told now. */
  let owesFull = false;
  /** Changes of the structure that are on their way; documents are looked at when they are through. */
  let restructuring = 0;
  let structureIsDue = false;
  let isMute = false;
  let isStopped = false;
  const pause = (): Promise<void> => new Promise((resolve) => timers.after(0, resolve));

  const cut = () => ({ hub, version, asOf });

  const inputs = (): HubInputs => {
    if (held === null) throw new HubDown('the results cannot be computed right now');
    return held;
  };

  const listed = (): readonly Race[] => racesOf(inputs().setup, inputs().external.keys());

  const toldRaces = (): readonly ToldRace[] =>
    listed().flatMap((race) => {
      const live = races.get(race.raceId);
      if (live === undefined) return [];
      return [{ race, page: (limit: number) => live.fold.page({ offset: 0, limit }), onCourse: live.onCourse() }];
    });

  const firstMessage = (): PreparedFrame => {
    if (first?.version === version) return first.frame;
    const event = registry.event(eventId) ?? inputs().event;
    const data = fullState({ hub, version }, event, inputs().setup, toldRaces(), asOf);
    first = { version, frame: prepareText(JSON.stringify({ type: 'full', data })) };
    return first.frame;
  };

  const nextVersion = (): void => {
    version++;
    asOf = clock.now();
  };

  const pushDiff = (diff: FeedDiff): void => {
    nextVersion();
    if (isMute || room.size() === 0) return;
    room.push(prepareText(JSON.stringify({ type: 'diff', data: { version, asOf, ...diff } })));
  };

  const pushFull = (): void => {
    owesFull = false;
    nextVersion();
    for (const raceId of races.keys()) changedAt.set(raceId, version);
    if (!isMute && room.size() > 0) room.push(firstMessage(), true);
  };

  const tell = (live: LiveRace, news: RaceNews): void => {
    if (news.type === 'none') return;
    if (news.type === 'all') owesFull = true;
    if (owesFull || news.type === 'all') return;
    pushDiff(news.diff);
    changedAt.set(live.raceId, version);
  };

  /** The reads of epochs that are new to the race: to the plan before they are mapped nowhere, and change nothing. */
  const readAhead = async (live: LiveRace, now: HubInputs): Promise<void> => {
    const before = held?.setup.epochRaces;
    for await (const reads of live.newReads(now.setup, (key) => before?.get(key) !== live.raceId)) {
      live.fold.add(reads);
      await pause();
    }
  };

  const adoptRace = async (raceId: RaceId, now: HubInputs): Promise<void> => {
    const known = races.get(raceId);
    const live = known ?? createLiveRace(log, foldInputsOf(now, raceId));
    races.set(raceId, live);
    await readAhead(live, now);
    if (known === undefined) {
      live.take();
      return;
    }
    const update = live.fold.updateSliced(foldInputsOf(now, raceId));
    while (update.next().done !== true) await pause();
    tell(live, live.take());
  };

  const adopt = async (now: HubInputs): Promise<void> => {
    const change = changeBetween(held, now);
    if (change.type === 'none') return;
    if (change.type === 'structure') owesFull = true;
    const raceIds = change.type === 'structure' ? [...now.external.keys()] : change.raceIds;
    for (const raceId of raceIds) await adoptRace(raceId, now);
    for (const raceId of [...races.keys()]) if (!now.external.has(raceId)) races.delete(raceId);
    held = now;
  };

  const takeReads = async (): Promise<void> => {
    for (const live of races.values()) {
      for await (const reads of live.newReads(inputs().setup)) {
        live.fold.add(reads);
        tell(live, live.take());
        await pause();
      }
    }
  };

  const readInputs = async (event: EventRecord): Promise<HubInputs> => {
    const book = await deps.book();
    if (held !== null && restructuring > 0) return inputsAt(event, held.setup, held.roster, book);
    const setup = await deps.setups.read(eventId);
    return inputsAt(event, setup, await deps.rosters.read(eventId), book);
  };

  /** Everything is computed anew; spectators are told to fetch, and get the whole once it is there. */
  const startAnew = (): void => {
    hub = deps.ids.uuid();
    version = 0;
    held = null;
    races = new Map();
    changedAt.clear();
    first = null;
    if (!isMute) room.push(REFRESH);
  };

  const step = async (): Promise<boolean> => {
    const event = registry.event(eventId);
    if (event === undefined) return true;
    try {
      const now = await readInputs(event);
      if (structureIsDue && restructuring === 0) {
        structureIsDue = false;
        owesFull = true;
      }
      await adopt(now);
      await takeReads();
      if (owesFull) pushFull();
      return true;
    } catch (error) {
      const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
      journal.error('results could not be brought up to date', { eventId, cause });
      startAnew();
      return false;
    }
  };

  const gathering = createGathering(timers, { windowMs: gatherMs, maxPauseMs: MAX_PAUSE_MS }, step);
  gathering.note();

  const cutOf = (race: Race): RaceCut | null => {
    const live = races.get(race.raceId);
    return live === undefined ? null : { ...cut(), race, live, changedAt: changedAt.get(race.raceId) ?? version };
  };

  return {
    note: gathering.note,
    appended: (key) => {
      if (held === null || held.setup.epochRaces.has(key)) gathering.note();
    },
    settled: gathering.settled,
    full: async () => {
      await gathering.settled();
      return () => {
        if (isStopped) throw new HubDown('the event’s results have been given up');
        inputs();
        return owesFull && first?.version !== version ? null : firstMessage();
      };
    },
    race: (raceId) => {
      const race = listed().find((it) => it.raceId === raceId);
      return race === undefined ? null : cutOf(race);
    },
    races: () => listed().flatMap((race) => cutOf(race) ?? []),
    cut,
    inputs,
    status: (status) => pushDiff({ status }),
    restructure: async (change) => {
      restructuring++;
      try {
        return await change();
      } finally {
        restructuring--;
        structureIsDue = true;
        gathering.note();
      }
    },
    between: gathering.between,
    mute: () => {
      isMute = true;
    },
    stop: () => {
      isStopped = true;
      gathering.stop();
    },
  };
};
