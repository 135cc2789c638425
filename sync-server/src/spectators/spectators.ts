import { parseDocName } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import { EventId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { pairKey } from '@baton/schema/reads';
import { ok, type Result } from '@baton/schema/result';
import type { DocRooms } from '../docs/doc-rooms.ts';
import type { NodePresence } from '../nodes/node-presence.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Change } from '../storage/store.ts';
import type { Unsent } from '../transport/connections.ts';
import type { ProbedSocket } from '../transport/peer-socket.ts';
import { decideJoin } from './admission.ts';
import { createDesk, type Desk, type DeskDeps } from './desk.ts';
import { createDesks } from './desks.ts';
import { freezeWith } from './freezing.ts';
import { createFrozenCache, type FrozenCache } from './frozen-cache.ts';
import type { Frozen, FrozenLists } from './frozen-lists.ts';
import type { RoomOptions } from './room.ts';

export interface SpectatorOptions extends RoomOptions {
  readonly maxConnections: number;
  readonly gatherMs: number;
  readonly onCourseTtlMs: number;
}

export interface SpectatorDeps extends DeskDeps {
  readonly docs: DocRooms;
  readonly nodes: Pick<NodePresence, 'onLinks'>;
}

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
  /** The races of official results, as they were then; null: not kept. */
  readonly frozenRaces: FrozenCache['races'];
  /** Freezes the results; they are stored by `store`, together with the event's new status. */
  readonly freeze: (
    event: EventRecord,
    officialAt: number,
    store: (frozen: Frozen) => Promise<Result<void, Refusal>>,
  ) => Promise<Result<void, Refusal>>;
  /** Open connections. */
  readonly sockets: () => number;
  /** Spectators who do not drain, and bytes of frames that somebody still has to be given. */
  readonly backlog: () => Unsent;
  readonly close: () => void;
}

const PATH = /^\/api\/v1\/events\/([^/]+)\/ws$/;

const eventIdIn = (path: string): EventId | null => {
  const text = PATH.exec(path)?.[1];
  return text === undefined ? null : (EventId.safeParse(text).data ?? null);
};

export const createSpectators = (deps: SpectatorDeps, options: SpectatorOptions): Spectators => {
  const { registry, log, timers, pace } = deps;
  const frozen = createFrozenCache(deps.store, pace);
  const statuses = new Map(registry.events().map((event) => [event.eventId, event.status]));
  const desks = createDesks(timers, (eventId) => {
    const desk = createDesk(eventId, deps, options);
    if (registry.event(eventId)?.status === 'official') desk.hub.mute();
    return desk;
  });

  const toldStatus = ({ eventId, status }: EventRecord): void => {
    if (status === 'draft') return desks.drop(eventId)?.room.hide();
    const desk = desks.get(eventId);
    desk?.hub.status(status);
    if (status !== 'official') return;
    desk?.hub.mute();
    desk?.room.official();
  };

  const follow = (change: Change): void => {
    if (change.type === 'deleteEvent') {
      statuses.delete(change.eventId);
      frozen.forget(change.eventId);
      desks.drop(change.eventId)?.room.hide();
    }
    if (change.type !== 'putEvent') return;
    const { event } = change;
    const before = statuses.get(event.eventId);
    statuses.set(event.eventId, event.status);
    if (before !== undefined && before !== event.status) toldStatus(event);
    desks.get(event.eventId)?.hub.note();
  };

  const stops = [
    log.onAppended(({ streamId, epoch }) => {
      const eventId = registry.stream(streamId)?.eventId;
      if (eventId !== undefined) desks.get(eventId)?.hub.appended(pairKey(streamId, epoch));
    }),
    registry.onChange((changes) => {
      for (const change of changes) follow(change);
    }),
    deps.nodes.onLinks((eventId) => desks.get(eventId)?.hub.venue()),
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
      const { room, hub } = desks.at(joining.value.eventId);
      return ok((socket) => room.join(socket, hub.first));
    },
    desk: desks.at,
    restructure: (eventId, change) => desks.get(eventId)?.hub.restructure(change) ?? change(),
    frozen: frozen.get,
    frozenRaces: frozen.races,
    freeze: (event, officialAt, store) => {
      const { hub, announcer } = desks.at(event.eventId);
      return freezeWith(deps, { event, hub, announcer, officialAt }, async (it) => {
        const stored = await store(it);
        if (stored.ok) frozen.put(event.eventId, it.lists);
        return stored;
      });
    },
    sockets: () => [...desks.all()].reduce((sum, [, { room }]) => sum + room.size(), 0),
    backlog: () => {
      const rooms = [...desks.all()].map(([, { room }]) => room.backlog());
      return rooms.reduce((a, b) => ({ slow: a.slow + b.slow, bytes: a.bytes + b.bytes }), { slow: 0, bytes: 0 });
    },
    close: () => {
      desks.stop();
      for (const stop of stops) stop();
      for (const [eventId, { room }] of desks.all()) {
        room.close(CLOSE.shuttingDown, 'the relay shuts down');
        desks.drop(eventId);
      }
    },
  };
};
