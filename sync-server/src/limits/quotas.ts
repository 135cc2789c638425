import { type Refusal, refusal } from '@baton/schema/errors';
import type { EventId, NodeId } from '@baton/schema/ids';

import type { Clock, Log, Timers } from '@baton/schema/ports';
import type { Grant } from '../auth/grant.ts';
import type { LimitsConfig } from '../config/limits.ts';
import type { Registry } from '../registry/registry.ts';
import type { DayUseRecord } from '../storage/records.ts';
import type { NodeKey, Store } from '../storage/store.ts';
import type { Connections } from '../transport/connections.ts';
import { createDayMeter } from './day-meter.ts';
import { watchDiskUse } from './disk-use.ts';
import { keepDayUse } from './kept-day-use.ts';

/**
 * What one event and one token may take of a relay. Every refusal may be asked again later: who is refused keeps what it has.
 * The admin token given at start is bound as an event's peer, never as a token.
 */
export interface Quotas {
  /** Counts bytes that are to be stored; null when they may be. Those that are refused are not counted. */
  readonly takeBytes: (grant: Grant, eventId: EventId | null, bytes: number, what: Kept) => Refusal | null;
  /** What was taken could not be stored, for want of room: it comes again, and counts then. */
  readonly giveBack: (grant: Grant, eventId: EventId, bytes: number) => void;
  /** Bytes of an event on disk. */
  readonly diskBytes: (eventId: EventId) => number;
  /** What an event may hold of it. */
  readonly diskLimit: number;
  readonly refuseSocket: (grant: Grant) => Refusal | null;
  /** About a node that would bring `fresh` streams into being. */
  readonly refuseStreams: (node: NodeKey, fresh: number) => Refusal | null;
  /** About a node that is to get a token, and with it a document of its own. */
  readonly refuseDocument: (eventId: EventId, nodeId: NodeId) => Refusal | null;
}

/** What bytes are: `edits` are those of people, and lists of other systems. */
export type Kept = 'reads' | 'edits';

/** Quotas that go on where the relay before left them. */
export interface KeptQuotas extends Quotas {
  /** Keeps what was counted, so that a restart forgives nothing. */
  readonly stop: () => Promise<void>;
}

export interface QuotaDeps {
  readonly store: Pick<Store, 'commit' | 'eventSizes'>;
  /** As they were kept. */
  readonly dayUses: readonly DayUseRecord[];
  readonly registry: Pick<Registry, 'streams' | 'tokens'>;
  readonly connections: Pick<Connections, 'ofToken' | 'ofEvent'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: Log;
}

type Of = 'event' | 'token';

const usedUp = (of: Of, limit: number, ms: number): Refusal =>
  refusal(
    'DAILY_LIMIT_REACHED',
    `the ${of} has sent its ${limit} bytes of 24 hours: keep what you have, it is taken later, or raise --${of}-bytes-a-day`,
    { of, limit, retryAfterSeconds: Math.ceil(ms / 1000) },
  );

/** Reads wait first: with what is left, people can still map and correct, and end the event. */
const EDITS_MORE = 1 / 8;

const diskFull = (limit: number, held: number): Refusal =>
  refusal(
    'LIMIT_REACHED',
    `the event holds its ${limit} bytes of the relay’s disk: keep what you have, it is taken when there is room; archive old epochs, or raise --event-disk-bytes`,
    { of: 'event', what: 'bytes', limit, held },
  );

const tooManySockets = (of: Of, limit: number): Refusal =>
  refusal(
    'CONNECTION_LIMIT_REACHED',
    `the ${of} has its ${limit} connections open: close some, or raise --${of}-sockets`,
    { of, maxConnections: limit },
  );

/** Setup and roster. */
const SHARED_DOCUMENTS = 2;

export const createQuotas = async (deps: QuotaDeps, limits: LimitsConfig): Promise<KeptQuotas> => {
  const { registry, connections, store, timers, journal } = deps;
  const day = createDayMeter(deps, deps.dayUses);
  const kept = keepDayUse(day, deps);
  const disk = await watchDiskUse({ sizes: store.eventSizes, timers, journal });
  const diskLimits = { reads: limits.eventDiskBytes, edits: limits.eventDiskBytes * (1 + EDITS_MORE) };

  const refuseBytes = (token: string | null, event: string | null): Refusal | null => {
    const ofToken = token === null ? 0 : day.waitMs(token, limits.tokenBytesADay);
    if (ofToken > 0) return usedUp('token', limits.tokenBytesADay, ofToken);
    const ofEvent = event === null ? 0 : day.waitMs(event, limits.eventBytesADay);
    return ofEvent > 0 ? usedUp('event', limits.eventBytesADay, ofEvent) : null;
  };

  return {
    takeBytes: ({ tokenId }, eventId, bytes, what) => {
      const held = eventId === null ? 0 : disk.of(eventId);
      if (held >= diskLimits[what]) return diskFull(limits.eventDiskBytes, held);
      const token = tokenId === null ? null : `token/${tokenId}`;
      const event = eventId === null ? null : `event/${eventId}`;
      const refused = refuseBytes(token, event);
      if (refused !== null) return refused;
      if (token !== null) day.note(token, bytes);
      if (event !== null) day.note(event, bytes);
      if (eventId !== null) disk.note(eventId, bytes);
      return null;
    },
    giveBack: ({ tokenId }, eventId, bytes) => {
      if (tokenId !== null) day.note(`token/${tokenId}`, -bytes);
      day.note(`event/${eventId}`, -bytes);
      disk.note(eventId, -bytes);
    },
    diskBytes: disk.of,
    diskLimit: limits.eventDiskBytes,
    stop: async () => {
      disk.stop();
      await kept.stop();
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
