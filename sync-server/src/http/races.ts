import { deleteRace, patchRace, putRace } from '@baton/schema/doc';
import { CreateRace, PatchRace, type RaceBody } from '@baton/schema/http';
import { type EventId, RaceId } from '@baton/schema/ids';
import { comparePairs, pairFromKey } from '@baton/schema/reads';
import { allowed, findEvent, findFrozenRace, findRace } from '../auth/lookups.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { created, json, noContent, type Route, refuse, refused, route } from './route.ts';

/** A race as a setup has it, or as it was frozen. */
type ShownRace = Pick<RaceBody, 'raceId' | 'name' | 'startAt'> & {
  readonly points: readonly RaceBody['points'][number][];
  readonly categories: readonly RaceBody['categories'][number][];
};

const bodyOf = (eventId: EventId, race: ShownRace): RaceBody => ({
  raceId: race.raceId,
  eventId,
  name: race.name,
  startAt: race.startAt,
  points: [...race.points],
  categories: [...race.categories],
});

/** The races of an event whose results are official, as they were then; null: those of its setup count. */
const frozenRaces = async (
  { spectators }: HttpContext['core'],
  event: EventRecord,
): Promise<readonly ShownRace[] | null> => (event.status === 'official' ? spectators.frozenRaces(event.eventId) : null);

const createRace = ({ core, setups }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/events/:eventId/races',
    action: 'race.edit',
    body: CreateRace,
    run: async ({ grant, params, body }) => {
      const event = findEvent(core, grant, 'race.edit', params['eventId']);
      if (!event.ok) return refused(event.error);
      const { eventId } = event.value;
      const raceId = RaceId.parse(core.ids.uuid());
      const edited = await setups.edit(eventId, grant, (doc) => putRace(doc, { ...body, raceId }));
      if (!edited.ok) return refused(edited.error);
      const race = (await setups.read(eventId)).races.get(raceId);
      return race === undefined ? refuse('CONFLICT', 'the race was deleted meanwhile') : created(bodyOf(eventId, race));
    },
  });

const listRaces = ({ core, setups }: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/races',
    action: 'event.read',
    run: async ({ grant, params }) => {
      const event = findEvent(core, grant, 'event.read', params['eventId']);
      if (!event.ok) return refused(event.error);
      const { eventId } = event.value;
      const frozen = await frozenRaces(core, event.value);
      const races: readonly ShownRace[] = frozen ?? [...(await setups.read(eventId)).races.values()];
      return json({ races: races.map((race) => bodyOf(eventId, race)) });
    },
  });

const patchOneRace = (context: HttpContext): Route =>
  route({
    method: 'patch',
    path: '/api/v1/races/:raceId',
    action: 'race.edit',
    body: PatchRace,
    run: async ({ grant, params, body }) => {
      const found = await findRace(context.core, grant, 'race.edit', params['raceId']);
      if (!found.ok) return refused(found.error);
      const { eventId } = found.value.event;
      const { raceId } = found.value.race;
      const edited = await context.setups.edit(eventId, grant, (doc) => {
        patchRace(doc, raceId, body);
      });
      if (!edited.ok) return refused(edited.error);
      const race = (await context.setups.read(eventId)).races.get(raceId);
      return race === undefined ? refuse('NOT_FOUND', 'there is no such race') : json(bodyOf(eventId, race));
    },
  });

/** Whether a receiver that is attached now has selected the race; ids come in any letter case. */
const isSelected = ({ core }: HttpContext, eventId: EventId, raceId: RaceId): boolean =>
  core.nodes
    .nodes(eventId)
    .some((node) => node.selectedRaceId !== null && RaceId.safeParse(node.selectedRaceId).data === raceId);

const deleteOneRace = (context: HttpContext): Route =>
  route({
    method: 'delete',
    path: '/api/v1/races/:raceId',
    action: 'race.edit',
    run: async ({ grant, params }) => {
      const found = await findRace(context.core, grant, 'race.edit', params['raceId']);
      if (!found.ok) return refused(found.error);
      const { eventId } = found.value.event;
      const { raceId } = found.value.race;
      if (isSelected(context, eventId, raceId)) {
        return refuse('CONFLICT', 'a receiver that is attached has selected this race; let it select another first');
      }
      const edited = await context.setups.edit(eventId, grant, (doc) => {
        deleteRace(doc, raceId);
      });
      return edited.ok ? noContent : refused(edited.error);
    },
  });

const listMappings = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/races/:raceId/stream-epochs',
    action: 'stream.read',
    run: async ({ grant, params }) => {
      const found = await findRace(context.core, grant, 'stream.read', params['raceId']);
      if (!found.ok) return refused(found.error);
      const { raceId } = found.value.race;
      const { epochRaces } = await context.setups.read(found.value.event.eventId);
      const pairs = [...epochRaces].flatMap(([key, mapped]) => (mapped === raceId ? (pairFromKey(key) ?? []) : []));
      return json({ mappings: pairs.sort(comparePairs).map((pair) => ({ ...pair, raceId })) });
    },
  });

/** Races live in the setup document; these are the relay's own edits of it. */
export const raceRoutes = (context: HttpContext): readonly Route[] => [
  createRace(context),
  listRaces(context),
  route({
    method: 'get',
    path: '/api/v1/races/:raceId',
    action: 'event.read',
    run: async ({ grant, params }) => {
      const frozen = await findFrozenRace(context.core, grant, params['raceId']);
      if (frozen !== null) return json(bodyOf(frozen.event.eventId, frozen.race));
      const found = await findRace(context.core, grant, 'event.read', params['raceId']);
      if (!found.ok) return refused(found.error);
      const { event, race } = found.value;
      const isPublic = (await frozenRaces(context.core, event)) === null;
      // one that came after the results were official is only who set it up to see
      if (!isPublic && !allowed(grant, 'race.edit', event).ok) return refuse('NOT_FOUND', 'there is no such race');
      return json(bodyOf(event.eventId, race));
    },
  }),
  patchOneRace(context),
  deleteOneRace(context),
  listMappings(context),
];
