import { parseDocName } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import { EventId } from '@baton/schema/ids';
import type { Log, Timer } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import { pairKey } from '@baton/schema/reads';
import { ok, type Result } from '@baton/schema/result';
import { runWithPauses } from '@baton/schema/roster';
import type { RelayCore } from '../relay-core.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Change, Store } from '../storage/store.ts';
import type { ProbedSocket } from '../transport/peer-socket.ts';
import { decideJoin } from './admission.ts';
import { createDesk, type Desk, type DeskDeps } from './desk.ts';
import type { FanOutDeps } from './fan-out.ts';
import { freezeWith } from './freezing.ts';
import type { Frozen, FrozenLists } from './frozen-lists.ts';
import { thaw } from './frozen-lists.ts';
import type { RoomOptions } from './room.ts';

export interface SpectatorOptions extends RoomOptions {
  readonly maxConnections: number;
  readonly gatherMs: number;
  readonly onCourseTtlMs: number;
}

export type SpectatorDeps = FanOutDeps &
  Pick<RelayCore, 'registry' | 'log' | 'docs' | 'setups' | 'rosters' | 'clock' | 'ids'> & {
    readonly store: Pick<Store, 'loadFacts'>;
    readonly journal: Log;
  };

/** What the public sees of all events: who watches, what they see, and what became official. */
export interface Spectators {
  /** What an upgrade of this path comes to; null: the path is none of the feed's. */
  readonly admit: (path: string) => Result<(socket: ProbedSocket) => void, Refusal> | null;
  /** The event's results, kept up to date from now on. */
  readonly desk: (eventId: EventId) => Desk;
  /** Runs something that changes an event's structure; who watches is told of the whole, at the end. */
  readonly restructure: <T>(eventId: EventId, change: () => Promise<T>) => Promise<T>;
  /** Official results; null: not kept. */
  readonly frozen: (eventId: EventId) => Promise<FrozenLists | null>;
  /** Freezes the results; they are stored by `store`, together with the event's new status. */
  readonly freeze: (
    event: EventRecord,
    officialAt: number,
    store: (frozen: Frozen) => Promise<Result<void, Refusal>>,
  ) => Promise<Result<void, Refusal>>;
  /** Open connections. */
  readonly sockets: () => number;
  readonly close: () => void;
}

const PATH = /^\/api\/v1\/events\/([^/]+)\/ws$/;

/** Results that nobody has asked for during so long are given up; who comes next has them computed anew. */
const IDLE_MS = 600_000;
const SWEEP_MS = 30_000;
/** Events with official results in memory; the one asked for longest ago goes first. */
const MAX_FROZEN = 10;

const eventIdIn = (path: string): EventId | null => {
  const text = PATH.exec(path)?.[1];
  return text === undefined ? null : (EventId.safeParse(text).data ?? null);
};

export const createSpectators = (deps: SpectatorDeps, options: SpectatorOptions): Spectators => {
  const { registry, log, timers } = deps;
  const desks = new Map<EventId, Desk>();
  const frozen = new Map<EventId, Promise<FrozenLists | null>>();
  const statuses = new Map(registry.events().map((event) => [event.eventId, event.status]));
  const pause = (): Promise<void> => new Promise((resolve) => timers.after(0, resolve));
  const deskDeps: DeskDeps = { ...deps, pause };

  const desk = (eventId: EventId): Desk => {
    const known = desks.get(eventId);
    const it = known ?? createDesk(eventId, deskDeps, options);
    if (known === undefined) {
      desks.set(eventId, it);
      if (registry.event(eventId)?.status === 'official') it.hub.mute();
    }
    it.touch();
    return it;
  };

  const drop = (eventId: EventId): Desk | undefined => {
    const it = desks.get(eventId);
    desks.delete(eventId);
    it?.stop();
    return it;
  };

  const keepFrozen = (eventId: EventId, lists: Promise<FrozenLists | null>): void => {
    frozen.delete(eventId);
    frozen.set(eventId, lists);
    const [oldest] = frozen.keys();
    if (frozen.size > MAX_FROZEN && oldest !== undefined) frozen.delete(oldest);
  };

  const loadFrozen = async (eventId: EventId): Promise<FrozenLists | null> => {
    const official = await deps.store.loadFacts(eventId, 'official');
    return runWithPauses(thaw(official, await deps.store.loadFacts(eventId, 'official-rows')), pause);
  };

  const toldStatus = (event: EventRecord): void => {
    const it = desks.get(event.eventId);
    if (it === undefined) return;
    if (event.status === 'draft') return void drop(event.eventId)?.room.hide();
    it.hub.status(event.status);
    if (event.status !== 'official') return;
    it.hub.mute();
    it.room.official();
  };

  const follow = (change: Change): void => {
    if (change.type === 'deleteEvent') {
      statuses.delete(change.eventId);
      frozen.delete(change.eventId);
      drop(change.eventId)?.room.hide();
    }
    if (change.type !== 'putEvent') return;
    const { event } = change;
    const before = statuses.get(event.eventId);
    statuses.set(event.eventId, event.status);
    if (before !== undefined && before !== event.status) toldStatus(event);
    desks.get(event.eventId)?.hub.note();
  };

  const sweep = (): void => {
    const now = timers.mono();
    for (const [eventId, it] of desks) if (it.isIdle() && now - it.touchedAt() >= IDLE_MS) drop(eventId);
  };

  const sweeping: Timer = timers.every(SWEEP_MS, sweep);
  const stops = [
    log.onAppended(({ streamId, epoch }) => {
      const eventId = registry.stream(streamId)?.eventId;
      if (eventId !== undefined) desks.get(eventId)?.hub.appended(pairKey(streamId, epoch));
    }),
    registry.onChange((changes) => {
      for (const change of changes) follow(change);
    }),
    deps.docs.onChange((name) => {
      const parsed = parseDocName(name);
      if (parsed !== null && parsed.type !== 'receiver') desks.get(parsed.eventId)?.hub.note();
    }),
  ];

  return {
    admit: (path) => {
      if (!PATH.test(path)) return null;
      const eventId = eventIdIn(path);
      const event = eventId === null ? undefined : registry.event(eventId);
      const connected = eventId === null ? 0 : (desks.get(eventId)?.room.size() ?? 0);
      const joining = decideJoin(event, connected, options.maxConnections);
      if (!joining.ok) return joining;
      const { room, hub } = desk(joining.value.eventId);
      return ok((socket) => room.join(socket, hub.first));
    },
    desk,
    restructure: (eventId, change) => desks.get(eventId)?.hub.restructure(change) ?? change(),
    frozen: (eventId) => {
      const known = frozen.get(eventId);
      const lists = known ?? loadFrozen(eventId);
      keepFrozen(eventId, lists);
      lists.catch(() => frozen.delete(eventId)); // told to its askers
      return lists;
    },
    freeze: (event, officialAt, store) => {
      const { hub, announcer } = desk(event.eventId);
      return freezeWith({ ...deps, pause }, { event, hub, announcer, officialAt }, async (it) => {
        const stored = await store(it);
        if (stored.ok) keepFrozen(event.eventId, Promise.resolve(it.lists));
        return stored;
      });
    },
    sockets: () => [...desks.values()].reduce((sum, { room }) => sum + room.size(), 0),
    close: () => {
      sweeping.clear();
      for (const stop of stops) stop();
      for (const [eventId, { room }] of [...desks]) {
        room.close(CLOSE.shuttingDown, 'the relay shuts down');
        drop(eventId);
      }
    },
  };
};
