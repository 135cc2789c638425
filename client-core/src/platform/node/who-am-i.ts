import { EventId, NodeId } from '@baton/schema/ids';
import { z } from 'zod';
import { httpUrl } from '../../connection/relay-url.ts';
import type { WhoAmI, WhoAmIReply } from '../../forwarder/identity.ts';

/** Answer of `GET /api/v1/me`. */
const Me = z.object({
  role: z.string(),
  eventId: EventId.nullable(),
  nodeId: NodeId.nullable(),
  label: z.string().nullable().default(null),
});

const ANSWER_MS = 5000;

const unreachable = (message: string): WhoAmIReply => ({ type: 'unreachable', message });

const identityOf = (body: unknown): WhoAmIReply => {
  const me = Me.safeParse(body);
  if (!me.success) return unreachable('the relay did not say whose the token is; is this address a Baton relay?');
  const { role, eventId, nodeId, label } = me.data;
  if (role !== 'forwarder' || eventId === null || nodeId === null) {
    return {
      type: 'refused',
      message: `expected a forwarder token, which names an event and a node; this is a token of role ${role}`,
    };
  }
  return { type: 'known', identity: { eventId, nodeId, label } };
};

const judge = async (response: Response): Promise<WhoAmIReply> => {
  if (response.status === 401)
    return { type: 'refused', message: 'the relay does not know the token, or it has expired' };
  if (response.status === 403) return { type: 'refused', message: 'the relay does not allow this token' };
  if (response.status !== 200) return unreachable(`the relay answered with HTTP ${response.status}`);
  return identityOf(await response.json());
};

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
};

/** `GET /api/v1/me` of the relay at `base`, an address that `socketUrl` accepts. */
export const createWhoAmI =
  (base: string, token: string): WhoAmI =>
  async () => {
    const url = httpUrl(base, '/api/v1/me');
    if (!url.ok) return { type: 'refused', message: url.error.message };
    try {
      const signal = AbortSignal.timeout(ANSWER_MS);
      return await judge(await fetch(url.value, { headers: { authorization: `Bearer ${token}` }, signal }));
    } catch (error) {
      return unreachable(causeOf(error)); // fetch and json() fail only by network, time or nonsense
    }
  };
