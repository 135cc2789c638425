import { type Refusal, refusal } from '@baton/schema/errors';
import {
  type AttachedBody,
  AttachNode,
  DeclareCapabilities,
  DetachNode,
  NodeHeartbeat,
  RevokeNode,
} from '@baton/schema/http';
import type { NodeId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { Grant } from '../auth/grant.ts';
import { allowed, findEvent, parseNode } from '../auth/lookups.ts';
import { nodesOf } from '../nodes/node-bodies.ts';
import type { RelayCore } from '../relay-core.ts';
import type { Role } from '../storage/records.ts';
import type { NodeKey } from '../storage/store.ts';
import type { HttpContext } from './context.ts';
import { answer, json, noContent, type Reply, type Route, refused, route } from './route.ts';

const NOT_KNOWN = refusal('NOT_FOUND', 'there is no such node; attach it first');

/** A node in an event that the grant may speak for. */
const speakFor = (
  { registry }: RelayCore,
  grant: Grant | null,
  { nodeId, eventId }: NodeKey,
): Result<Grant, Refusal> => {
  const event = registry.event(eventId);
  const may = allowed(grant, 'node.attach', event, nodeId);
  if (!may.ok) return may;
  return grant === null || event === undefined ? err(refusal('NOT_FOUND', 'there is no such event')) : ok(grant);
};

/**
 * What a node says after it attached names no event: it is the one of its token; with a token of every event, the one in
 * which the node is.
 */
const placeOf = (core: RelayCore, grant: Grant | null, nodeId: NodeId): Result<NodeKey | null, Refusal> => {
  const eventId = grant?.eventId ?? core.attachments.eventOf(nodeId);
  if (eventId === null) return ok(null);
  const may = speakFor(core, grant, { nodeId, eventId });
  return may.ok ? ok({ nodeId, eventId }) : may;
};

const attach = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/nodes/attach',
    action: 'node.attach',
    body: AttachNode,
    run: async ({ grant, body }) => {
      const speaker = speakFor(core, grant, body);
      if (!speaker.ok) return refused(speaker.error);
      const { role, label } = speaker.value;
      const attached = await core.attachments.attach({ ...body, role, label, declares: false });
      if (attached.ok) core.nodes.fence(body.nodeId, attached.value.attachedAt);
      return answer(attached, ({ attachmentId, state, readOnly, attachedAt }) =>
        json({ attachmentId, state, readOnly, attachedAt } satisfies AttachedBody),
      );
    },
  });

const heartbeat = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/nodes/heartbeat',
    action: 'node.attach',
    body: NodeHeartbeat,
    run: ({ grant, body }): Reply => {
      const place = placeOf(core, grant, body.nodeId);
      if (!place.ok) return refused(place.error);
      if (place.value === null || core.registry.attachment(place.value) === undefined) return refused(NOT_KNOWN);
      return answer(core.attachments.heartbeat(place.value, { health: body.health }), () => noContent);
    },
  });

const declare = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/nodes/capabilities',
    action: 'node.attach',
    body: DeclareCapabilities,
    run: async ({ grant, body }) => {
      const { nodeId, capabilities, healthChanges } = body;
      const place = placeOf(core, grant, nodeId);
      if (!place.ok) return refused(place.error);
      if (place.value === null) {
        return refused(refusal('NODE_CAPABILITY_CONFLICT', 'the node is not attached; attach it, then declare'));
      }
      const declared = await core.attachments.declare(place.value, { capabilities, health: healthChanges?.state });
      if (declared.ok && healthChanges?.reason !== undefined) {
        core.journal.info('a node told its health', {
          nodeId,
          state: healthChanges.state,
          reason: healthChanges.reason,
        });
      }
      return answer(declared, ({ state, updatedAt }) => json({ nodeId, state, updatedAt }));
    },
  });

const detach = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/nodes/detach',
    action: 'node.attach',
    body: DetachNode,
    run: async ({ grant, body: { nodeId, reason } }): Promise<Reply> => {
      const place = placeOf(core, grant, nodeId);
      if (!place.ok) return refused(place.error);
      if (place.value === null) return noContent;
      const detached = await core.attachments.detach(place.value);
      if (!detached.ok) return refused(detached.error);
      core.nodes.dismiss(nodeId, place.value.eventId, null);
      core.journal.info('a node was detached', { ...place.value, reason: reason ?? null });
      return noContent;
    },
  });

/** The role of a node that may be revoked: it has attached, or a token was made for it. */
const roleOfNode = ({ registry }: Pick<RelayCore, 'registry'>, node: NodeKey): Role | null =>
  registry.attachment(node)?.role ??
  registry.tokens().find((it) => it.nodeId === node.nodeId && it.eventId === node.eventId)?.role ??
  null;

const revoke = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/nodes/:nodeId/revoke',
    action: 'node.revoke',
    body: RevokeNode,
    run: async ({ grant, params, body }): Promise<Reply> => {
      const nodeId = parseNode(params['nodeId']);
      if (!nodeId.ok) return refused(nodeId.error);
      const event = findEvent(core, grant, 'node.revoke', body.eventId);
      if (!event.ok) return refused(event.error);
      const node: NodeKey = { nodeId: nodeId.value, eventId: event.value.eventId };
      const role = roleOfNode(core, node);
      if (role === null) return refused(NOT_KNOWN);
      const revoked = await core.attachments.revoke(node, role);
      if (!revoked.ok) return refused(revoked.error);
      core.nodes.dismiss(node.nodeId, node.eventId, core.attachments.refuseWrite(node));
      core.connections.dropNode(node, 'the node was revoked for good');
      core.journal.warn('a node was revoked', { ...node });
      return json({ nodeId: node.nodeId, state: 'revoked' });
    },
  });

/** Nodes: how they attach, what they say of themselves, and who is there. */
export const nodeRoutes = (context: HttpContext): readonly Route[] => [
  attach(context),
  heartbeat(context),
  declare(context),
  detach(context),
  revoke(context),
  route({
    method: 'get',
    path: '/api/v1/events/:eventId/nodes',
    action: 'node.read',
    run: ({ grant, params }) =>
      answer(findEvent(context.core, grant, 'node.read', params['eventId']), ({ eventId }) =>
        json({ nodes: nodesOf(context.core, eventId) }),
      ),
  }),
];
