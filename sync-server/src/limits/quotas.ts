import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import type { Grant } from '../auth/grant.ts';
import type { LimitsConfig } from '../config/limits.ts';
import type { Registry } from '../registry/registry.ts';
import type { NodeKey } from '../storage/store.ts';
import type { Connections } from '../transport/connections.ts';
import { type DayUse, hourOf, NOTHING_USED, noteBytes, waitMs, withinDay } from './day-use.ts';

/**
 * What one event and one token may take of a relay. Every refusal may be asked again later: who is refused keeps what it has.
 * The admin token given at start is bound as an event's peer, never as a token.
 */
export interface Quotas {
  /** Counts bytes that are to be stored; null when they may be. Those that are refused are not counted. */
  readonly takeBytes: (grant: Grant, eventId: EventId | null, bytes: number) => Refusal | null;
  readonly refuseSocket: (grant: Grant) => Refusal | null;
  /** About a node that would bring `fresh` streams into being. */
  readonly refuseStreams: (node: NodeKey, fresh: number) => Refusal | null;
  /** About a node that is to get a token, and with it a document of its own. */
  readonly refuseDocument: (eventId: EventId, nodeId: NodeId) => Refusal | null;
}

export interface QuotaDeps {
  readonly registry: Pick<Registry, 'streams' | 'tokens'>;
  readonly connections: Pick<Connections, 'ofToken' | 'ofEvent'>;
  readonly timers: Pick<Timers, 'mono'>;
}

type Of = 'event' | 'token';

const usedUp = (of: Of, limit: number, ms: number): Refusal =>
  refusal(
    'DAILY_LIMIT_REACHED',
    `the ${of} has sent its ${limit} bytes of 24 hours: keep what you have, it is taken later, or raise --${of}-bytes-a-day`,
    { of, limit, retryAfterSeconds: Math.ceil(ms / 1000) },
  );

const tooManySockets = (of: Of, limit: number): Refusal =>
  refusal(
    'CONNECTION_LIMIT_REACHED',
    `the ${of} has its ${limit} connections open: close some, or raise --${of}-sockets`,
    { of, maxConnections: limit },
  );

/** Setup and roster. */
const SHARED_DOCUMENTS = 2;

interface DayMeter {
  readonly waitMs: (key: string) => number;
  readonly note: (key: string, bytes: number) => void;
}

/** Use by key. Keys are ids of the relay's own records; those that were quiet for a day are forgotten. */
const createDayMeter = (limit: number, timers: QuotaDeps['timers']): DayMeter => {
  const uses = new Map<string, DayUse>();
  let swept = hourOf(timers.mono());

  const sweep = (at: number): void => {
    if (hourOf(at) === swept) return;
    swept = hourOf(at);
    for (const [key, use] of uses) if (withinDay(use, at).length === 0) uses.delete(key);
  };

  return {
    waitMs: (key) => waitMs(uses.get(key) ?? NOTHING_USED, limit, timers.mono()),
    note: (key, bytes) => {
      const at = timers.mono();
      sweep(at);
      uses.set(key, noteBytes(uses.get(key) ?? NOTHING_USED, bytes, at));
    },
  };
};

export const createQuotas = (deps: QuotaDeps, limits: LimitsConfig): Quotas => {
  const { registry, connections, timers } = deps;
  const tokens = createDayMeter(limits.tokenBytesADay, timers);
  const events = createDayMeter(limits.eventBytesADay, timers);

  return {
    takeBytes: ({ tokenId }, eventId, bytes) => {
      const ofToken = tokenId === null ? 0 : tokens.waitMs(tokenId);
      if (ofToken > 0) return usedUp('token', limits.tokenBytesADay, ofToken);
      const ofEvent = eventId === null ? 0 : events.waitMs(eventId);
      if (ofEvent > 0) return usedUp('event', limits.eventBytesADay, ofEvent);
      if (tokenId !== null) tokens.note(tokenId, bytes);
      if (eventId !== null) events.note(eventId, bytes);
      return null;
    },
    refuseSocket: ({ tokenId, eventId }) => {
      const { tokenSockets, eventSockets } = limits;
      if (tokenId !== null && connections.ofToken(tokenId) >= tokenSockets)
        return tooManySockets('token', tokenSockets);
      if (eventId !== null && connections.ofEvent(eventId) >= eventSockets)
        return tooManySockets('event', eventSockets);
      return null;
    },
    refuseStreams: ({ eventId, nodeId }, fresh) => {
      if (fresh === 0) return null;
      const streams = registry.streams(eventId);
      const { eventStreams, nodeStreams } = limits;
      const own = streams.filter((it) => it.forwarderId === nodeId).length;
      if (own + fresh > nodeStreams) {
        const why = `a forwarder has at most ${nodeStreams} streams: name fewer readers, or raise --node-streams`;
        return refusal('LIMIT_REACHED', why, { of: 'node', what: 'streams', limit: nodeStreams });
      }
      if (streams.length + fresh <= eventStreams) return null;
      const why = `the event has at most ${eventStreams} streams: delete those it does not need, or raise --event-streams`;
      return refusal('LIMIT_REACHED', why, { of: 'event', what: 'streams', limit: eventStreams });
    },
    refuseDocument: (eventId, nodeId) => {
      const limit = limits.eventDocuments;
      const nodes = new Set(registry.tokens().flatMap((it) => (it.eventId === eventId ? (it.nodeId ?? []) : [])));
      if (nodes.has(nodeId) || SHARED_DOCUMENTS + nodes.size < limit) return null;
      const why = `the event has at most ${limit} documents, one for each node with a token: revoke tokens, or raise --event-documents`;
      return refusal('LIMIT_REACHED', why, { of: 'event', what: 'documents', limit });
    },
  };
};
