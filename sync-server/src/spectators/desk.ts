import type { EventId } from '@baton/schema/ids';
import type { Clock, Ids, Log, Timer } from '@baton/schema/ports';
import type { Pace } from '@baton/schema/roster';
import type { ReadLog } from '../log/read-log.ts';
import type { Venues } from '../nodes/venues.ts';
import type { Registry } from '../registry/registry.ts';
import type { Rosters } from '../setup/rosters.ts';
import type { Setups } from '../setup/setups.ts';
import type { Store } from '../storage/store.ts';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { createEventHub, type EventHub, HubDown } from './event-hub.ts';
import { createExternalBook, type ExternalBook, toldResultOf } from './external-book.ts';
import type { FanOutDeps } from './fan-out.ts';
import { createRoom, type Room, type RoomOptions } from './room.ts';
import { createRowSnapshots, type RowSnapshots } from './row-snapshots.ts';
import { createStartLists } from './start-lists.ts';

/** Everything of one event that somebody watches or has asked for. */
export interface Desk {
  readonly room: Room;
  readonly hub: EventHub;
  readonly announcer: Announcer;
  readonly snapshots: RowSnapshots;
  readonly startList: ReturnType<typeof createStartLists>;
  /** What other timing systems have said. */
  readonly book: () => Promise<ExternalBook>;
  /** Riders of other timing systems were put into the book: they leave it again by themselves. */
  readonly ridersCame: () => void;
  readonly touch: () => void;
  readonly touchedAt: () => number;
  /** Nobody is connected, and nothing would be lost with it. */
  readonly isIdle: () => boolean;
  readonly stop: () => void;
}

export interface DeskDeps extends FanOutDeps {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly pace: Pace;
  readonly store: Pick<Store, 'loadFacts'>;
  readonly journal: Log;
  readonly venues: Venues;
}

export interface DeskOptions extends RoomOptions {
  readonly gatherMs: number;
  readonly onCourseTtlMs: number;
}

/** Riders leave at most this part of their time late. */
const EXPIRY_STEPS = 10;

export const createDesk = (eventId: EventId, deps: DeskDeps, options: DeskOptions): Desk => {
  const { timers, clock, journal } = deps;
  let touchedAt = timers.mono();
  let known: Promise<ExternalBook> | null = null;
  let expiry: Timer | null = null;
  let riders = 0;

  const loadBook = async (): Promise<ExternalBook> => {
    const facts = await deps.store.loadFacts(eventId, 'external-result');
    return createExternalBook(facts.map(toldResultOf));
  };
  const book = (): Promise<ExternalBook> => {
    if (known === null) {
      known = loadBook();
      known.catch(() => {
        known = null; // told to its askers; the next one tries again
      });
    }
    return known;
  };

  const room = createRoom(
    {
      ...deps,
      onDefect: (error) => {
        const told = { eventId, cause: String(error) };
        // a hub that is down has said why; one that was stopped, with its event or the relay, has no reason to
        if (error instanceof HubDown) journal.debug('a spectator is told the results later', told);
        else journal.error('a spectator could not be told the results', told);
      },
    },
    options,
  );
  const hub = createEventHub(eventId, { ...deps, book, room }, options);

  const expire = async (): Promise<void> => {
    expiry = null;
    const external = await book();
    if (external.expire(clock.now() - options.onCourseTtlMs)) hub.note();
    riders = external.riders();
    if (riders > 0) expireIn(Math.ceil(options.onCourseTtlMs / EXPIRY_STEPS));
  };
  const expireIn = (ms: number): void => {
    expiry ??= timers.after(ms, () => {
      expire().catch((error: unknown) =>
        journal.error('riders could not be taken off the course', { cause: String(error) }),
      );
    });
  };

  return {
    room,
    hub,
    announcer: createAnnouncer(deps, eventId),
    snapshots: createRowSnapshots(hub, deps),
    startList: createStartLists(deps.pace),
    book,
    ridersCame: () => {
      riders = 1;
      expireIn(options.onCourseTtlMs);
    },
    touch: () => {
      touchedAt = timers.mono();
    },
    touchedAt: () => touchedAt,
    isIdle: () => room.size() === 0 && riders === 0,
    stop: () => {
      expiry?.clear();
      hub.stop();
    },
  };
};
