import { mapEpoch, nameEpoch, type Setup } from '@baton/schema/doc';
import type { Refusal } from '@baton/schema/errors';
import { CHUNK_READS, type EpochBody, PutName, PutRace } from '@baton/schema/http';
import { pairFromKey, pairKey } from '@baton/schema/reads';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { type FoundStream, findStream, parseEpoch, raceIn } from '../auth/lookups.ts';
import type { StreamRow } from '../registry/registry.ts';
import type { HttpContext } from './context.ts';
import { json, type Reply, type Route, refused, route } from './route.ts';

/** Every epoch with reads, and every one that is mapped without. */
const epochsToTell = ({ core }: HttpContext, setup: Setup, { streamId }: StreamRow): readonly number[] => {
  const withReads = core.registry.epochs(streamId).flatMap((it) => (it.head > 0 ? it.epoch : []));
  const mapped = [...setup.epochRaces.keys()].flatMap((key) => {
    const pair = pairFromKey(key);
    return pair?.streamId === streamId ? pair.epoch : [];
  });
  return [...new Set([...withReads, ...mapped])].sort((a, b) => a - b);
};

const bodyOf = ({ core }: HttpContext, setup: Setup, stream: StreamRow, epoch: number): EpochBody => {
  const record = core.registry.epoch({ streamId: stream.streamId, epoch });
  const key = pairKey(stream.streamId, epoch);
  return {
    epoch,
    name: setup.epochNames.get(key) ?? null,
    readCount: record?.head ?? 0,
    firstReadAt: record?.firstReadAt ?? null,
    lastReadAt: record?.lastReadAt ?? null,
    isCurrent: epoch === stream.currentEpoch,
    raceId: setup.epochRaces.get(key) ?? null,
    sealed: record?.sealed ?? false,
    hash: record?.hash ?? null,
    chunkSize: CHUNK_READS,
  };
};

const listEpochs = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/streams/:streamId/epochs',
    action: 'stream.read',
    run: async ({ grant, params }) => {
      const found = findStream(context.core, grant, 'stream.read', params['streamId']);
      if (!found.ok) return refused(found.error);
      const { stream } = found.value;
      const setup = await context.setups.read(stream.eventId);
      return json(epochsToTell(context, setup, stream).map((epoch) => bodyOf(context, setup, stream, epoch)));
    },
  });

const findEpoch = (
  { core }: HttpContext,
  grant: Grant | null,
  params: Readonly<Record<string, string>>,
): Result<FoundStream & { readonly epoch: number }, Refusal> => {
  const found = findStream(core, grant, 'stream.edit', params['streamId']);
  if (!found.ok) return found;
  const epoch = parseEpoch(params['epoch']);
  return epoch.ok ? ok({ ...found.value, epoch: epoch.value }) : err(epoch.error);
};

const putEpochRace = (context: HttpContext): Route =>
  route({
    method: 'put',
    path: '/api/v1/streams/:streamId/epochs/:epoch/race',
    action: 'stream.edit',
    body: PutRace,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const found = findEpoch(context, grant, params);
      if (!found.ok) return refused(found.error);
      const { streamId, eventId } = found.value.stream;
      const { epoch } = found.value;
      const race = body.raceId === null ? ok(null) : raceIn(await context.setups.read(eventId), body.raceId);
      if (!race.ok) return refused(race.error);
      const raceId = race.value?.raceId ?? null;
      const edited = await context.setups.edit(eventId, grant, (doc) => mapEpoch(doc, { streamId, epoch }, raceId));
      return edited.ok ? json({ streamId, epoch, raceId }) : refused(edited.error);
    },
  });

const putEpochName = (context: HttpContext): Route =>
  route({
    method: 'put',
    path: '/api/v1/streams/:streamId/epochs/:epoch/name',
    action: 'stream.edit',
    body: PutName,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const found = findEpoch(context, grant, params);
      if (!found.ok) return refused(found.error);
      const { streamId, eventId } = found.value.stream;
      const { epoch } = found.value;
      const edited = await context.setups.edit(eventId, grant, (doc) => nameEpoch(doc, { streamId, epoch }, body.name));
      return edited.ok ? json({ streamId, epoch, name: body.name }) : refused(edited.error);
    },
  });

/** Epochs: what was read in them, what they are called, which race they belong to. */
export const epochRoutes = (context: HttpContext): readonly Route[] => [
  listEpochs(context),
  putEpochRace(context),
  putEpochName(context),
];
