import type { EventId } from '@baton/schema/ids';
import type { RelayCore } from '../relay-core.ts';
import type { Unsent } from '../transport/connections.ts';

/** What is open, attached or waiting, in numbers. */
type LoadCore = Pick<RelayCore, 'registry' | 'attachments' | 'connections' | 'spectators' | 'live'>;

/** Reads stored of all events that there are. */
export const storedReads = ({ registry }: Pick<RelayCore, 'registry'>): number => {
  let sum = 0;
  for (const { eventId } of registry.events()) for (const { accepted } of registry.streams(eventId)) sum += accepted;
  return sum;
};

/** Open WebSockets; spectators have no token, and are counted as a role of their own. */
export const socketsByRole = ({ connections, spectators }: LoadCore): ReadonlyMap<string, number> =>
  new Map<string, number>([...connections.countByRole(), ['spectator', spectators.sockets()]]);

/** `live`: live clients without a token. */
const unsentByRole = ({ connections, spectators, live }: LoadCore): ReadonlyMap<string, Unsent> =>
  new Map<string, Unsent>([
    ...connections.unsentByRole(),
    ['spectator', spectators.backlog()],
    ['live', live.backlog()],
  ]);

export const unsentBytes = (core: LoadCore): ReadonlyMap<string, number> =>
  new Map([...unsentByRole(core)].map(([role, { bytes }]) => [role, bytes]));

export const slowConsumers = (core: LoadCore): ReadonlyMap<string, number> =>
  new Map([...unsentByRole(core)].map(([role, { slow }]) => [role, slow]));

const HEALTHS = ['online', 'degraded', 'offline'] as const;
export type NodeCounts = Readonly<Record<(typeof HEALTHS)[number], number>>;

export const NO_NODES: NodeCounts = { online: 0, degraded: 0, offline: 0 };

/** Nodes that hold a place, by event and health. One look at all of them. */
export const nodesByEvent = ({ registry, attachments }: LoadCore): ReadonlyMap<EventId, NodeCounts> => {
  const counts = new Map<EventId, NodeCounts>();
  for (const node of registry.attachments()) {
    if (node.standing !== 'attached') continue;
    const health = attachments.health(node);
    const before = counts.get(node.eventId) ?? NO_NODES;
    counts.set(node.eventId, { ...before, [health]: before[health] + 1 });
  }
  return counts;
};

/** As `nodesByEvent`, of all events together. */
export const nodesByHealth = (core: LoadCore): ReadonlyMap<string, number> => {
  const all = [...nodesByEvent(core).values()];
  return new Map(HEALTHS.map((health) => [health, all.reduce((sum, counts) => sum + counts[health], 0)]));
};
