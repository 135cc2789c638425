import type { Setup } from '@baton/schema/doc';
import type { NodeHealth, StreamBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import type { ReadLog } from '../log/read-log.ts';
import type { Registry, StreamRow } from '../registry/registry.ts';
import type { Setups } from '../setup/setups.ts';
import type { Attachments } from './attachments.ts';
import type { NodePresence } from './node-presence.ts';

/** What a stream's body is made of. */
export interface StreamParts {
  readonly registry: Registry;
  readonly log: ReadLog;
  readonly nodes: NodePresence;
  readonly attachments: Attachments;
  readonly setups: Setups;
}

/** A forwarder without a session cannot be commanded: offline at once, whatever its last heartbeat said. */
const streamHealth = ({ nodes, attachments }: StreamParts, { forwarderId: nodeId, eventId }: StreamRow): NodeHealth =>
  nodes.isAttached(nodeId) ? attachments.health({ nodeId, eventId }) : 'offline';

const lastReadAt = ({ registry }: StreamParts, stream: StreamRow): number | null => {
  const times = registry.epochs(stream.streamId).flatMap((epoch) => epoch.lastReadAt ?? []);
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
};

/** A stream as members see it. */
export const streamBody = (parts: StreamParts, setup: Setup, stream: StreamRow): StreamBody => {
  const { streamId, currentEpoch: epoch } = stream;
  const { nodes, log } = parts;
  const reader = nodes.readerState(streamId);
  return {
    streamId,
    eventId: stream.eventId,
    forwarderId: stream.forwarderId,
    reader: stream.reader,
    label: setup.streamLabels.get(streamId) ?? null,
    pointId: setup.streamPoints.get(streamId) ?? null,
    epoch,
    epochName: setup.epochNames.get(pairKey(streamId, epoch)) ?? null,
    health: streamHealth(parts, stream),
    readerConnected: nodes.isAttached(stream.forwarderId) && reader?.connected === true,
    head: log.head({ streamId, epoch }),
    lastReadAt: lastReadAt(parts, stream),
    createdAt: stream.createdAt,
    counters: {
      accepted: stream.accepted,
      duplicates: stream.duplicates,
      conflicts: stream.conflicts,
      unparsable: reader?.unparsable ?? 0,
    },
  };
};

/** The streams of an event as members see them. */
export const streamsOf = async (parts: StreamParts, eventId: EventId): Promise<readonly StreamBody[]> => {
  const setup = await parts.setups.read(eventId);
  return parts.registry.streams(eventId).map((stream) => streamBody(parts, setup, stream));
};
