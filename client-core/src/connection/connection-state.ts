import { isPermanentClose } from '@baton/schema/protocol';
import { type BackoffOptions, backoffDelay } from './backoff.ts';

/**
 * The life of a session's connection.
 *
 * ```text
 *              connect                opened              welcomed
 *   offline ────────────▶ connecting ────────▶ greeting ────────────▶ live
 *      ▲                      ▲  │                │                    │
 *      │ disconnect   retryDue│  │ closed, broken │                    │ closed, broken
 *      │ (from anywhere)      │  ▼                ▼                    ▼
 *      └───────────────────  waiting ◀───────────────────────────────────
 *                                          closed with a permanent code (4400–4499)
 *   stopped ◀────────────────────────────── from connecting, greeting, live
 *      └── connect ──▶ connecting (a person changed something and tries again)
 * ```
 * `attempt` counts failures in a row; `settled` (caught up, or a while of health) forgets them.
 */
export type ConnectionState =
  | { readonly type: 'offline' }
  | { readonly type: 'connecting'; readonly attempt: number }
  | { readonly type: 'greeting'; readonly attempt: number }
  | { readonly type: 'live'; readonly attempt: number }
  /** `retryAt` is wall time in ms, for showing; `reason` says why the last try ended. */
  | { readonly type: 'waiting'; readonly attempt: number; readonly retryAt: number; readonly reason: string }
  | { readonly type: 'stopped'; readonly code: number; readonly reason: string };

export type ConnectionInput =
  | { readonly type: 'connect' }
  | { readonly type: 'disconnect' }
  | { readonly type: 'opened' }
  | { readonly type: 'welcomed' }
  | { readonly type: 'settled' }
  /** The session ended, by the peer or by the network. */
  | (Ending & { readonly type: 'closed'; readonly code: number })
  /** We gave the session up: silence, a late answer, a frame that does not parse. */
  | (Ending & { readonly type: 'broken' })
  | { readonly type: 'retryDue' };

interface Ending {
  readonly reason: string;
  /** Wall time in ms. */
  readonly now: number;
  /** In [0, 1). */
  readonly random: number;
}

export type ConnectionEffect =
  | { readonly type: 'openSession' }
  | { readonly type: 'sayHello' }
  /** `detach`: tell the relay that the node leaves on purpose. */
  | { readonly type: 'leaveSession'; readonly detach: boolean }
  | { readonly type: 'retryAfter'; readonly ms: number };

export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

type StateOf<T extends ConnectionState['type']> = Extract<ConnectionState, { type: T }>;
type InputOf<T extends ConnectionInput['type']> = Extract<ConnectionInput, { type: T }>;
type Table = {
  readonly [S in ConnectionState['type']]: {
    readonly [I in ConnectionInput['type']]: (
      state: StateOf<S>,
      input: InputOf<I>,
      backoff: BackoffOptions,
    ) => ConnectionStep;
  };
};

const stay = (state: ConnectionState): ConnectionStep => ({ state, effects: [] });

const open = (attempt: number): ConnectionStep => ({
  state: { type: 'connecting', attempt },
  effects: [{ type: 'openSession' }],
});

const goOffline = (detach: boolean) => (): ConnectionStep => ({
  state: { type: 'offline' },
  effects: [{ type: 'leaveSession', detach }],
});

const wait = (state: { attempt: number }, { reason, now, random }: Ending, backoff: BackoffOptions): ConnectionStep => {
  const ms = backoffDelay(state.attempt, random, backoff);
  return {
    state: { type: 'waiting', attempt: state.attempt + 1, retryAt: now + ms, reason },
    effects: [{ type: 'retryAfter', ms }],
  };
};

const closed = (state: { attempt: number }, input: InputOf<'closed'>, backoff: BackoffOptions): ConnectionStep =>
  isPermanentClose(input.code)
    ? stay({ type: 'stopped', code: input.code, reason: input.reason })
    : wait(state, input, backoff);

/** Every state with every input; a new one of either does not compile until it is decided here. */
const TABLE: Table = {
  offline: {
    connect: () => open(0),
    disconnect: stay,
    opened: stay,
    welcomed: stay,
    settled: stay,
    closed: stay,
    broken: stay,
    retryDue: stay,
  },
  connecting: {
    connect: stay,
    disconnect: goOffline(false),
    opened: ({ attempt }) => ({ state: { type: 'greeting', attempt }, effects: [{ type: 'sayHello' }] }),
    welcomed: stay,
    settled: stay,
    closed,
    broken: wait,
    retryDue: stay,
  },
  greeting: {
    connect: stay,
    disconnect: goOffline(false),
    opened: stay,
    welcomed: ({ attempt }) => stay({ type: 'live', attempt }),
    settled: stay,
    closed,
    broken: wait,
    retryDue: stay,
  },
  live: {
    connect: stay,
    disconnect: goOffline(true),
    opened: stay,
    welcomed: stay,
    settled: (state) => stay(state.attempt === 0 ? state : { type: 'live', attempt: 0 }),
    closed,
    broken: wait,
    retryDue: stay,
  },
  waiting: {
    connect: ({ attempt }) => open(attempt),
    disconnect: goOffline(false),
    opened: stay,
    welcomed: stay,
    settled: stay,
    closed: stay,
    broken: stay,
    retryDue: ({ attempt }) => open(attempt),
  },
  stopped: {
    connect: () => open(0),
    disconnect: goOffline(false),
    opened: stay,
    welcomed: stay,
    settled: stay,
    closed: stay,
    broken: stay,
    retryDue: stay,
  },
};

/** The next state and what the driver has to do for it. The same object comes back when nothing changed. */
export const stepConnection = (
  state: ConnectionState,
  input: ConnectionInput,
  backoff: BackoffOptions,
): ConnectionStep => {
  // the table is typed cell by cell; TypeScript cannot follow the pair of tags through the two look-ups
  const decide = TABLE[state.type][input.type] as (
    state: ConnectionState,
    input: ConnectionInput,
    backoff: BackoffOptions,
  ) => ConnectionStep;
  return decide(state, input, backoff);
};
