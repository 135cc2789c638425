/**
 * A WebSocket as the narrowest thing a session needs. Drivers: `platform/node/ws-socket.ts`,
 * `platform/browser/web-socket.ts`, and the queued pair of testkit.
 */
export interface Socket {
  /** A string is a text frame, bytes are a binary frame. Dropped without a word when the socket is not open. */
  readonly send: (data: string | Uint8Array) => void;
  /** Sends what is queued, then ends; `onClose` still follows. Idempotent. */
  readonly close: (code: number, reason: string) => void;
  /** Bytes handed to `send` that the operating system has not taken yet. */
  readonly bufferedAmount: () => number;
}

export interface SocketEvents {
  readonly onOpen: () => void;
  readonly onMessage: (data: string | Uint8Array) => void;
  /** Exactly once, also when the connection never opened. */
  readonly onClose: (close: SocketClose) => void;
}

/** `code` as in RFC 6455; 1006 for a connection that was refused or broke. */
export interface SocketClose {
  readonly code: number;
  readonly reason: string;
}

export interface SocketTarget {
  /** `ws:` or `wss:` address without a token in it. */
  readonly url: string;
  readonly token: string;
  /** Offered beside `baton.v1`. */
  readonly protocols?: readonly string[];
}

/** Begins to connect. Events come later, never during the call. */
export type OpenSocket = (target: SocketTarget, events: SocketEvents) => Socket;

/** Code of a connection that ended without a close frame (RFC 6455, 7.1.5). */
export const ABNORMAL_CLOSE = 1006;
