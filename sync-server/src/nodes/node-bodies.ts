import type { NodeBody, NodeReader } from '@baton/schema/http';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { Attachments, NodeView } from './attachments.ts';
import type { NodePresence } from './node-presence.ts';

/** What a node's body is made of. */
export interface NodeParts {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly nodes: NodePresence;
  readonly attachments: Attachments;
}

const readerOf = ({ registry, nodes, log }: NodeParts, stream: StreamRow): NodeReader => {
  const { streamId, reader, currentEpoch: epoch, forwarderId } = stream;
  const state = nodes.readerState(streamId);
  const lastReads = registry.epochs(streamId).flatMap((it) => it.lastReadAt ?? []);
  return {
    streamId,
    reader,
    connected: nodes.isAttached(forwarderId) && state?.connected === true,
    lastLineAt: state?.lastLineAt ?? null,
    linesPerSecond: state?.linesPerSecond ?? 0,
    unparsable: state?.unparsable ?? 0,
    conflicts: stream.conflicts,
    clockOffsetMs: state?.clockOffsetMs ?? null,
    backlog: Math.max(0, (state?.journalHead ?? 0) - log.head({ streamId, epoch })),
    lastReadAt: lastReads.length === 0 ? null : lastReads.reduce((a, b) => Math.max(a, b)),
  };
};

const bodyOf = (parts: NodeParts, node: NodeView, connected: boolean, streams: readonly StreamRow[]): NodeBody => {
  const { count, lastAt } = parts.nodes.takeovers(node.nodeId);
  return {
    nodeId: node.nodeId,
    role: node.role,
    label: node.label,
    state: node.state,
    health: node.health,
    clientVersion: node.clientVersion,
    readOnly: node.readOnly,
    capabilities: node.capabilities,
    attachedAt: node.attachedAt,
    lastHeartbeatAt: node.lastHeartbeatAt,
    detached: node.standing === 'detached',
    connected,
    takeovers: count,
    lastTakeoverAt: lastAt,
    skewMs: node.skewMs,
    readers: streams.map((stream) => readerOf(parts, stream)),
  };
};

const streamsByNode = ({ registry }: NodeParts, eventId: EventId): ReadonlyMap<NodeId, readonly StreamRow[]> => {
  const streams = new Map<NodeId, StreamRow[]>();
  for (const stream of registry.streams(eventId)) {
    const own = streams.get(stream.forwarderId);
    if (own === undefined) streams.set(stream.forwarderId, [stream]);
    else own.push(stream);
  }
  return streams;
};

/** The nodes of an event as members see them, by id. */
export const nodesOf = (parts: NodeParts, eventId: EventId): readonly NodeBody[] => {
  const streams = streamsByNode(parts, eventId);
  const connected = new Set(parts.nodes.nodes(eventId).map((it) => it.nodeId));
  return parts.attachments
    .nodes(eventId)
    .map((node) => bodyOf(parts, node, connected.has(node.nodeId), streams.get(node.nodeId) ?? []))
    .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
};
