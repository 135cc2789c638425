import type { RelayAddress, VenueLink } from '@baton/schema/command';
import { EventList, type LinkFailure, MeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { NodeId } from '@baton/schema/ids';
import type { Timer } from '@baton/schema/ports';
import { backoffDelay } from '../connection/backoff.ts';
import { socketUrl } from '../connection/relay-url.ts';
import { describeApiError } from '../http/describe-error.ts';
import type { ApiError } from '../http/relay-api.ts';
import { type EventLink, type EventLinkDeps, openEventLink } from './event-link.ts';
import { watchFarTraffic } from './far-traffic.ts';
import { type BySide, SIDES } from './link-state.ts';

export interface VenueLinkOptions {
  readonly relays: BySide<RelayAddress>;
  /** Tells this relay's link from those of other venues. */
  readonly venueId: string;
  readonly lookMs?: number;
  /** How often the lists of events are looked at, with a token for all. */
  readonly eventsMs?: number;
}

const LOOK_MS = 2000;
const EVENTS_MS = 10_000;

/** Whether an address is one of this relay's sockets. */
const isUnder = (relay: string): ((url: string) => boolean) => {
  const base = socketUrl(relay, '/');
  return (url) => base.ok && url.startsWith(base.value);
};

/** A node has its place in one event: the link is one node in each. */
const nodeIdOf = (venueId: string, eventId: EventId): NodeId => NodeId.parse(`${venueId}~${eventId}`.slice(0, 128));

const FAILURE_KINDS = { unreachable: 'away', refused: 'refused', unexpected: 'unusable' } as const;

const failureOf = (error: ApiError): LinkFailure => ({
  kind: FAILURE_KINDS[error.type],
  cause: describeApiError(error),
});

/**
 * Keeps a relay in step with another one: all events of the token it has there, each by a link of its own. Nothing stops it but
 * `close`: without the other relay it goes on asking for it, and the relay here goes on without.
 */
export const createVenueLink = (deps: EventLinkDeps, options: VenueLinkOptions): VenueLink => {
  const { log, timers, random } = deps;
  const { relays, venueId, lookMs = LOOK_MS, eventsMs = EVENTS_MS } = options;
  const traffic = watchFarTraffic(deps, isUnder(relays.there.url));
  const apis = { ...deps.apis, there: traffic.watchApi(deps.apis.there) };
  const eventDeps = { ...deps, apis, openSocket: traffic.openSocket };
  const links = new Map<EventId, EventLink>();
  let timer: Timer | null = null;
  let failures = 0;
  let failure: LinkFailure | null = null;
  let isClosed = false;

  const link = (eventId: EventId): void => {
    if (links.has(eventId) || isClosed) return;
    links.set(eventId, openEventLink(eventDeps, { relays, eventId, lookMs, nodeId: nodeIdOf(venueId, eventId) }));
  };

  const linkAll = async (): Promise<LinkFailure | null> => {
    for (const side of SIDES) {
      const listed = await apis[side].call('GET', '/events', EventList);
      if (!listed.ok) return failureOf(listed.error);
      for (const { eventId } of listed.value.events) link(eventId);
    }
    return null;
  };

  /** Why it came to nothing; null: it did not. */
  const linkEvents = async (): Promise<LinkFailure | null> => {
    const me = await apis.there.call('GET', '/me', MeBody);
    if (!me.ok) return failureOf(me.error);
    const { role, eventId } = me.value;
    if (role === 'admin') return linkAll();
    if (role !== 'operator' || eventId === null) {
      const cause = `expected an operator’s token or the admin’s, this is one of role ${role}; give --upstream-token another`;
      return { kind: 'refused', cause };
    }
    link(eventId);
    return null;
  };

  const look = async (): Promise<void> => {
    failure = await linkEvents();
    if (isClosed) return;
    if (failure !== null) log.warn('the relay elsewhere gives no events; asking again', { cause: failure.cause });
    failures = failure === null ? 0 : failures + 1;
    const ms = failure === null ? eventsMs : lookMs + backoffDelay(failures, random.next());
    timer = timers.after(ms, lookSafely);
  };

  const lookSafely = (): void => {
    look().catch((error: unknown) => {
      log.error('the link failed', { cause: error instanceof Error ? (error.stack ?? '') : String(error) });
      timer = timers.after(eventsMs, lookSafely);
    });
  };

  lookSafely();
  return {
    sight: () => ({
      upstream: relays.there.url,
      heardAt: traffic.heardAt(),
      failure: links.size === 0 ? failure : null,
      sentBytes: traffic.sentBytes(),
      receivedBytes: traffic.receivedBytes(),
      events: [...links.values()].map((it) => it.sight()),
    }),
    close: () => {
      isClosed = true;
      timer?.clear();
      for (const it of links.values()) it.close();
      return Promise.resolve();
    },
  };
};
