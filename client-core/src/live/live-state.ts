import { type BackoffOptions, backoffDelay } from '../connection/backoff.ts';

/**
 * The life of the one subscription that all consumers share.
 *
 * ```text
 *            start               ended                    retryDue
 *   idle ───────────▶ following ────────▶ waiting ───────────────────▶ following
 *                       │   │ caughtUp         │
 *                       │   ▼ (attempt 0)      │ shutdown
 *                       │ ended, permanent     ▼
 *                       └──────▶ refused ───▶ over
 * ```
 * `session` rises with each subscription: what an earlier one still says is known as such. A clean end waits like any other,
 * else a relay that ends each stream at once would be asked without pause.
 */
export type LiveState =
  | { readonly type: 'idle' }
  | { readonly type: 'following'; readonly session: number; readonly attempt: number; readonly caughtUp: boolean }
  | { readonly type: 'waiting'; readonly session: number; readonly attempt: number; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'over' };

export type LiveInput =
  | { readonly type: 'start' }
  /** All consumers have taken in what came before the mark. */
  | { readonly type: 'caughtUp'; readonly session: number }
  | {
      readonly type: 'ended';
      readonly session: number;
      readonly reason: string;
      readonly permanent: boolean;
      /** In [0, 1). */
      readonly random: number;
    }
  | { readonly type: 'retryDue'; readonly session: number }
  | { readonly type: 'shutdown' };

export type LiveEffect =
  | { readonly type: 'subscribe'; readonly session: number }
  | { readonly type: 'unsubscribe' }
  | { readonly type: 'saveAll' }
  | { readonly type: 'retryAfter'; readonly ms: number; readonly session: number };

export interface LiveStep {
  readonly state: LiveState;
  readonly effects: readonly LiveEffect[];
}

const stay = (state: LiveState): LiveStep => ({ state, effects: [] });

const follow = (session: number, attempt: number): LiveStep => ({
  state: { type: 'following', session, attempt, caughtUp: false },
  effects: [{ type: 'subscribe', session }],
});

const ended = (
  state: Extract<LiveState, { type: 'following' }>,
  { reason, permanent, random }: Extract<LiveInput, { type: 'ended' }>,
  backoff: BackoffOptions,
): LiveStep => {
  const { session, attempt } = state;
  if (permanent) return { state: { type: 'refused', reason }, effects: [{ type: 'saveAll' }] };
  const ms = backoffDelay(attempt, random, backoff);
  return {
    state: { type: 'waiting', session, attempt: attempt + 1, reason },
    effects: [{ type: 'saveAll' }, { type: 'retryAfter', ms, session }],
  };
};

/** The next state, and what is to be done for it. */
export const stepLive = (state: LiveState, input: LiveInput, backoff: BackoffOptions): LiveStep => {
  switch (input.type) {
    case 'start':
      return state.type === 'idle' ? follow(1, 0) : stay(state);
    case 'caughtUp':
      return state.type === 'following' && state.session === input.session
        ? stay({ ...state, attempt: 0, caughtUp: true })
        : stay(state);
    case 'ended':
      return state.type === 'following' && state.session === input.session ? ended(state, input, backoff) : stay(state);
    case 'retryDue':
      return state.type === 'waiting' && state.session === input.session
        ? follow(state.session + 1, state.attempt)
        : stay(state);
    case 'shutdown':
      return state.type === 'over' ? stay(state) : { state: { type: 'over' }, effects: [{ type: 'unsubscribe' }] };
  }
};
