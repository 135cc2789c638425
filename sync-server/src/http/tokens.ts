import { type Refusal, refusal } from '@baton/schema/errors';
import { CreateToken, type ListedToken, type MeBody, type TokenBody } from '@baton/schema/http';
import { NodeId, TokenId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import { z } from 'zod';
import type { Grant } from '../auth/grant.ts';
import { allowed, findEvent, parseTokenId } from '../auth/lookups.ts';
import type { TokenRecord } from '../storage/records.ts';
import type { HttpContext } from './context.ts';
import { answer, created, json, noContent, type Reply, type Route, refuse, refused, route } from './route.ts';

const bodyOf = (token: TokenRecord): TokenBody => ({
  tokenId: token.tokenId,
  role: token.role,
  eventId: token.eventId,
  nodeId: token.nodeId,
  label: token.label,
  createdAt: token.createdAt,
  expiresAt: token.expiresAt,
});

type TokenRequest = z.output<typeof CreateToken>;

/** Forwarders and receivers are one node each; nobody else is one. */
const nodeFor = ({ role, nodeId }: TokenRequest, uuid: () => string): Result<NodeId | null, Refusal> => {
  if (role === 'forwarder' || role === 'receiver') {
    return ok(nodeId ?? NodeId.parse(`${role}-${uuid().slice(0, 8)}`));
  }
  if (nodeId == null) return ok(null);
  return err(
    refusal('BAD_REQUEST', 'the body is not as expected', {
      fields: { nodeId: 'expected for a forwarder or a receiver only' },
    }),
  );
};

/** A token that ends makes none that outlive it: else its end would mean nothing. */
const outlives = (grant: Grant | null, { expiresAt }: TokenRequest): Refusal | null => {
  const end = grant?.expiresAt ?? null;
  if (end === null || (expiresAt != null && expiresAt <= end)) return null;
  return refusal('FORBIDDEN', 'a token may not outlive the one that makes it; let it end earlier, or ask the admin', {
    fields: { expiresAt: `expected at most ${end}` },
  });
};

const createToken = ({ core }: HttpContext): Route =>
  route({
    method: 'post',
    path: '/api/v1/tokens',
    action: 'token.manage',
    body: CreateToken,
    run: async ({ grant, body }) => {
      const event = findEvent(core, grant, 'token.manage', body.eventId);
      if (!event.ok) return refused(event.error);
      const tooLong = outlives(grant, body);
      if (tooLong !== null) return refused(tooLong);
      const nodeId = nodeFor(body, core.ids.uuid);
      if (!nodeId.ok) return refused(nodeId.error);
      const full = nodeId.value === null ? null : core.quotas.refuseDocument(event.value.eventId, nodeId.value);
      if (full !== null) return refused(full);
      const { secret, hash } = core.access.mint();
      const token: TokenRecord = {
        tokenId: TokenId.parse(core.ids.uuid()),
        hash,
        role: body.role,
        eventId: event.value.eventId,
        nodeId: nodeId.value,
        label: body.label ?? null,
        createdAt: core.clock.now(),
        expiresAt: body.expiresAt ?? null,
      };
      return answer(await core.registry.change([{ type: 'putToken', token }]), () =>
        created({ ...bodyOf(token), token: secret }),
      );
    },
  });

/** Tokens whose event the grant manages; those of the relay itself are the admin's. */
const manages = ({ core }: HttpContext, grant: Grant | null, token: TokenRecord): boolean => {
  const event = token.eventId === null ? null : core.registry.event(token.eventId);
  return allowed(grant, 'token.manage', event).ok;
};

const listed = ({ core }: HttpContext, tokens: readonly TokenRecord[]): readonly ListedToken[] => {
  const connections = core.connections.countByToken();
  return tokens.map((token) => ({
    ...bodyOf(token),
    connections: connections.get(token.tokenId) ?? 0,
    lastUsedAt: core.access.lastUsedAt(token.tokenId),
  }));
};

const listTokens = (context: HttpContext): Route =>
  route({
    method: 'get',
    path: '/api/v1/tokens',
    action: 'token.manage',
    query: z.object({ eventId: z.string().optional() }),
    run: ({ grant, query }) => {
      const mine = context.core.registry.tokens().filter((token) => manages(context, grant, token));
      const tokens = query.eventId === undefined ? mine : mine.filter((token) => token.eventId === query.eventId);
      return json({ tokens: listed(context, tokens) });
    },
  });

const deleteToken = (context: HttpContext): Route =>
  route({
    method: 'delete',
    path: '/api/v1/tokens/:tokenId',
    action: 'token.manage',
    run: async ({ grant, params }): Promise<Reply> => {
      const { core } = context;
      const tokenId = parseTokenId(params['tokenId']);
      if (!tokenId.ok) return refused(tokenId.error);
      const token = core.registry.token(tokenId.value);
      if (token === undefined || !manages(context, grant, token)) return refuse('NOT_FOUND', 'there is no such token');
      const deleted = await core.registry.change([{ type: 'deleteToken', tokenId: token.tokenId }]);
      if (deleted.ok) core.connections.dropToken(token.tokenId);
      return answer(deleted, () => noContent);
    },
  });

const meOf = ({ tokenId, role, eventId, nodeId, label, expiresAt }: Grant): MeBody => ({
  tokenId,
  role,
  eventId,
  nodeId,
  label,
  expiresAt,
});

/** Tokens: made, listed and revoked; and what the asker's own one allows. */
export const tokenRoutes = (context: HttpContext): readonly Route[] => [
  createToken(context),
  listTokens(context),
  deleteToken(context),
  route({
    method: 'get',
    path: '/api/v1/me',
    action: 'self.read',
    run: ({ grant }) => (grant === null ? refuse('UNAUTHORIZED', 'a valid token is required') : json(meOf(grant))),
  }),
];
