import type { NodeBody, NodeHealth } from '@baton/schema/http';
import type { AttachedNode } from '../relay-core.ts';
import type { HttpContext } from './context.ts';
import { findEvent } from './lookups.ts';
import { json, type Reply, type Route, refused, route } from './route.ts';

/** From the silence since the last heartbeat, by the relay's clock; a node that is not attached is offline. */
export const healthOf = ({ core, options }: HttpContext, node: AttachedNode | undefined): NodeHealth => {
  if (node === undefined) return 'offline';
  const silence = core.clock.now() - node.lastHeartbeatAt;
  if (silence > options.nodeOfflineMs) return 'offline';
  return silence > options.nodeDegradedMs ? 'degraded' : 'online';
};

const bodyOf = (context: HttpContext, node: AttachedNode): NodeBody => ({
  nodeId: node.nodeId,
  role: node.role,
  label: node.label,
  state: healthOf(context, node),
  clientVersion: node.clientVersion,
  attachedAt: node.attachedAt,
  lastHeartbeatAt: node.lastHeartbeatAt,
});

/** Who is attached to an event right now. */
export const nodeRoutes = (context: HttpContext): readonly Route[] => [
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/nodes',
    action: 'stream.read',
    run: ({ grant, params }): Reply => {
      const event = findEvent(context.core, grant, 'stream.read', params['eventId']);
      if (!event.ok) return refused(event.error);
      const nodes = context.core.nodes.nodes(event.value.eventId).toSorted((a, b) => a.nodeId.localeCompare(b.nodeId));
      return json({ nodes: nodes.map((node) => bodyOf(context, node)) });
    },
  }),
];
