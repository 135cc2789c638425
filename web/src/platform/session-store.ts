import { MeBody } from '@baton/schema/http';
import type { Clock, Timer, Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Http, HttpReply } from './http.ts';
import type { KeyValue } from './key-value.ts';

export type Session =
  /** `problem`: why a token was not taken, or taken away; null at the start. */
  | { readonly type: 'signed-out'; readonly problem: string | null }
  | { readonly type: 'checking'; readonly unreachable: boolean }
  /** `confirmed`: the relay said so since the page opened; else it did once, and this device remembers. */
  | { readonly type: 'signed-in'; readonly token: string; readonly me: MeBody; readonly confirmed: boolean };

export interface SessionStore {
  readonly session: ReadonlySignal<Session>;
  readonly signIn: (token: string) => void;
  readonly signOut: () => void;
  /** The relay refused the token of a running session. */
  readonly expire: () => void;
  /** What calls to the relay carry. */
  readonly token: () => string | null;
  /** False when the device refused to keep the token: the page asks for it again the next time. */
  readonly isKept: ReadonlySignal<boolean>;
}

export interface SessionDeps {
  /** The relay as seen with a token. */
  readonly httpAs: (token: string) => Http;
  readonly storage: KeyValue;
  readonly timers: Timers;
  /** Where the token is kept: one place per page, since one browser may be operator and receiver. */
  readonly key: string;
  readonly roles: readonly MeBody['role'][];
  /** For pages that open without the relay: whose the token is, is remembered beside it. */
  readonly memory?: SessionMemory;
}

export interface SessionMemory {
  readonly clock: Clock;
  /** Another bearer, or none: what was remembered for the last one goes. */
  readonly onForget: () => void;
}

const RETRY_MS = 2000;
/** Somebody at work with what the device remembers is in no hurry to be confirmed. */
const RETRY_REMEMBERED_MS = 5000;

const problemOf = (reply: HttpReply): string =>
  reply.type === 'refused' && reply.status !== 401
    ? reply.message
    : 'The relay does not know this token: it is mistyped, expired or revoked. Ask for a new link.';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

/** Who this device remembers that a token is; null when it does not, or its time is over. */
const remembered = (deps: SessionDeps): MeBody | null => {
  if (deps.memory === undefined) return null;
  const me = MeBody.safeParse(parsed(deps.storage.get(identityKey(deps)) ?? 'null'));
  if (!me.success || !deps.roles.includes(me.data.role)) return null;
  return me.data.expiresAt !== null && me.data.expiresAt <= deps.memory.clock.now() ? null : me.data;
};

const identityKey = ({ key }: SessionDeps): string => `${key}.me`;

/**
 * Begins with `linkToken` (an invitation link's) or else with the token kept on this device. A device that remembers
 * whose the kept token is begins signed in, with or without the relay; the relay is asked in the background.
 */
export const createSessionStore = (deps: SessionDeps, linkToken: string | null): SessionStore => {
  const session = signal<Session>({ type: 'signed-out', problem: null });
  const isKept = signal(true);
  let token: string | null = null;
  let retry: Timer | null = null;

  const forget = (): void => {
    deps.storage.remove(identityKey(deps));
    deps.memory?.onForget();
  };

  const leave = (problem: string | null): void => {
    retry?.clear();
    token = null;
    deps.storage.remove(deps.key);
    forget();
    session.value = { type: 'signed-out', problem };
  };

  const enter = (asked: string, me: MeBody): void => {
    if (deps.memory !== undefined) deps.storage.set(identityKey(deps), JSON.stringify(me));
    session.value = { type: 'signed-in', token: asked, me, confirmed: true };
  };

  const tryAgain = (asked: string): void => {
    const atWork = session.value.type === 'signed-in';
    if (!atWork) session.value = { type: 'checking', unreachable: true };
    retry = deps.timers.after(atWork ? RETRY_REMEMBERED_MS : RETRY_MS, () => void check(asked));
  };

  const decide = (reply: HttpReply, asked: string): void => {
    const isLater = reply.type === 'refused' && (reply.status >= 500 || reply.status === 429);
    if (reply.type === 'unreachable' || isLater) return tryAgain(asked);
    const me = reply.type === 'ok' ? MeBody.safeParse(reply.body) : null;
    if (me?.success !== true) leave(problemOf(reply));
    else if (!deps.roles.includes(me.data.role)) {
      leave(`This token is for a ${me.data.role}; this page needs one for: ${deps.roles.join(', ')}.`);
    } else enter(asked, me.data);
  };

  const check = async (asked: string): Promise<void> => {
    const reply = await deps.httpAs(asked)('/api/v1/me');
    if (token === asked) decide(reply, asked);
  };

  const begin = (wanted: string, me: MeBody | null): void => {
    retry?.clear();
    token = wanted;
    session.value =
      me === null
        ? { type: 'checking', unreachable: false }
        : { type: 'signed-in', token: wanted, me, confirmed: false };
    void check(wanted);
  };

  const signIn = (text: string): void => {
    const wanted = text.trim();
    if (wanted === '') return;
    if (deps.storage.get(deps.key) !== wanted) forget();
    isKept.value = deps.storage.set(deps.key, wanted);
    begin(wanted, remembered(deps));
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
    isKept,
  };
};
