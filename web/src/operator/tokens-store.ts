import type { CreatedToken, ListedToken } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeTokens } from '../platform/relay-body.ts';

/** The event's tokens, and the secret just made: it is shown until dismissed and kept nowhere. */
export interface TokensStore {
  readonly tokens: ReadonlySignal<Live<readonly ListedToken[]>>;
  readonly fresh: ReadonlySignal<CreatedToken | null>;
  readonly show: (token: CreatedToken) => void;
  readonly dismiss: () => void;
  readonly refresh: () => void;
  readonly stop: () => void;
}

const EVERY_MS = 5000;

export const createTokensStore = (deps: PollDeps, eventId: EventId): TokensStore => {
  const tokens = signal<Live<readonly ListedToken[]>>(WAITING);
  const fresh = signal<CreatedToken | null>(null);
  const poll = startPoll(deps, {
    path: '/api/v1/tokens',
    decode: (body) => decodeTokens(body)?.filter((it) => it.eventId === eventId) ?? null,
    everyMs: EVERY_MS,
    onChange: (live) => {
      tokens.value = live;
    },
  });
  return {
    tokens,
    fresh,
    show: (token) => {
      fresh.value = token;
    },
    dismiss: () => {
      fresh.value = null;
    },
    refresh: poll.refresh,
    stop: poll.stop,
  };
};
