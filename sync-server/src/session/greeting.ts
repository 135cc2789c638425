import { type Refusal, refusal } from '@baton/schema/errors';
import { type EventId, type NodeId, type StreamId, streamIdOf } from '@baton/schema/ids';
import {
  type HelloMessage,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  type WelcomeMessage,
} from '@baton/schema/protocol';
import { clockToJson, type PairKey, pairKey } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { Change } from '../storage/store.ts';

/** What a hello asks for, once it is allowed. */
export interface Greeting {
  readonly nodeId: NodeId | null;
  /** Streams that this hello brings into being. */
  readonly changes: readonly Change[];
  /** The node's streams in the order of its readers. */
  readonly streams: readonly { readonly reader: string; readonly streamId: StreamId }[];
}

const nodeOf = (grant: Grant, hello: HelloMessage): Result<NodeId | null, Refusal> => {
  if (grant.nodeId !== null) {
    if (hello.nodeId === grant.nodeId) return ok(grant.nodeId);
    return err(refusal('FORBIDDEN', 'this token belongs to another node', { expected: { nodeId: grant.nodeId } }));
  }
  if (hello.nodeId === undefined) return ok(null);
  if (grant.role === 'viewer') return err(refusal('FORBIDDEN', 'a viewer attaches no node; leave nodeId out'));
  return ok(hello.nodeId);
};

/** A forwarder's readers as streams, and what brings those into being that are new. */
export interface ReaderStreams {
  readonly streams: readonly { readonly reader: string; readonly streamId: StreamId }[];
  readonly changes: readonly Change[];
}

/**
 * Which streams a forwarder's readers are. A stream keeps its reader's name as it was first spelled: two names that
 * come to one id (`Tor ä`, `Tor ö`) would be two writers of one stream, so the second is refused.
 */
export const decideStreams = (
  node: { readonly nodeId: NodeId; readonly eventId: EventId },
  readers: readonly string[],
  registry: Pick<Registry, 'stream'>,
  now: number,
): Result<ReaderStreams, Refusal> => {
  const { nodeId, eventId } = node;
  const names = new Map<StreamId, string>();
  const changes: Change[] = [];
  for (const reader of readers) {
    const streamId = streamIdOf(nodeId, reader);
    const known = registry.stream(streamId);
    if (known !== undefined && (known.forwarderId !== nodeId || known.eventId !== eventId)) {
      return err(
        refusal(
          'CONFLICT',
          `stream ${streamId} belongs to another forwarder or event; use another node id here, or rename the reader`,
        ),
      );
    }
    const name = names.get(streamId) ?? known?.reader ?? reader;
    if (name !== reader) {
      return err(refusal('CONFLICT', `readers "${name}" and "${reader}" would both be stream ${streamId}; rename one`));
    }
    if (known === undefined && !names.has(streamId)) {
      const stream = { streamId, eventId, forwarderId: nodeId, reader, currentEpoch: 1, commandedEpoch: null };
      changes.push({ type: 'putStream', stream: { ...stream, createdAt: now } });
    }
    names.set(streamId, reader);
  }
  return ok({ streams: [...names].map(([streamId, reader]) => ({ streamId, reader })), changes });
};

/** Decides about a hello; changes nothing. */
export const decideGreeting = (
  grant: Grant,
  hello: HelloMessage,
  registry: Pick<Registry, 'event' | 'stream'>,
  now: number,
): Result<Greeting, Refusal> => {
  if (hello.protocol < OLDEST_PROTOCOL_VERSION || hello.protocol > PROTOCOL_VERSION) {
    const details = { supported: { min: OLDEST_PROTOCOL_VERSION, max: PROTOCOL_VERSION } };
    return err(
      refusal('UNSUPPORTED_VERSION', `expected protocol ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}`, details),
    );
  }
  if (grant.eventId !== null && grant.eventId !== hello.eventId) {
    return err(refusal('FORBIDDEN', 'this token belongs to another event'));
  }
  if (registry.event(hello.eventId) === undefined) return err(refusal('NOT_FOUND', 'there is no such event'));
  const node = nodeOf(grant, hello);
  if (!node.ok) return node;
  if (hello.readers.length > 0 && (node.value === null || (grant.role !== 'forwarder' && grant.role !== 'admin'))) {
    return err(refusal('FORBIDDEN', 'only a forwarder has readers'));
  }
  if (node.value === null) return ok({ nodeId: null, changes: [], streams: [] });
  const { eventId, readers } = hello;
  const decided = decideStreams({ nodeId: node.value, eventId }, readers, registry, now);
  return decided.ok ? ok({ nodeId: node.value, ...decided.value }) : decided;
};

/** Heads of every epoch of these streams: from where a journal goes on. */
export const headsOf = (
  streams: readonly { readonly streamId: StreamId }[],
  registry: Pick<Registry, 'epochs'>,
): WelcomeMessage['heads'] => {
  const heads = new Map<PairKey, number>();
  for (const { streamId } of streams) {
    for (const it of registry.epochs(streamId)) heads.set(pairKey(streamId, it.epoch), it.head);
  }
  return clockToJson(heads);
};

/** Commands that the forwarder's journal has not confirmed yet. */
export const pendingCommands = (rows: readonly StreamRow[]): readonly { streamId: StreamId; epoch: number }[] =>
  rows.flatMap((row) => (row.commandedEpoch === null ? [] : [{ streamId: row.streamId, epoch: row.commandedEpoch }]));
