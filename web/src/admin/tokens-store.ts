import type { ListedToken } from '@baton/schema/http';
import type { TokenId } from '@baton/schema/ids';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Http } from '../platform/http.ts';
import { type Live, WAITING } from '../platform/live.ts';
import { type Outcome, outcomeOf } from '../platform/outcome.ts';
import { type PollDeps, startPoll } from '../platform/poll.ts';
import { decodeTokens } from '../platform/relay-body.ts';

/** Every token of the relay, and the way to take one back. */
export interface AllTokens {
  readonly tokens: ReadonlySignal<Live<readonly ListedToken[]>>;
  readonly revoke: (tokenId: TokenId) => Promise<Outcome<boolean>>;
  readonly stop: () => void;
}

const EVERY_MS = 5000;

export const createAllTokens = (deps: PollDeps & { readonly http: Http }): AllTokens => {
  const tokens = signal<Live<readonly ListedToken[]>>(WAITING);
  const poll = startPoll(deps, {
    path: '/api/v1/tokens',
    decode: decodeTokens,
    everyMs: EVERY_MS,
    onChange: (live) => {
      tokens.value = live;
    },
  });
  return {
    tokens,
    revoke: async (tokenId) => {
      const reply = await deps.http(`/api/v1/tokens/${encodeURIComponent(tokenId)}`, { method: 'DELETE' });
      poll.refresh();
      return outcomeOf(reply, () => true);
    },
    stop: poll.stop,
  };
};
