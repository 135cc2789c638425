import type { Point, Race } from '@baton/schema/doc';
import type { FeedCut, FullState } from '@baton/schema/feed';
import type { EventId, RaceId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timers } from '@baton/schema/ports';
import type { PairKey } from '@baton/schema/reads';
import type { Pace } from '@baton/schema/roster';
import type { ReadLog } from '../log/read-log.ts';
import type { Venues } from '../nodes/venues.ts';
import type { Registry } from '../registry/registry.ts';
import type { Rosters } from '../setup/rosters.ts';
import type { Setups } from '../setup/setups.ts';
import type { EventRecord } from '../storage/records.ts';
import type { PreparedFrame } from '../transport/prepared-frame.ts';
import type { ExternalBook } from './external-book.ts';
import { fullState } from './full-state.ts';
import { createGathering } from './gathering.ts';
import { type HubInputs, inputsAt } from './hub-inputs.ts';
import type { LiveRace } from './live-race.ts';
import { racesOf } from './public-shape.ts';
import { createRaceTable } from './race-table.ts';
import type { Room } from './room.ts';
import { createTeller, type Teller } from './teller.ts';

export interface HubDeps {
  readonly registry: Pick<Registry, 'event'>;
  readonly log: ReadLog;
  readonly setups: Pick<Setups, 'read'>;
  readonly rosters: Pick<Rosters, 'read'>;
  readonly book: () => Promise<ExternalBook>;
  readonly room: Pick<Room, 'push' | 'size'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pace: Pace;
  readonly ids: Ids;
  readonly journal: Log;
  readonly venues: Venues;
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
  /**
   * Asks something once all that was there before is taken in, and at a moment at which the folds are at the version that was told
   * last. What the question reads is one cut as long as it waits for nothing. Rejects with `HubDown`.
   */
  readonly read: <T>(question: () => T) => Promise<T>;
  /** As `read`: gives the first message; what is told from then on comes behind it. */
  readonly first: (take: (frame: PreparedFrame) => void) => Promise<void>;
  /** What the first message tells; throws `HubDown`, and is to be asked within `read`. */
  readonly full: () => FullState;
  /** Null: there is no such race. Throws `HubDown`, as all below do while there is nothing. */
  readonly race: (raceId: RaceId) => RaceCut | null;
  readonly races: () => readonly RaceCut[];
  readonly cut: () => FeedCut & { readonly asOf: number };
  /** Throws `HubDown`. */
  readonly inputs: () => HubInputs;
  /** Tells a status that the registry has just taken on. */
  readonly status: (status: EventRecord['status']) => void;
  /** Tells that the relay at the venue came or went. */
  readonly venue: () => void;
  /** Runs something that changes the structure; nothing of its parts is told but the whole, at the end. */
  readonly restructure: <T>(change: () => Promise<T>) => Promise<T>;
  /** Runs a task while nothing is taken in. */
  readonly between: <T>(task: () => Promise<T>) => Promise<T>;
  /** Hears each change as it is told to spectators, or would be. Returns the way to stop. */
  readonly observe: Teller['observe'];
  /** From now on nothing is told any more; it may still be asked. */
  readonly mute: () => void;
  readonly stop: () => void;
}

/** The results could not be computed; the log has the cause, and it is tried again. */
export class HubDown extends Error {
  override readonly name = 'HubDown';
}

/** Longest pause behind steps that fail. */
const MAX_PAUSE_MS = 10_000;

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Changes of the structure that are on their way: the documents are looked at when they are through. */
const createRestructuring = () => {
  let running = 0;
  let isDue = false;
  return {
    isRunning: () => running > 0,
    run: async <T>(change: () => Promise<T>): Promise<T> => {
      running++;
      try {
        return await change();
      } finally {
        running--;
        isDue = true;
      }
    },
    /** Whether one has been made since the last time. */
    take: (): boolean => {
      const was = isDue && running === 0;
      if (was) isDue = false;
      return was;
    },
  };
};

export const createEventHub = (eventId: EventId, deps: HubDeps, { gatherMs }: HubOptions): EventHub => {
  const { registry, timers, pace } = deps;
  const restructuring = createRestructuring();
  let isStopped = false;

  const inputs = (): HubInputs => {
    const held = table.inputs();
    if (held === null) throw new HubDown('the results cannot be computed right now');
    return held;
  };

  const listed = (): readonly Race[] => racesOf(inputs().setup, inputs().external.keys());

  const compose = (cut: FeedCut, asOf: number): FullState => {
    const told = listed().flatMap((race) => {
      const live = table.get(race.raceId);
      if (live === undefined) return [];
      const { page, onCourse, onCourseTotal } = live.fold;
      return [{ race, page: (limit: number) => page({ offset: 0, limit }), onCourse, onCourseTotal }];
    });
    const full = fullState(cut, registry.event(eventId) ?? inputs().event, inputs().setup, told, asOf);
    const venue = deps.venues.of(eventId);
    return venue === null ? full : { ...full, venue };
  };

  const pointsOf = (raceId: string): readonly Point[] => listed().find((race) => race.raceId === raceId)?.points ?? [];

  const teller = createTeller({ ...deps, compose, pointsOf });
  const table = createRaceTable({ log: deps.log, teller, pace });

  const readInputs = async (event: EventRecord): Promise<HubInputs> => {
    const book = await deps.book();
    const held = table.inputs();
    if (held !== null && restructuring.isRunning()) return inputsAt(event, held.setup, held.roster, book);
    const setup = await deps.setups.read(eventId);
    return inputsAt(event, setup, await deps.rosters.read(eventId), book);
  };

  const bringUpToDate = async (event: EventRecord): Promise<void> => {
    // asked before the documents are read: what is due is in them
    if (restructuring.take()) teller.oweFull();
    const now = await readInputs(event);
    await table.adopt(now);
    await table.takeReads();
    teller.payFull(table.ids());
  };

  /** False: all is thrown away, and to be computed anew. */
  const step = async (): Promise<boolean> => {
    const event = registry.event(eventId);
    if (event === undefined) return true;
    try {
      await bringUpToDate(event);
      return true;
    } catch (error) {
      deps.journal.error('results could not be brought up to date', { eventId, cause: textOf(error) });
      table.clear();
      teller.startAnew();
      return false;
    }
  };

  const read = async <T>(question: () => T): Promise<T> => {
    for (;;) {
      await gathering.settled();
      if (isStopped) throw new HubDown('the results of this event have been given up');
      inputs();
      // another step may have begun since it was settled
      if (!gathering.isRunning()) return question();
    }
  };

  const gathering = createGathering(timers, { windowMs: gatherMs, maxPauseMs: MAX_PAUSE_MS }, step);
  gathering.note();

  const cutOf = (race: Race): RaceCut | null => {
    const live = table.get(race.raceId);
    return live === undefined ? null : { ...teller.cut(), race, live, changedAt: teller.changedAt(race.raceId) };
  };

  return {
    note: gathering.note,
    appended: (key) => {
      const held = table.inputs();
      if (held === null || held.setup.epochRaces.has(key)) gathering.note();
    },
    settled: gathering.settled,
    read,
    full: () => {
      const { asOf, ...cut } = teller.cut();
      return compose(cut, asOf);
    },
    first: (take) => read(() => take(teller.first())),
    race: (raceId) => {
      const race = listed().find((it) => it.raceId === raceId);
      return race === undefined ? null : cutOf(race);
    },
    races: () => listed().flatMap((race) => cutOf(race) ?? []),
    cut: teller.cut,
    inputs,
    status: teller.status,
    venue: () => {
      const venue = deps.venues.of(eventId);
      if (venue !== null) teller.venue(venue);
    },
    restructure: (change) => restructuring.run(change).finally(gathering.note),
    between: gathering.between,
    observe: teller.observe,
    mute: teller.mute,
    stop: () => {
      isStopped = true;
      gathering.stop();
    },
  };
};
