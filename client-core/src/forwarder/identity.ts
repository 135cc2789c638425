import type { Log, Random, Timer, Timers } from '@baton/schema/ports';
import { type BackoffOptions, backoffDelay, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import type { Identity } from './journal.ts';

/** Asks the relay whose the token is. */
export type WhoAmI = () => Promise<WhoAmIReply>;

/** `refused`: asking again with this token will not help. */
export type WhoAmIReply =
  | { readonly type: 'known'; readonly identity: Identity }
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'unreachable'; readonly message: string };

export interface IdentitySearchDeps {
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly whoAmI: WhoAmI;
  readonly onKnown: (identity: Identity) => void;
}

/** Asks until the relay has told who this node is; reads are journalled meanwhile. Returns the way to stop. */
export const searchIdentity = (deps: IdentitySearchDeps, backoff: BackoffOptions = DEFAULT_BACKOFF): (() => void) => {
  let timer: Timer | null = null;
  let stopped = false;

  const again = (attempt: number): void => {
    const waitMs = backoffDelay(attempt, deps.random.next(), backoff);
    timer = deps.timers.after(waitMs, () => ask(attempt + 1));
  };

  const judge = (reply: WhoAmIReply, attempt: number): void => {
    if (stopped) return;
    if (reply.type === 'known') {
      deps.onKnown(reply.identity);
      return;
    }
    if (reply.type === 'refused')
      deps.log.error('the relay refuses the token; reads stay in the journal', { ...reply });
    else deps.log.warn('the relay cannot be reached; reads stay in the journal', { ...reply, attempt });
    again(attempt);
  };

  const ask = (attempt: number): void => {
    deps.whoAmI().then(
      (reply) => judge(reply, attempt),
      (error: unknown) => judge({ type: 'unreachable', message: String(error) }, attempt),
    );
  };

  ask(0);
  return () => {
    stopped = true;
    timer?.clear();
  };
};
