import { MeBody } from '@baton/schema/http';
import type { Timer, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Http, HttpReply } from './http.ts';
import type { KeyValue } from './key-value.ts';

export type Session =
  /** `problem`: why a token was not taken, or taken away; null at the start. */
  | { readonly type: 'signed-out'; readonly problem: string | null }
  | { readonly type: 'checking'; readonly unreachable: boolean }
  | { readonly type: 'signed-in'; readonly token: string; readonly me: MeBody };

export interface SessionStore {
  readonly session: ReadonlySignal<Session>;
  readonly signIn: (token: string) => void;
  readonly signOut: () => void;
  /** The relay refused the token of a running session. */
  readonly expire: () => void;
  /** What calls to the relay carry. */
  readonly token: () => string | null;
}

export interface SessionDeps {
  /** The relay as seen with a token. */
  readonly httpAs: (token: string) => Http;
  readonly storage: KeyValue;
  readonly timers: Timers;
  /** Where the token is kept: one place per page, since one browser may be operator and receiver. */
  readonly key: string;
  readonly roles: readonly MeBody['role'][];
}

const RETRY_MS = 2000;

const problemOf = (reply: HttpReply): string =>
  reply.type === 'refused' && reply.status !== 401
    ? reply.message
    : 'The relay does not know this token: it is mistyped, expired or revoked. Ask for a new link.';

/** Begins with `linkToken` (an invitation link's) or else with the token kept on this device. */
export const createSessionStore = (deps: SessionDeps, linkToken: string | null): SessionStore => {
  const session = signal<Session>({ type: 'signed-out', problem: null });
  let token: string | null = null;
  let retry: Timer | null = null;

  const leave = (problem: string | null): void => {
    retry?.clear();
    token = null;
    deps.storage.remove(deps.key);
    session.value = { type: 'signed-out', problem };
  };

  const decide = (reply: HttpReply, asked: string): void => {
    if (reply.type === 'unreachable' || (reply.type === 'refused' && reply.status >= 500)) {
      session.value = { type: 'checking', unreachable: true };
      retry = deps.timers.after(RETRY_MS, () => void check(asked));
      return;
    }
    const me = reply.type === 'ok' ? MeBody.safeParse(reply.body) : null;
    if (me?.success !== true) leave(problemOf(reply));
    else if (!deps.roles.includes(me.data.role)) {
      leave(`This token is for a ${me.data.role}; this page needs one for: ${deps.roles.join(', ')}.`);
    } else session.value = { type: 'signed-in', token: asked, me: me.data };
  };

  const check = async (asked: string): Promise<void> => {
    const reply = await deps.httpAs(asked)('/api/v1/me');
    if (token === asked) decide(reply, asked);
  };

  const signIn = (text: string): void => {
    const wanted = text.trim();
    if (wanted === '') return;
    retry?.clear();
    token = wanted;
    deps.storage.set(deps.key, wanted);
    session.value = { type: 'checking', unreachable: false };
    void check(wanted);
  };

  const first = linkToken ?? deps.storage.get(deps.key);
  if (first !== null) signIn(first);

  return {
    session,
    signIn,
    signOut: () => leave(null),
    expire: () => {
      if (session.value.type === 'signed-in') leave('Your access has ended: the token was revoked or has expired.');
    },
    token: () => token,
  };
};
