import type { Random, Timer } from '@baton/schema/ports';
import {
  type DownMessage,
  encodePush,
  type PushFrame,
  type ReadsFrame,
  type UpMessageInput,
  type WelcomeMessage,
} from '@baton/schema/protocol';
import { type BackoffOptions, DEFAULT_BACKOFF } from './backoff.ts';
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  stepConnection,
} from './connection-state.ts';
import { socketUrl } from './relay-url.ts';
import {
  type HeartbeatFields,
  type HelloInput,
  openSession,
  type SessionDeps,
  type SessionOptions,
  type SyncSession,
} from './sync-session.ts';

export interface ConnectionDeps extends SessionDeps {
  readonly random: Random;
}

export interface ConnectionHandlers {
  /** Once per session, when it is live. */
  readonly onWelcome: (welcome: WelcomeMessage) => void;
  /** Every other control message that parses, in order. */
  readonly onMessage: (message: DownMessage) => void;
  readonly onReads: (frame: ReadsFrame) => void;
  /** After each change of state. */
  readonly onState: (state: ConnectionState) => void;
}

export interface ConnectionOptions {
  /** Base address of the relay: `http:`, `https:`, `ws:` or `wss:`, with a path prefix if it has one. */
  readonly url: string;
  readonly token: string;
  /** Asked afresh at every attach. */
  readonly hello: () => HelloInput;
  /** Asked at every heartbeat; nothing by default. */
  readonly heartbeat?: () => HeartbeatFields;
  readonly handlers: ConnectionHandlers;
  readonly backoff?: BackoffOptions;
  /** Opening the socket and its welcome must come within this time. 10 s by default. */
  readonly handshakeMs?: number;
  /** Heartbeats without any frame from the relay after which it counts as gone. 3 by default. */
  readonly silentHeartbeats?: number;
}

/** A `/sync` session that keeps itself connected until told otherwise. */
export interface Connection {
  /** Begins, or tries again at once while waiting or stopped. */
  readonly connect: () => void;
  /** Detaches and stays offline until `connect`. */
  readonly disconnect: () => void;
  /** Sends a control message; false, and nothing sent, unless live. */
  readonly send: (message: UpMessageInput) => boolean;
  /** Sends a batch of reads; false, and nothing sent, unless live. */
  readonly sendPush: (frame: PushFrame) => boolean;
  /** Tells that the session does its work (caught up, a push accepted): the back-off starts from its beginning again. */
  readonly settle: () => void;
  /** Ends a live session whose peer broke the protocol, and tries again after the back-off. */
  readonly restart: (reason: string) => void;
  readonly state: () => ConnectionState;
  /** Bytes that wait in the socket. */
  readonly bufferedAmount: () => number;
  /** As `disconnect`, for good. */
  readonly close: () => void;
}

const sessionOptions = (options: ConnectionOptions): SessionOptions => {
  const url = socketUrl(options.url, '/sync');
  if (!url.ok) throw new TypeError(url.error.message);
  return {
    target: { url: url.value, token: options.token },
    handshakeMs: options.handshakeMs ?? 10_000,
    silentHeartbeats: options.silentHeartbeats ?? 3,
    heartbeat: options.heartbeat ?? (() => ({})),
  };
};

/**
 * Drives `connection-state` with real sessions and timers. The caller sees only live sessions:
 * nothing it sends is queued while offline, because what has to survive is in its journal or
 * replica and is sent again after the next welcome.
 */
export const createConnection = (deps: ConnectionDeps, options: ConnectionOptions): Connection => {
  const { clock, timers, random, log } = deps;
  const { handlers, backoff = DEFAULT_BACKOFF } = options;
  const settings = sessionOptions(options);
  let state: ConnectionState = { type: 'offline' };
  let session: SyncSession | null = null;
  let retry: Timer | null = null;
  let closed = false;

  const apply = (input: ConnectionInput): void => {
    const step = stepConnection(state, input, backoff);
    if (step.state === state) return;
    state = step.state;
    retry?.clear();
    for (const effect of step.effects) perform(effect);
    if (state.type === 'stopped') log.error('the relay refuses this session for good', { ...state });
    if (state.type === 'waiting') log.warn('no connection to the relay, trying again', { ...state });
    handlers.onState(state);
  };

  const perform = (effect: ConnectionEffect): void => {
    switch (effect.type) {
      case 'openSession':
        session = open();
        return;
      case 'sayHello':
        session?.sayHello(options.hello());
        return;
      case 'leaveSession':
        session?.leave(effect.detach);
        return;
      case 'retryAfter':
        retry = timers.after(effect.ms, () => apply({ type: 'retryDue' }));
    }
  };

  const ending = (reason: string) => ({ reason, now: clock.now(), random: random.next() });

  const open = (): SyncSession =>
    openSession(deps, settings, {
      onOpened: () => apply({ type: 'opened' }),
      onWelcome: (welcome) => {
        apply({ type: 'welcomed' });
        if (state.type === 'live') handlers.onWelcome(welcome);
      },
      onMessage: handlers.onMessage,
      onReads: handlers.onReads,
      onHealthy: () => apply({ type: 'settled' }),
      onClosed: (code, reason) => apply({ type: 'closed', code, ...ending(reason) }),
      onBroken: (reason) => apply({ type: 'broken', ...ending(reason) }),
    });

  const send = (encode: () => string | Uint8Array): boolean => {
    if (state.type !== 'live') return false;
    session?.send(encode());
    return true;
  };

  return {
    connect: () => {
      if (!closed) apply({ type: 'connect' });
    },
    disconnect: () => apply({ type: 'disconnect' }),
    send: (message) => send(() => JSON.stringify(message)),
    sendPush: (frame) => send(() => encodePush(frame)),
    settle: () => apply({ type: 'settled' }),
    restart: (reason) => {
      if (state.type !== 'live') return;
      session?.leave(false);
      apply({ type: 'broken', ...ending(reason) });
    },
    state: () => state,
    bufferedAmount: () => session?.bufferedAmount() ?? 0,
    close: () => {
      closed = true;
      apply({ type: 'disconnect' });
    },
  };
};
