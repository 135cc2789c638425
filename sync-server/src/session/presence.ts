import type { Refusal } from '@baton/schema/errors';
import { type EventId, type NodeId, type StreamId, streamIdOf } from '@baton/schema/ids';
import type { ReaderStatus } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import type { AttachedNode, NodePresence, ReaderState, Takeovers } from '../nodes/node-presence.ts';

/** One open session, as the rest of the relay may act on it. */
export interface SessionHandle {
  readonly sessionId: string;
  readonly grant: Grant;
  readonly commandEpoch: (streamId: StreamId, epoch: number) => void;
  /** A newer session of the node took over: nothing more is taken or acked, the socket closes 4409. */
  readonly fence: () => void;
  /** The node was detached (no reason) or shut out by somebody else: the session ends. */
  readonly dismiss: (why: Refusal | null) => void;
}

export interface PresenceEntry extends AttachedNode {
  readonly session: SessionHandle;
}

/** Open sessions by node. One session a node: the newest wins. */
export interface Presence extends NodePresence {
  readonly attach: (entry: PresenceEntry) => void;
  readonly heartbeat: (nodeId: NodeId, at: number, readers: readonly ReaderStatus[] | undefined) => void;
  readonly select: (nodeId: NodeId, raceId: string | null) => void;
  /** A link says which forwarders are attached at its other end. */
  readonly carry: (handle: SessionHandle, eventId: EventId, forwarders: readonly NodeId[]) => void;
  readonly close: (handle: SessionHandle) => void;
}

const NO_TAKEOVERS: Takeovers = { count: 0, lastAt: null };

export const createPresence = (deps: {
  /** The node and event a stream belongs to. Ids alone do not tell: node ids may contain dots. */
  readonly streamOf: (streamId: StreamId) => { readonly forwarderId: NodeId; readonly eventId: EventId } | undefined;
}): Presence => {
  const nodes = new Map<NodeId, PresenceEntry>();
  const attached = new Map<SessionHandle, NodeId>();
  const readers = new Map<StreamId, ReaderState>();
  const streamsOfNode = new Map<NodeId, Set<StreamId>>();
  const takeovers = new Map<NodeId, Takeovers>();
  const linkListeners = new Set<(eventId: EventId) => void>();
  const carriers = new Map<SessionHandle, { readonly eventId: EventId; readonly forwarders: ReadonlySet<NodeId> }>();

  /** A session that was open when another came: two devices may be using one identity. */
  const fence = (nodeId: NodeId, older: SessionHandle, at: number): void => {
    takeovers.set(nodeId, { count: (takeovers.get(nodeId)?.count ?? 0) + 1, lastAt: at });
    older.fence();
  };

  const rememberReaders = (nodeId: NodeId, statuses: readonly ReaderStatus[]): void => {
    const own = streamsOfNode.get(nodeId) ?? new Set<StreamId>();
    streamsOfNode.set(nodeId, own);
    for (const status of statuses) {
      const streamId = streamIdOf(nodeId, status.reader);
      if (deps.streamOf(streamId)?.forwarderId !== nodeId) continue;
      own.add(streamId);
      readers.set(streamId, {
        connected: status.connected,
        lastLineAt: status.lastLineAt,
        linesPerSecond: status.linesPerSecond,
        clockOffsetMs: status.clockOffsetMs,
        unparsable: status.unparsable,
        journalHead: status.journalHead,
      });
    }
  };

  /** The session through which a forwarder is spoken to: its own, else that of a link to where it is attached. */
  const wayTo = (nodeId: NodeId, eventId: EventId): SessionHandle | undefined => {
    const own = nodes.get(nodeId);
    if (own !== undefined) return own.session;
    for (const [handle, carried] of carriers) {
      if (carried.eventId === eventId && carried.forwarders.has(nodeId)) return handle;
    }
    return undefined;
  };

  return {
    attach: (entry) => {
      const older = nodes.get(entry.nodeId);
      nodes.set(entry.nodeId, entry);
      attached.set(entry.session, entry.nodeId);
      if (older !== undefined && older.session !== entry.session) {
        fence(entry.nodeId, older.session, entry.attachedAt);
      }
    },
    heartbeat: (nodeId, at, statuses) => {
      const entry = nodes.get(nodeId);
      if (entry !== undefined) nodes.set(nodeId, { ...entry, lastHeartbeatAt: at });
      if (statuses !== undefined) rememberReaders(nodeId, statuses);
    },
    select: (nodeId, raceId) => {
      const entry = nodes.get(nodeId);
      if (entry !== undefined) nodes.set(nodeId, { ...entry, selectedRaceId: raceId });
    },
    carry: (handle, eventId, forwarders) => {
      const isNew = !carriers.has(handle);
      carriers.set(handle, { eventId, forwarders: new Set(forwarders) });
      if (isNew) for (const listener of linkListeners) listener(eventId);
    },
    onLinks: (listener) => {
      linkListeners.add(listener);
      return () => linkListeners.delete(listener);
    },
    close: (handle) => {
      const carried = carriers.get(handle);
      carriers.delete(handle);
      const nodeId = attached.get(handle);
      attached.delete(handle);
      if (nodeId === undefined || nodes.get(nodeId)?.session !== handle) return;
      nodes.delete(nodeId);
      if (carried !== undefined) for (const listener of linkListeners) listener(carried.eventId);
      for (const streamId of streamsOfNode.get(nodeId) ?? []) {
        const state = readers.get(streamId);
        if (state !== undefined) readers.set(streamId, { ...state, connected: false });
      }
    },
    isAttached: (nodeId) => nodes.has(nodeId),
    isReached: (nodeId, eventId) => wayTo(nodeId, eventId) !== undefined,
    takeovers: (nodeId) => takeovers.get(nodeId) ?? NO_TAKEOVERS,
    fence: (nodeId, at) => {
      const older = nodes.get(nodeId);
      if (older !== undefined) fence(nodeId, older.session, at);
    },
    dismiss: (nodeId, eventId, why) => {
      const entry = nodes.get(nodeId);
      if (entry?.eventId === eventId) entry.session.dismiss(why);
    },
    nodes: (eventId: EventId) => [...nodes.values()].filter((it) => it.eventId === eventId),
    readerState: (streamId) => readers.get(streamId),
    commandEpoch: (streamId, epoch) => {
      const stream = deps.streamOf(streamId);
      const session = stream === undefined ? undefined : wayTo(stream.forwarderId, stream.eventId);
      session?.commandEpoch(streamId, epoch);
      return session !== undefined;
    },
  };
};
