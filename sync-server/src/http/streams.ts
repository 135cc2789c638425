import { labelStream, placeStream, removeStream, type Setup } from '@baton/schema/doc';
import { PatchStream } from '@baton/schema/http';
import type { PointId } from '@baton/schema/ids';
import { z } from 'zod';
import type { Grant } from '../auth/grant.ts';
import { findEvent, findStream } from '../auth/lookups.ts';
import { decide } from '../auth/policy.ts';
import { streamBody, streamsOf } from '../nodes/stream-bodies.ts';
import type { HttpContext } from './context.ts';
import { json, noContent, type Reply, type Route, refuse, refused, route } from './route.ts';

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
      const streams = await Promise.all(events.map((event) => streamsOf(context.core, event.eventId)));
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
      return json(streamBody(context.core, await context.setups.read(eventId), found.value.stream));
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
