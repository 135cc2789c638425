import { MeBody } from '@baton/schema/http';
import type { EventId, NodeId } from '@baton/schema/ids';
import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { backoffDelay, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import { describeApiError } from './describe-error.ts';
import type { RelayApi } from './relay-api.ts';

/** Who a node is: what its token says. */
export interface OwnIdentity {
  readonly eventId: EventId;
  readonly nodeId: NodeId;
  readonly label: string | null;
}

export type IdentityError =
  /** Asking again with this token will not help. */
  { readonly type: 'refused'; readonly message: string } | { readonly type: 'unreachable'; readonly message: string };

export type AskIdentity = () => Promise<Result<OwnIdentity, IdentityError>>;

/** Asks the relay whose the token is; one of another role is refused here. */
export const askIdentity = async (
  api: RelayApi,
  expected: 'forwarder' | 'receiver',
): Promise<Result<OwnIdentity, IdentityError>> => {
  const me = await api.call('GET', '/me', MeBody);
  if (!me.ok) {
    const type = me.error.type === 'refused' && [401, 403].includes(me.error.status) ? 'refused' : 'unreachable';
    return err({ type, message: describeApiError(me.error) });
  }
  const { role, eventId, nodeId, label } = me.value;
  if (role !== expected || eventId === null || nodeId === null) {
    const message = `expected a ${expected} token, which names an event and a node; this is a token of role ${role}`;
    return err({ type: 'refused', message });
  }
  return ok({ eventId, nodeId, label });
};

export interface IdentitySearchDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly ask: AskIdentity;
}

/**
 * Asks until the relay has answered, with back-off; also with a token that was refused, which an operator may
 * let in again. Returns the way to stop.
 */
export const searchIdentity = (
  { timers, random, log, ask }: IdentitySearchDeps,
  onFound: (identity: OwnIdentity) => void,
): (() => void) => {
  let timer: Timer | null = null;
  let stopped = false;

  const attempt = async (failures: number): Promise<void> => {
    const found = await ask();
    if (stopped) return;
    if (found.ok) {
      onFound(found.value);
      return;
    }
    const { type, message } = found.error;
    const say = type === 'refused' ? log.error : log.warn;
    say('the relay has not told who this node is; asking again', { type, reason: message });
    timer = timers.after(backoffDelay(failures, random.next(), DEFAULT_BACKOFF), () => void attempt(failures + 1));
  };

  void attempt(0);
  return () => {
    stopped = true;
    timer?.clear();
  };
};
