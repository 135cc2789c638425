import { setForwarderRace } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import { PutRace } from '@baton/schema/http';
import type { NodeId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { parseNode, raceIn } from '../auth/lookups.ts';
import { type Action, decide } from '../auth/policy.ts';
import type { RelayCore } from '../relay-core.ts';
import type { EventRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { json, type Reply, type Route, refused, route } from './route.ts';

const isForwarderOf = ({ registry }: RelayCore, forwarderId: NodeId, { eventId }: EventRecord): boolean =>
  registry.streams(eventId).some((stream) => stream.forwarderId === forwarderId) ||
  registry
    .tokens()
    .some((token) => token.role === 'forwarder' && token.nodeId === forwarderId && token.eventId === eventId);

/** The event in which the forwarder works, among those the grant may do `action` in. */
const findForwarder = (
  core: RelayCore,
  grant: Grant | null,
  action: Action,
  text: unknown,
): Result<{ readonly forwarderId: NodeId; readonly event: EventRecord }, Refusal> => {
  const forwarderId = parseNode(text);
  if (!forwarderId.ok) return forwarderId;
  const event = core.registry
    .events()
    .filter((it) => decide(grant, action, { event: it }) === 'allowed')
    .find((it) => isForwarderOf(core, forwarderId.value, it));
  return event === undefined
    ? err(refusal('NOT_FOUND', 'there is no such forwarder'))
    : ok({ forwarderId: forwarderId.value, event });
};

const PATH = '/api/v1/forwarders/:forwarderId/race';

/** The hint "this forwarder stands at that race"; it maps nothing. */
export const forwarderRoutes = ({ core, setups }: HttpContext): readonly Route[] => [
  route({
    method: 'get',
    path: PATH,
    action: 'stream.read',
    run: async ({ grant, params }): Promise<Reply> => {
      const found = findForwarder(core, grant, 'stream.read', params['forwarderId']);
      if (!found.ok) return refused(found.error);
      const { forwarderId, event } = found.value;
      const { forwarderRaces } = await setups.read(event.eventId);
      return json({ forwarderId, raceId: forwarderRaces.get(forwarderId) ?? null });
    },
  }),
  route({
    method: 'put',
    path: PATH,
    action: 'stream.edit',
    body: PutRace,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const found = findForwarder(core, grant, 'stream.edit', params['forwarderId']);
      if (!found.ok) return refused(found.error);
      const { forwarderId, event } = found.value;
      const race = body.raceId === null ? ok(null) : raceIn(await setups.read(event.eventId), body.raceId);
      if (!race.ok) return refused(race.error);
      const raceId = race.value?.raceId ?? null;
      const edited = await setups.edit(event.eventId, grant, (doc) => setForwarderRace(doc, forwarderId, raceId));
      return edited.ok ? json({ forwarderId, raceId }) : refused(edited.error);
    },
  }),
];
