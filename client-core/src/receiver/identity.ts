import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { MeBody } from '@baton/schema/http';
import { EventId, NodeId } from '@baton/schema/ids';
import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { z } from 'zod';
import { backoffDelay, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import { describeApiError } from '../http/describe-error.ts';
import type { RelayApi } from '../http/relay-api.ts';
import { createKeptFile } from './kept-file.ts';

/** Who this receiver is, as its token says. */
export interface ReceiverIdentity {
  readonly eventId: EventId;
  readonly nodeId: NodeId;
  readonly label: string | null;
}

export type IdentityError =
  /** Asking again with this token will not help. */
  { readonly type: 'refused'; readonly message: string } | { readonly type: 'unreachable'; readonly message: string };

export const askIdentity = async (api: RelayApi): Promise<Result<ReceiverIdentity, IdentityError>> => {
  const me = await api.call('GET', '/me', MeBody);
  if (!me.ok) {
    const type = me.error.type === 'refused' && [401, 403].includes(me.error.status) ? 'refused' : 'unreachable';
    return err({ type, message: describeApiError(me.error) });
  }
  const { role, eventId, nodeId, label } = me.value;
  if (role !== 'receiver' || eventId === null || nodeId === null) {
    const message = `expected a receiver token, which names an event and a node; this is a token of role ${role}`;
    return err({ type: 'refused', message });
  }
  return ok({ eventId, nodeId, label });
};

const Kept = z.object({
  eventId: EventId,
  nodeId: NodeId,
  label: z.string().nullable(),
  /** SHA-256 of the token that said so; another token is asked about anew. */
  tokenHash: z.string(),
});

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export interface IdentityStore {
  /** Known from an earlier start with this token. */
  readonly known: ReceiverIdentity | null;
  /** Event that the data directory belongs to, whatever the token. */
  readonly eventId: EventId | null;
  readonly keep: (identity: ReceiverIdentity) => Promise<void>;
}

/** `<dataDir>/identity.json`: with it a receiver starts where there is no relay. */
export const openIdentityStore = async (dataDir: string, token: string, log: Log): Promise<IdentityStore> => {
  const file = createKeptFile(join(dataDir, 'identity.json'), Kept, log);
  const kept = await file.read();
  const tokenHash = hashOf(token);
  return {
    known: kept?.tokenHash === tokenHash ? kept : null,
    eventId: kept?.eventId ?? null,
    keep: (identity) => file.write({ ...identity, tokenHash }),
  };
};

export interface IdentitySearchDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly api: RelayApi;
}

/**
 * Asks until the relay has answered, with back-off; also with a token that was refused, which an operator may
 * let in again. Returns the way to stop.
 */
export const searchIdentity = (
  { timers, random, log, api }: IdentitySearchDeps,
  onFound: (identity: ReceiverIdentity) => void,
): (() => void) => {
  let timer: Timer | null = null;
  let stopped = false;

  const ask = async (attempt: number): Promise<void> => {
    const found = await askIdentity(api);
    if (stopped) return;
    if (found.ok) return onFound(found.value);
    log.warn('the relay has not told who this receiver is; asking again', { reason: found.error.message });
    timer = timers.after(backoffDelay(attempt, random.next(), DEFAULT_BACKOFF), () => void ask(attempt + 1));
  };

  void ask(0);
  return () => {
    stopped = true;
    timer?.clear();
  };
};
