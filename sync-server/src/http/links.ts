import type { Refusal } from '@baton/schema/errors';
import { refusal } from '@baton/schema/errors';
import type { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { AnnounceStreams } from '@baton/schema/protocol';
import { err, ok, type Result } from '@baton/schema/result';
import { findEvent, findStream, parseEpoch } from '../auth/lookups.ts';
import type { StreamRow } from '../registry/registry.ts';
import { decideStreams } from '../session/greeting.ts';
import { refuseEpoch } from '../session/push.ts';
import type { Change } from '../storage/store.ts';
import type { HttpContext } from './context.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

interface Announced {
  readonly forwarderId: NodeId;
  readonly reader: string;
  readonly streamId: StreamId;
}

const readersByForwarder = (announced: readonly { readonly forwarderId: NodeId; readonly reader: string }[]) => {
  const readers = new Map<NodeId, string[]>();
  for (const { forwarderId, reader } of announced) {
    readers.set(forwarderId, [...(readers.get(forwarderId) ?? []), reader]);
  }
  return readers;
};

/** All of them or none: what one forwarder's hello would be refused for, is refused here. */
const decideAnnounced = (
  { core }: HttpContext,
  eventId: EventId,
  wanted: ReturnType<typeof readersByForwarder>,
): Result<{ readonly changes: readonly Change[]; readonly streams: readonly Announced[] }, Refusal> => {
  const changes: Change[] = [];
  const streams: Announced[] = [];
  for (const [forwarderId, readers] of wanted) {
    const decided = decideStreams({ nodeId: forwarderId, eventId }, readers, core.registry, core.clock.now());
    if (!decided.ok) return err(decided.error);
    changes.push(...decided.value.changes);
    streams.push(...decided.value.streams.map((it) => ({ forwarderId, ...it })));
  }
  return ok({ changes, streams });
};

const announce = (context: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/events/:eventId/streams',
    action: 'stream.edit',
    body: AnnounceStreams,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const { core } = context;
      const event = findEvent(core, grant, 'stream.edit', params['eventId']);
      if (!event.ok) return refused(event.error);
      const decided = decideAnnounced(context, event.value.eventId, readersByForwarder(body.streams));
      if (!decided.ok) return refused(decided.error);
      const { changes, streams } = decided.value;
      const stored = changes.length === 0 ? ok(undefined) : await core.registry.change(changes);
      return stored.ok ? json({ streams }) : refused(stored.error);
    },
  });

const OFFLINE = refusal('FORWARDER_OFFLINE', 'the stream’s forwarder is not attached here; nothing was changed');

/**
 * The forwarder is told to open just this epoch, unless it has opened it or a later one. Kept and repeated like any command, so
 * who asked has nothing more to do.
 */
const openEpoch = async ({ core }: HttpContext, stream: StreamRow, epoch: number): Promise<Reply> => {
  const { streamId, forwarderId } = stream;
  if (stream.currentEpoch >= epoch) return json({ streamId, epoch: stream.currentEpoch });
  const far = refuseEpoch(stream, epoch);
  if (far !== null) return refused(far);
  if (!core.nodes.isAttached(forwarderId)) return refused(OFFLINE);
  const stored = await core.registry.editStream(streamId, (now) =>
    now.currentEpoch >= epoch ? null : { ...now, currentEpoch: epoch, commandedEpoch: epoch },
  );
  if (!stored.ok) return refused(stored.error);
  const now = core.registry.stream(streamId);
  if (now === undefined) return refuse('NOT_FOUND', 'the stream was deleted');
  if (now.commandedEpoch === epoch) core.nodes.commandEpoch(streamId, epoch);
  return json({ streamId, epoch: now.currentEpoch });
};

/** Begins an epoch by its number, where `activate-next` counts: so that an operator's command at another relay is followed here. */
const open = (context: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/streams/:streamId/epochs/:epoch/open',
    action: 'stream.edit',
    run: async ({ grant, params }): Promise<Reply> => {
      const found = findStream(context.core, grant, 'stream.edit', params['streamId']);
      if (!found.ok) return refused(found.error);
      const epoch = parseEpoch(params['epoch']);
      if (!epoch.ok) return refused(epoch.error);
      const { stream } = found.value;
      return context.serial.run(`stream:${stream.streamId}`, () => openEpoch(context, stream, epoch.value));
    },
  });

/** What a link between two relays needs of each. */
export const linkRoutes = (context: HttpContext): readonly Route[] => [announce(context), open(context)];
