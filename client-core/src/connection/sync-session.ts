import type { Clock, Log, Timer, Timers } from '@baton/schema/ports';
import {
  CLOSE,
  type DownMessage,
  PROTOCOL_VERSION,
  type ReadsFrame,
  type UpMessageInput,
  type WelcomeMessage,
} from '@baton/schema/protocol';
import { parseDownFrame } from './down-frame.ts';
import type { OpenSocket, SocketTarget } from './socket.ts';

type Up<T extends UpMessageInput['type']> = Extract<UpMessageInput, { type: T }>;

/** What the node says of itself at each attach; `type` and `protocol` are added. */
export type HelloInput = Omit<Up<'hello'>, 'type' | 'protocol'>;

/** What a heartbeat carries besides the time. */
export type HeartbeatFields = Omit<Up<'heartbeat'>, 'type' | 'sentAt'>;

export interface SessionDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly openSocket: OpenSocket;
}

export interface SessionOptions {
  readonly target: SocketTarget;
  /** Opening the socket and its welcome must come within this time. */
  readonly handshakeMs: number;
  /** Heartbeats without any frame from the relay after which it counts as gone. */
  readonly silentHeartbeats: number;
  readonly heartbeat: () => HeartbeatFields;
}

/** None of these is called after `leave`, nor after `onClosed` or `onBroken`. */
export interface SessionEvents {
  readonly onOpened: () => void;
  readonly onWelcome: (welcome: WelcomeMessage) => void;
  readonly onMessage: (message: DownMessage) => void;
  readonly onReads: (frame: ReadsFrame) => void;
  /** It has lived through one heartbeat. */
  readonly onHealthy: () => void;
  readonly onClosed: (code: number, reason: string) => void;
  /** The relay is silent, late or speaks nonsense; the socket has been dropped. */
  readonly onBroken: (reason: string) => void;
}

/** One socket from opening to end: greeting, validation of each frame, heartbeats both ways. */
export interface SyncSession {
  readonly sayHello: (hello: HelloInput) => void;
  readonly send: (data: string | Uint8Array) => void;
  /** Ends it; `detach` tells the relay that the node leaves on purpose. */
  readonly leave: (detach: boolean) => void;
  readonly bufferedAmount: () => number;
}

export const openSession = (deps: SessionDeps, options: SessionOptions, events: SessionEvents): SyncSession => {
  const { clock, timers, log } = deps;
  const { handshakeMs, silentHeartbeats } = options;
  let phase: 'opening' | 'greeting' | 'live' | 'over' = 'opening';
  let attached = false;
  let lastFrameAt = timers.mono();
  /** The relay's last `error` message: it explains the close that follows. */
  let lastError: string | null = null;
  let timer: Timer = timers.after(handshakeMs, () => giveUp(`no welcome within ${handshakeMs} ms`));

  const socket = deps.openSocket(options.target, {
    onOpen: () => {
      if (phase === 'opening') events.onOpened();
    },
    onMessage: (data) => {
      if (phase !== 'over') receive(data);
    },
    onClose: ({ code, reason }) => {
      if (phase === 'over') return;
      finish();
      events.onClosed(code, lastError ?? (reason === '' ? `the connection ended (${code})` : reason));
    },
  });

  const finish = (): void => {
    phase = 'over';
    timer.clear();
  };

  const giveUp = (reason: string): void => {
    finish();
    socket.close(CLOSE.normal, '');
    events.onBroken(reason);
  };

  const write = (message: UpMessageInput): void => socket.send(JSON.stringify(message));

  const receive = (data: string | Uint8Array): void => {
    lastFrameAt = timers.mono();
    const frame = parseDownFrame(data);
    if (frame.type === 'message') deliver(frame.message);
    else if (frame.type === 'malformed') giveUp(`the relay sent a malformed frame: ${frame.message}`);
    else if (frame.type === 'unknown') log.debug('ignored a message of unknown type', { type: frame.messageType });
    else if (phase === 'live') events.onReads(frame.frame);
  };

  const deliver = (message: DownMessage): void => {
    if (message.type === 'error') lastError = `${message.error.code}: ${message.error.message}`;
    if (message.type !== 'welcome') {
      if (phase === 'live' || message.type === 'error') events.onMessage(message);
    } else if (phase === 'greeting') welcome(message);
    else giveUp('the relay sent an unexpected welcome');
  };

  const welcome = (message: WelcomeMessage): void => {
    phase = 'live';
    timer.clear();
    timer = timers.every(message.timers.heartbeatMs, () => beat(message.timers.heartbeatMs));
    events.onWelcome(message);
  };

  const beat = (heartbeatMs: number): void => {
    const silence = Math.round(timers.mono() - lastFrameAt);
    if (silence >= heartbeatMs * silentHeartbeats) {
      giveUp(`nothing heard from the relay for ${silence} ms`);
      return;
    }
    write({ type: 'heartbeat', sentAt: Math.max(0, clock.now()), ...options.heartbeat() });
    events.onHealthy();
  };

  return {
    sayHello: (hello) => {
      phase = 'greeting';
      attached = hello.nodeId !== undefined;
      write({ type: 'hello', protocol: PROTOCOL_VERSION, ...hello });
    },
    send: (data) => socket.send(data),
    leave: (detach) => {
      if (phase === 'over') return;
      if (detach && attached) write({ type: 'detach' });
      finish();
      socket.close(CLOSE.normal, '');
    },
    bufferedAmount: () => socket.bufferedAmount(),
  };
};
