import type { ServerResponse } from 'node:http';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { findEvent } from '../auth/lookups.ts';
import { isPublished } from '../auth/policy.ts';
import type { Quotas } from '../limits/quotas.ts';
import { type ProbeTimes, startProbe } from '../spectators/presence-probe.ts';
import type { Change } from '../storage/store.ts';
import type { Unsent } from '../transport/connections.ts';
import type { PeerSocket, ProbedSocket } from '../transport/peer-socket.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import { COLLECTIONS, type CollectionName } from './collection.ts';
import { createCollections } from './collections.ts';
import { eventText, snapshotText } from './event-text.ts';
import { createLiveConnection, type Found, type LiveConnection } from './live-connection.ts';
import type { LiveCore } from './live-core.ts';
import type { LiveMessage } from './live-message.ts';
import { createLiveProtocol } from './live-protocol.ts';
import { encodeForStream, openStream, type StreamQuery } from './live-sse.ts';

export interface LiveOptions extends ProbeTimes {
  readonly heartbeatMs: number;
  readonly sseCommentMs: number;
  /** Connections at once, of both kinds. */
  readonly maxConnections: number;
}

/** Grants of open connections, so that they end with them. */
export interface GrantTable {
  readonly add: (grant: Grant, socket: PeerSocket) => void;
  readonly remove: (socket: PeerSocket) => void;
}

/** Screens and integrations that follow collections by filters, over WebSockets and event streams. */
export interface LiveSubscriptions {
  /** What an upgrade comes to. `secret`: what was offered of a token; null: nothing. */
  readonly admit: (secret: string | null, address?: string) => Result<(socket: ProbedSocket) => void, Refusal>;
  /** Begins an event stream; null once it has. What is refused is refused before. */
  readonly stream: (query: StreamQuery, grant: Grant | null, response: ServerResponse) => Promise<Refusal | null>;
  readonly subscriptions: () => number;
  /** Collections that are kept up to date. */
  readonly collections: () => number;
  readonly streams: () => number;
  /** Of clients without a token; those with one are among the relay's connections. */
  readonly backlog: () => Unsent;
  readonly close: () => void;
}

const MAX_SUBSCRIPTIONS = 100;
const MESSAGES_PER_SECOND = 50;
/** A client that takes nothing for so long is closed. */
const STUCK_MS = 30_000;

/** A client with more than this unsent is slow. */
const SLOW_BYTES = 256 * 1024;

const isCollection = (name: string): name is CollectionName => Object.hasOwn(COLLECTIONS, name);

const tooMany = (maxConnections: number): Refusal =>
  refusal('CONNECTION_LIMIT_REACHED', 'the relay has as many live connections as it takes', { maxConnections });

/** `id` stands in what answers a request; events and snapshots do not. */
const encodeForSocket = (message: LiveMessage, id?: string): string => {
  switch (message.type) {
    case 'event':
      return `{"type":"event","payload":${eventText(message.payload)}}`;
    case 'snapshot':
      return `{"type":"snapshot","payload":${snapshotText(message.payload)}}`;
    default:
      return JSON.stringify(id === undefined ? message : { id, ...message });
  }
};

const NO_COLLECTION = refusal(
  'BAD_REQUEST',
  `unknown collection; expected one of ${Object.keys(COLLECTIONS).join(', ')}`,
);

const GONE = 'the token was revoked or has expired';

const sees = (grant: Grant | null, eventId: EventId): boolean => grant?.role === 'admin' || grant?.eventId === eventId;

/** The event that a change hides from whoever has no token of it, or from everybody. */
const hiddenBy = (change: Change): readonly { readonly eventId: EventId; readonly isGone: boolean }[] => {
  if (change.type === 'deleteEvent') return [{ eventId: change.eventId, isGone: true }];
  if (change.type !== 'putEvent' || isPublished(change.event)) return [];
  return [{ eventId: change.event.eventId, isGone: false }];
};

/** An event stream as something that a grant's end can close. */
const closable = (bufferedAmount: () => number, close: () => void): PeerSocket => ({
  send: () => {},
  close,
  bufferedAmount,
  onMessage: () => {},
  onClose: () => {},
  onDrain: () => {},
});

/** A grant, where there is room for one connection more of it. */
const enter = (quotas: Pick<Quotas, 'refuseSocket'>, given: Result<Grant, Refusal>): Result<Grant, Refusal> => {
  const crowded = given.ok ? quotas.refuseSocket(given.value) : null;
  return crowded === null ? given : err(crowded);
};

interface OpenConnection {
  readonly grant: () => Grant | null;
  readonly close: () => void;
}

const backlogOf = (open: ReadonlyMap<LiveConnection, OpenConnection>): Unsent => {
  let [bytes, slow] = [0, 0];
  for (const [connection, { grant }] of open) {
    if (grant() !== null) continue;
    const unsent = connection.unsent();
    bytes += unsent;
    if (unsent > SLOW_BYTES) slow += 1;
  }
  return { bytes, slow };
};

export const createLiveSubscriptions = (
  core: LiveCore,
  grants: GrantTable,
  options: LiveOptions,
  onRefusal: OnRefusal,
): LiveSubscriptions => {
  const { timers, clock, registry, access, journal, quotas } = core;
  const collections = createCollections(core);
  /** Every connection, and what it may see besides what is public. */
  const open = new Map<LiveConnection, OpenConnection>();
  let streams = 0;

  const find = (grant: Grant | null, eventId: EventId, name: string): Result<Found, Refusal> => {
    if (!isCollection(name)) return err(NO_COLLECTION);
    const event = findEvent(core, grant, COLLECTIONS[name], eventId);
    return event.ok ? ok({ eventId, collection: collections.of(event.value.eventId, name) }) : event;
  };

  const onDefect = (error: unknown): void => {
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    journal.error('a subscription could not be served', { cause });
  };
  const deps = { timers, now: clock.now, onRefusal, onDefect };

  const isFull = (): Refusal | null => (open.size < options.maxConnections ? null : tooMany(options.maxConnections));

  const serveSocket = (socket: ProbedSocket, first: Grant | null): void => {
    const connection = createLiveConnection(deps, socket, encodeForSocket, STUCK_MS);
    const protocol = createLiveProtocol(
      {
        timers,
        find,
        authenticate: (token) => enter(quotas, access.authenticate(token)),
        onGrant: (grant) => grants.add(grant, socket),
        close: socket.close,
      },
      connection,
      first,
      { maxSubscriptions: MAX_SUBSCRIPTIONS, messagesPerSecond: MESSAGES_PER_SECOND },
    );
    const beating = timers.every(options.heartbeatMs, connection.heartbeat);
    const probe = startProbe(socket, timers, options, () => {
      end();
      socket.cut();
    });
    const end = (): void => {
      open.delete(connection);
      grants.remove(socket);
      beating.clear();
      probe.clear();
      protocol.stop();
      connection.end();
    };
    if (first !== null) grants.add(first, socket);
    open.set(connection, {
      grant: protocol.grant,
      close: () => socket.close(CLOSE.shuttingDown, 'the relay shuts down'),
    });
    socket.onMessage((frame) => {
      if (typeof frame === 'string') protocol.receive(frame);
      else connection.sendError(refusal('BAD_REQUEST', 'expected text, not bytes'));
    });
    socket.onClose(end);
  };

  const stream: LiveSubscriptions['stream'] = async ({ eventId, collection, spec }, grant, response) => {
    const full = isFull() ?? (grant === null ? null : quotas.refuseSocket(grant));
    if (full !== null) return full;
    const found = find(grant, eventId, collection);
    if (!found.ok) return found.error;
    await found.value.collection.ready();
    if (grant !== null && !access.holds(grant)) return refusal('UNAUTHORIZED', GONE);
    if (response.destroyed) return null; // the asker has gone meanwhile
    const sink = openStream(response);
    const connection = createLiveConnection(deps, sink, encodeForStream, STUCK_MS);
    const peer = closable(sink.bufferedAmount, () => response.end());
    const beating = timers.every(options.sseCommentMs, connection.heartbeat);
    if (grant !== null) grants.add(grant, peer);
    streams++;
    open.set(connection, { grant: () => grant, close: () => response.end() });
    response.once('close', () => {
      streams--;
      open.delete(connection);
      grants.remove(peer);
      beating.clear();
      connection.end();
    });
    await connection.open(spec, found.value);
    return null;
  };

  const stopFollowing = registry.onChange((changes) => {
    for (const { eventId, isGone } of changes.flatMap(hiddenBy)) {
      for (const [connection, { grant }] of open) {
        if (isGone || !sees(grant(), eventId)) connection.hide(eventId);
      }
    }
  });

  return {
    admit: (secret, address) => {
      const full = isFull();
      if (full !== null) return err(full);
      if (secret === null) return ok((socket) => serveSocket(socket, null));
      const grant = enter(quotas, access.authenticate(secret, address));
      if (grant.ok) return ok((socket) => serveSocket(socket, grant.value));
      if (grant.error.code === 'CONNECTION_LIMIT_REACHED') return grant;
      onRefusal(grant.error.code, { via: 'live' });
      const code = grant.error.code === 'RATE_LIMITED' ? CLOSE.rate : CLOSE.unauthorized;
      return ok((socket) => socket.close(code, grant.error.message));
    },
    stream,
    subscriptions: collections.size,
    collections: collections.open,
    streams: () => streams,
    backlog: () => backlogOf(open),
    close: () => {
      stopFollowing();
      for (const { close } of [...open.values()]) close();
      for (const connection of [...open.keys()]) connection.end();
      collections.stop();
    },
  };
};
