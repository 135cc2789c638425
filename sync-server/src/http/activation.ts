import { mapEpoch } from '@baton/schema/doc';
import type { MappingBody } from '@baton/schema/http';
import type { RaceId, StreamId } from '@baton/schema/ids';
import { type Pair, pairKey } from '@baton/schema/reads';
import type { Grant } from '../auth/grant.ts';
import { findRace, findStream } from '../auth/lookups.ts';
import type { StreamRow } from '../registry/registry.ts';
import type { HttpContext } from './context.ts';
import { json, type Reply, type Route, refuse, refused, route } from './route.ts';

/** Puts the mapping back as it was: the next epoch did not begin after all. */
const undoMapping = async (
  { setups, core }: HttpContext,
  by: Grant | null,
  stream: StreamRow,
  pair: Pair,
  raceId: RaceId | null,
): Promise<void> => {
  const undone = await setups.edit(stream.eventId, by, (doc) => mapEpoch(doc, pair, raceId));
  if (!undone.ok) core.journal.warn('a mapping of an epoch that did not begin stays', { ...pair });
};

/**
 * Begins the next epoch of a stream whose forwarder is attached; with a race, mapped to it. The mapping
 * goes first: whoever follows the race's current epochs then never sees the epoch without it.
 */
const beginNext = async (
  context: HttpContext,
  by: Grant | null,
  streamId: StreamId,
  race: RaceId | null,
): Promise<Reply> => {
  const { core, setups } = context;
  const stream = core.registry.stream(streamId);
  if (stream === undefined) return refuse('NOT_FOUND', 'there is no such stream');
  if (!core.nodes.isReached(stream.forwarderId, stream.eventId)) {
    return refuse('FORWARDER_OFFLINE', 'the stream’s forwarder is not attached; nothing was changed or queued');
  }
  const epoch = stream.currentEpoch + 1;
  const pair: Pair = { streamId, epoch };
  const before = (await setups.read(stream.eventId)).epochRaces.get(pairKey(streamId, epoch)) ?? null;
  if (race !== null) {
    const mapped = await setups.edit(stream.eventId, by, (doc) => mapEpoch(doc, pair, race));
    if (!mapped.ok) return refused(mapped.error);
  }
  // decided on the row as it is then: reads may have come while the mapping went to disk
  let moved = false;
  const stored = await core.registry.editStream(streamId, (now) => {
    moved = now.currentEpoch >= epoch;
    return moved ? null : { ...now, currentEpoch: epoch, commandedEpoch: epoch };
  });
  if (moved || !stored.ok) {
    if (race !== null) await undoMapping(context, by, stream, pair, before);
    if (!stored.ok) return refused(stored.error);
    return refuse('CONFLICT', 'the stream has moved to another epoch meanwhile; look and try again');
  }
  core.nodes.commandEpoch(streamId, epoch);
  const body: MappingBody = { streamId, epoch, raceId: race ?? before };
  return json(body);
};

/** One at a time for each stream: two calls give two epochs, never the same one twice. */
const beginNextInTurn = (
  context: HttpContext,
  by: Grant | null,
  streamId: StreamId,
  race: RaceId | null,
): Promise<Reply> => context.serial.run(`stream:${streamId}`, () => beginNext(context, by, streamId, race));

const activateNext = (context: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/races/:raceId/streams/:streamId/epochs/activate-next',
    action: 'stream.edit',
    run: async ({ grant, params }): Promise<Reply> => {
      const race = await findRace(context.core, grant, 'stream.edit', params['raceId']);
      if (!race.ok) return refused(race.error);
      const found = findStream(context.core, grant, 'stream.edit', params['streamId']);
      if (!found.ok) return refused(found.error);
      if (found.value.event.eventId !== race.value.event.eventId) {
        return refuse('NOT_FOUND', 'the race and the stream are not of one event');
      }
      return beginNextInTurn(context, grant, found.value.stream.streamId, race.value.race.raceId);
    },
  });

const resetEpoch = (context: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/streams/:streamId/reset-epoch',
    action: 'stream.edit',
    run: async ({ grant, params }): Promise<Reply> => {
      const found = findStream(context.core, grant, 'stream.edit', params['streamId']);
      return found.ok ? beginNextInTurn(context, grant, found.value.stream.streamId, null) : refused(found.error);
    },
  });

/** Beginning the next epoch of a stream. */
export const activationRoutes = (context: HttpContext): readonly Route[] => [
  activateNext(context),
  resetEpoch(context),
];
