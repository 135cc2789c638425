import { labelStream, placeStream, removeStream, type Setup } from '@baton/schema/doc';
import { type NodeHealth, PatchStream, type StreamBody } from '@baton/schema/http';
import type { EventId, PointId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { z } from 'zod';
import { decide } from '../auth/policy.ts';
import type { Grant, RelayCore, StreamRow } from '../relay-core.ts';
import type { HttpContext } from './context.ts';
import { findEvent, findStream } from './lookups.ts';
import { json, noContent, type Reply, type Route, refuse, refused, route } from './route.ts';
import type { Setups } from './setups.ts';

/** A forwarder without a session cannot be commanded: offline at once, whatever its last heartbeat said. */
/** What a stream's body is made of. */
export interface StreamParts {
  readonly core: Pick<RelayCore, 'registry' | 'log' | 'nodes' | 'attachments'>;
  readonly setups: Setups;
}

const streamHealth = ({ core }: StreamParts, { forwarderId: nodeId, eventId }: StreamRow): NodeHealth =>
  core.nodes.isAttached(nodeId) ? core.attachments.health({ nodeId, eventId }) : 'offline';

const lastReadAt = ({ core }: StreamParts, stream: StreamRow): number | null => {
  const times = core.registry.epochs(stream.streamId).flatMap((epoch) => epoch.lastReadAt ?? []);
  return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
};

const bodyOf = (context: StreamParts, setup: Setup, stream: StreamRow): StreamBody => {
  const { streamId, currentEpoch: epoch } = stream;
  const { nodes, log } = context.core;
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
    health: streamHealth(context, stream),
    readerConnected: nodes.isAttached(stream.forwarderId) && reader?.connected === true,
    head: log.head({ streamId, epoch }),
    lastReadAt: lastReadAt(context, stream),
    createdAt: stream.createdAt,
    counters: {
      accepted: stream.accepted,
      duplicates: stream.duplicates,
      conflicts: stream.conflicts,
      unparsable: reader?.unparsable ?? 0,
    },
  };
};

export const streamsOf = async (context: StreamParts, eventId: EventId): Promise<readonly StreamBody[]> => {
  const setup = await context.setups.read(eventId);
  return context.core.registry.streams(eventId).map((stream) => bodyOf(context, setup, stream));
};

/** The named event, or every event whose streams the grant may see. */
const eventsFor = ({ core }: HttpContext, grant: Grant | null, eventId: string | undefined) => {
  if (eventId !== undefined) {
    const found = findEvent(core, grant, 'stream.read', eventId);
    return found.ok ? [found.value] : found.error;
  }
  return core.registry.events().filter((event) => decide(grant, 'stream.read', { event }) === 'allowed');
};

const listStreams = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/streams',
    action: 'stream.read',
    query: z.object({ eventId: z.string().optional() }),
    run: async ({ grant, query }) => {
      const events = eventsFor(context, grant, query.eventId);
      if ('code' in events) return refused(events);
      const streams = await Promise.all(events.map((event) => streamsOf(context, event.eventId)));
      return json({ streams: streams.flat().sort((a, b) => (a.streamId < b.streamId ? -1 : 1)) });
    },
  });

const hasPoint = (setup: Setup, pointId: PointId): boolean =>
  [...setup.races.values()].some((race) => race.points.some((point) => point.pointId === pointId));

const patchStream = (context: HttpContext): Route =>
  route({
    method: 'patch',
    path: '/api/v1/streams/:streamId',
    action: 'stream.edit',
    body: PatchStream,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const found = findStream(context.core, grant, 'stream.edit', params['streamId']);
      if (!found.ok) return refused(found.error);
      const { streamId, eventId } = found.value.stream;
      const { label, pointId } = body;
      if (pointId != null && !hasPoint(await context.setups.read(eventId), pointId)) {
        return refuse('NOT_FOUND', 'no race of this event has such a point');
      }
      const edited = await context.setups.edit(eventId, grant, (doc) => {
        if (label !== undefined) labelStream(doc, streamId, label);
        if (pointId !== undefined) placeStream(doc, streamId, pointId);
      });
      if (!edited.ok) return refused(edited.error);
      return json(bodyOf(context, await context.setups.read(eventId), found.value.stream));
    },
  });

const deleteStream = (context: HttpContext): Route =>
  route({
    method: 'delete',
    path: '/api/v1/streams/:streamId',
    action: 'stream.edit',
    run: async ({ grant, params }): Promise<Reply> => {
      const { core } = context;
      const found = findStream(core, grant, 'stream.edit', params['streamId']);
      if (!found.ok) return refused(found.error);
      const { streamId, eventId, forwarderId } = found.value.stream;
      if (core.nodes.isAttached(forwarderId)) {
        return refuse('CONFLICT', 'the stream’s forwarder is attached; stop it first');
      }
      const edited = await context.setups.edit(eventId, grant, (doc) => removeStream(doc, streamId));
      return edited.ok ? noContent : refused(edited.error);
    },
  });

/** Streams: one reader of one forwarder each. */
export const streamRoutes = (context: HttpContext): readonly Route[] => [
  listStreams(context),
  patchStream(context),
  deleteStream(context),
];
