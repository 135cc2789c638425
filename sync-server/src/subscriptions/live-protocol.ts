import { type Refusal, refusal } from '@baton/schema/errors';
import { parseFilters } from '@baton/schema/filter';
import type { EventId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import type { Found, LiveConnection } from './live-connection.ts';
import { AuthPayload, Envelope, SubscribePayload, UnsubscribePayload } from './live-message.ts';
import type { SubscriptionSpec } from './subscription.ts';

export interface ProtocolDeps {
  readonly timers: Timers;
  /** Authorises first, then finds what is wanted. */
  readonly find: (grant: Grant | null, eventId: EventId, collection: string) => Result<Found, Refusal>;
  readonly authenticate: (token: string) => Result<Grant, Refusal>;
  /** A grant came by message: the connection ends with it. */
  readonly onGrant: (grant: Grant) => void;
  readonly close: (code: number, reason: string) => void;
}

export interface LiveLimits {
  readonly maxSubscriptions: number;
  readonly messagesPerSecond: number;
}

export interface LiveProtocol {
  readonly receive: (text: string) => void;
  readonly grant: () => Grant | null;
  readonly stop: () => void;
}

const bad = (message: string): Result<never, Refusal> => err(refusal('BAD_REQUEST', message));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // answered as malformed
  }
};

/** What a subscribe's payload asks for; the asker's rights are another matter. */
export const specOf = (
  subId: string,
  payload: unknown,
): Result<SubscribePayload & { readonly spec: SubscriptionSpec }, Refusal> => {
  const parsed = SubscribePayload.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return bad(
      `subscribe expects {eventId, collection, filters?, includeData?, sendSnapshot?}: ${issue?.path.join('.')} ${issue?.message}`,
    );
  }
  const filters = parseFilters(parsed.data.filters === undefined ? [] : parsed.data.filters);
  if (!filters.ok) return bad(filters.error.message);
  const { includeData, sendSnapshot, after = null } = parsed.data;
  return ok({ ...parsed.data, spec: { subId, filters: filters.value, includeData, sendSnapshot, after } });
};

const closeCodeOf = ({ code }: Refusal): number => {
  if (code === 'CONNECTION_LIMIT_REACHED') return CLOSE.tryLater;
  return code === 'RATE_LIMITED' ? CLOSE.rate : CLOSE.unauthorized;
};

/** Understands what a client says over a WebSocket. */
export const createLiveProtocol = (
  deps: ProtocolDeps,
  connection: LiveConnection,
  firstGrant: Grant | null,
  limits: LiveLimits,
): LiveProtocol => {
  let grant = firstGrant;
  let left = limits.messagesPerSecond;
  const refill = deps.timers.every(1000, () => {
    left = limits.messagesPerSecond;
  });

  const auth = (id: string | undefined, payload: unknown): void => {
    const parsed = AuthPayload.safeParse(payload);
    if (!parsed.success) return connection.sendError(refusal('BAD_REQUEST', 'auth expects {token}'), id);
    if (grant !== null) return connection.sendError(refusal('CONFLICT', 'this connection has a token already'), id);
    const given = deps.authenticate(parsed.data.token);
    if (!given.ok) {
      connection.sendError(given.error, id);
      return deps.close(closeCodeOf(given.error), given.error.message);
    }
    grant = given.value;
    deps.onGrant(grant);
    connection.send({ type: 'authAck', payload: { role: grant.role } }, id);
  };

  const mayHave = (subId: string): Result<void, Refusal> => {
    if (connection.has(subId))
      return err(refusal('CONFLICT', 'there is a subscription of this id; choose another one'));
    if (connection.size() < limits.maxSubscriptions) return ok(undefined);
    return err(refusal('RATE_LIMITED', `a connection has at most ${limits.maxSubscriptions} subscriptions`));
  };

  const subscribe = (id: string | undefined, payload: unknown): void => {
    if (id === undefined) {
      return connection.sendError(
        refusal('BAD_REQUEST', 'subscribe expects an id of 1–128 characters: events carry it'),
      );
    }
    const may = mayHave(id);
    if (!may.ok) return connection.sendError(may.error, id);
    const wanted = specOf(id, payload);
    if (!wanted.ok) return connection.sendError(wanted.error, id);
    const { eventId, collection, spec } = wanted.value;
    const found = deps.find(grant, eventId, collection);
    if (found.ok) void connection.open(spec, found.value);
    else connection.sendError(found.error, id);
  };

  const unsubscribe = (id: string | undefined, payload: unknown): void => {
    const parsed = UnsubscribePayload.safeParse(payload ?? {});
    const subId = parsed.success ? (parsed.data.id ?? id) : undefined;
    if (subId !== undefined && connection.drop(subId)) {
      return connection.send({ type: 'unsubscribeAck', payload: { subId } }, id ?? subId);
    }
    connection.sendError(refusal('NOT_FOUND', 'there is no subscription of this id'), id);
  };

  const receive = (text: string): void => {
    if (--left < 0) return deps.close(CLOSE.rate, `at most ${limits.messagesPerSecond} messages a second`);
    const envelope = Envelope.safeParse(parseJson(text));
    if (!envelope.success) return connection.sendError(refusal('BAD_REQUEST', 'expected JSON {id?, type, payload?}'));
    const { id, type, payload } = envelope.data;
    switch (type) {
      case 'auth':
        return auth(id, payload);
      case 'subscribe':
        return subscribe(id, payload);
      case 'unsubscribe':
        return unsubscribe(id, payload);
      case 'heartbeat':
        return; // it tells that the client lives
      default:
        connection.sendError(
          refusal('BAD_REQUEST', 'unknown type; expected auth, subscribe, unsubscribe, heartbeat'),
          id,
        );
    }
  };

  return { receive, grant: () => grant, stop: refill.clear };
};
