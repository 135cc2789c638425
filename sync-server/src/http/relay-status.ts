import type { RelayBody, RelayEvent } from '@baton/schema/http';
import { allowed } from '../auth/lookups.ts';
import type { RelayCore } from '../relay-core.ts';
import type { EventRecord } from '../storage/records.ts';
import { NO_NODES, nodesByEvent, slowConsumers, socketsByRole, storedReads, unsentBytes } from '../watching/load.ts';
import type { HttpContext } from './context.ts';
import { json, type Route, refused, route } from './route.ts';

/** Events told at once: a page for people, asked for every few seconds. */
const MAX_EVENTS = 200;

const sumOf = (values: ReadonlyMap<string, number>): number => [...values.values()].reduce((a, b) => a + b, 0);

const newestEvents = (events: readonly EventRecord[]): readonly EventRecord[] =>
  [...events].sort((a, b) => b.date.localeCompare(a.date) || a.title.localeCompare(b.title)).slice(0, MAX_EVENTS);

const eventsOf = (core: RelayCore): RelayEvent[] => {
  const nodes = nodesByEvent(core);
  return newestEvents(core.registry.events()).map(({ eventId, title, date, status }) => {
    const streams = core.registry.streams(eventId);
    const reads = streams.reduce((sum, { accepted }) => sum + accepted, 0);
    const diskBytes = core.quotas.diskBytes(eventId);
    const of = nodes.get(eventId) ?? NO_NODES;
    return { eventId, title, date, status, streams: streams.length, reads, diskBytes, nodes: of };
  });
};

const storageOf = ({ core, sight }: HttpContext): RelayBody['storage'] => {
  const disk = sight.disk();
  const { waiting, stillMs } = sight.store();
  return {
    reads: storedReads(core),
    dataBytes: disk?.dataBytes ?? null,
    freeBytes: disk?.freeBytes ?? null,
    diskBytes: disk?.sizeBytes ?? null,
    eventDiskLimit: core.quotas.diskLimit,
    lastBackupAt: sight.backup.at(),
    waitingWrites: waiting,
    stillMs,
  };
};

const connectionsOf = (core: RelayCore): RelayBody['connections'] => ({
  roles: Object.fromEntries(socketsByRole(core)),
  subscriptions: core.live.subscriptions(),
  eventStreams: core.live.streams(),
  documents: core.docs.size(),
  documentSockets: core.docs.sockets(),
  slow: sumOf(slowConsumers(core)),
  unsentBytes: sumOf(unsentBytes(core)),
});

const bodyOf = (context: HttpContext): RelayBody => {
  const { core, sight, readiness, startedAt } = context;
  const lag = sight.loopLagSeconds.page();
  return {
    version: sight.version,
    startedAt,
    now: core.clock.now(),
    troubles: [...readiness.troubles()],
    storage: storageOf(context),
    connections: connectionsOf(core),
    process: {
      loopLagMs: lag === null ? null : lag * 1000,
      memoryBytes: sight.process()?.residentBytes ?? null,
    },
    events: eventsOf(core),
    eventCount: core.registry.events().length,
    link: sight.link(),
  };
};

/** How the relay does, for its admin's page. */
export const relayRoutes = (context: HttpContext): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/relay',
    action: 'relay.read',
    run: ({ grant }) => {
      const may = allowed(grant, 'relay.read', null);
      return may.ok ? json(bodyOf(context)) : refused(may.error);
    },
  }),
];
