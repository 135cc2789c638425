import type { Refusal } from '@baton/schema/errors';
import { CreateEvent, type EventBody, PatchEvent, PatchStatus, PutVersionFloor, TRANSITIONS } from '@baton/schema/http';
import { EventId } from '@baton/schema/ids';
import type { Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { findEvent } from '../auth/lookups.ts';
import { isPublished } from '../auth/policy.ts';
import { compareVersions } from '../nodes/version-floor.ts';
import type { EventRecord } from '../storage/records.ts';
import type { Change } from '../storage/store.ts';
import type { HttpContext } from './context.ts';
import { answer, created, json, noContent, type Reply, type Route, refuse, refused, route } from './route.ts';

const bodyOf = (event: EventRecord): EventBody => ({
  eventId: event.eventId,
  title: event.title,
  date: event.date,
  timezone: event.timezone,
  location: event.location,
  status: event.status,
  statusChangedAt: event.statusChangedAt,
  minClientVersion: event.minClientVersion,
  createdAt: event.createdAt,
});

const isListed = (grant: Grant | null, event: EventRecord): boolean =>
  isPublished(event) || grant?.role === 'admin' || grant?.eventId === event.eventId;

const newestFirst = (a: EventRecord, b: EventRecord): number =>
  a.date === b.date ? b.createdAt - a.createdAt : a.date < b.date ? 1 : -1;

interface EventChange {
  readonly next: EventRecord;
  readonly reply: Reply;
  /** Left out: the record alone. */
  readonly store?: (next: EventRecord) => Promise<Result<void, Refusal>>;
}

/** Changes an event's record, one request after another: what is decided holds when it is stored. */
const changeEvent = (
  { core, serial }: HttpContext,
  grant: Grant | null,
  text: unknown,
  change: (event: EventRecord) => EventChange | Reply,
): Promise<Reply> => {
  const found = findEvent(core, grant, 'event.edit', text);
  if (!found.ok) return Promise.resolve(refused(found.error));
  return serial.run(`event:${found.value.eventId}`, async () => {
    const now = findEvent(core, grant, 'event.edit', text);
    if (!now.ok) return refused(now.error);
    const changed = change(now.value);
    if (!('next' in changed)) return changed;
    const { next, reply } = changed;
    const stored = await (changed.store?.(next) ?? core.registry.change([{ type: 'putEvent', event: next }]));
    return answer(stored, () => reply);
  });
};

const createEvent = ({ core, serial }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/events',
    action: 'event.create',
    body: CreateEvent,
    run: ({ body }) => {
      const now = core.clock.now();
      const eventId = body.eventId ?? EventId.parse(core.ids.uuid());
      const event: EventRecord = {
        eventId,
        title: body.title,
        date: body.date,
        timezone: body.timezone,
        location: body.location ?? null,
        status: 'draft',
        statusChangedAt: now,
        minClientVersion: null,
        createdAt: now,
      };
      return serial.run(`event:${eventId}`, async () => {
        if (core.registry.event(eventId) !== undefined) return refuse('CONFLICT', 'an event with this id exists');
        return answer(await core.registry.change([{ type: 'putEvent', event }]), () => created(bodyOf(event)));
      });
    },
  });

const patchEvent = (context: HttpContext): Route =>
  route({
    method: 'patch',
    path: '/api/v1/events/:eventId',
    action: 'event.edit',
    body: PatchEvent,
    run: ({ grant, params, body }) =>
      changeEvent(context, grant, params['eventId'], (event) => {
        const next: EventRecord = {
          ...event,
          title: body.title ?? event.title,
          date: body.date ?? event.date,
          timezone: body.timezone ?? event.timezone,
          location: body.location === undefined ? event.location : body.location,
        };
        return { next, reply: json(bodyOf(next)) };
      }),
  });

const deleteEvent = ({ core, serial }: HttpContext): Route =>
  route({
    method: 'delete',
    path: '/api/v1/events/:eventId',
    action: 'event.delete',
    run: async ({ grant, params }) => {
      const found = findEvent(core, grant, 'event.delete', params['eventId']);
      if (!found.ok) return refused(found.error);
      const { eventId } = found.value;
      return serial.run(`event:${eventId}`, async () => {
        const tokens = core.registry.tokens().filter((token) => token.eventId === eventId);
        const deleted = await core.registry.change([{ type: 'deleteEvent', eventId }]);
        if (deleted.ok) for (const { tokenId } of tokens) core.connections.dropToken(tokenId);
        return answer(deleted, () => noContent);
      });
    },
  });

/** Stores the event's next record; with it, where it becomes official, what its results are for ever. */
const storeStatus = ({ core }: HttpContext, next: EventRecord): Promise<Result<void, Refusal>> => {
  const put: Change = { type: 'putEvent', event: next };
  if (next.status !== 'official') return core.registry.change([put]);
  return core.spectators.freeze(next, next.statusChangedAt, ({ facts }) =>
    core.registry.change([put, { type: 'putFacts', facts }]),
  );
};

const patchStatus = (context: HttpContext): Route =>
  route({
    method: 'patch',
    path: '/api/v1/events/:eventId/status',
    action: 'event.edit',
    body: PatchStatus,
    run: ({ grant, params, body }) =>
      changeEvent(context, grant, params['eventId'], (event) => {
        const validTransitions = TRANSITIONS[event.status];
        if (!validTransitions.includes(body.status)) {
          return refuse('INVALID_TRANSITION', `an event that is ${event.status} cannot become ${body.status}`, {
            currentStatus: event.status,
            requestedStatus: body.status,
            validTransitions,
          });
        }
        const statusChangedAt = context.core.clock.now();
        const { eventId, status: previousStatus } = event;
        return {
          next: { ...event, status: body.status, statusChangedAt },
          store: (next) => storeStatus(context, next),
          reply: json({ eventId, previousStatus, status: body.status, statusChangedAt }),
        };
      }),
  });

const putVersionFloor = (context: HttpContext): Route =>
  route({
    method: 'put',
    path: '/api/v1/events/:eventId/version-floor',
    action: 'event.edit',
    body: PutVersionFloor,
    run: ({ grant, params, body }) =>
      changeEvent(context, grant, params['eventId'], (event) => {
        const { minClientVersion } = body;
        const floor = event.minClientVersion;
        // one that cannot be read is no floor: setting it again is the cure
        if (floor !== null && (compareVersions(minClientVersion, floor) ?? 0) < 0) {
          return refuse('CONFLICT', `the version floor only goes up; it is ${floor}`, { minClientVersion: floor });
        }
        return { next: { ...event, minClientVersion }, reply: json({ eventId: event.eventId, minClientVersion }) };
      }),
  });

/** Events and their lifecycle. */
export const eventRoutes = (context: HttpContext): readonly Route[] => [
  createEvent(context),
  route({
    method: 'get',
    path: '/api/v1/events',
    action: 'event.read',
    run: ({ grant }) => {
      const listed = context.core.registry.events().filter((event) => isListed(grant, event));
      return json({ events: listed.sort(newestFirst).map(bodyOf) });
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/events/:eventId',
    action: 'event.read',
    run: ({ grant, params }) =>
      answer(findEvent(context.core, grant, 'event.read', params['eventId']), (event) => json(bodyOf(event))),
  }),
  patchEvent(context),
  deleteEvent(context),
  patchStatus(context),
  putVersionFloor(context),
];
