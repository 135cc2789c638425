import type { OpenTcp, TcpClientEvents } from '../../src/platform/tcp.ts';

/** A chip reader's TCP port in memory: connects when the test allows it, delivers what the test says. */
export interface TcpLink {
  readonly openTcp: OpenTcp;
  /** A connection that waits is made; later ones are made at once, until `refuse`. */
  readonly accept: () => void;
  readonly refuse: () => void;
  readonly isConnected: () => boolean;
  /** True while the client does not read; `deliver` then throws. */
  readonly isPaused: () => boolean;
  readonly deliver: (bytes: Uint8Array | string) => void;
  readonly cut: () => void;
}

export const createTcpLink = (): TcpLink => {
  let events: TcpClientEvents | null = null;
  let connected = false;
  let accepting = false;
  let paused = false;

  const connect = (): void => {
    if (!accepting || events === null || connected) return;
    connected = true;
    events.onOpen();
  };

  const end = (reason: string): void => {
    const closing = events;
    events = null;
    connected = false;
    paused = false;
    closing?.onClose(reason);
  };

  return {
    openTcp: (_target, next) => {
      events = next;
      queueMicrotask(() => {
        if (events !== next) return;
        if (accepting) connect();
        else end('connection refused');
      });
      return {
        peer: 'reader',
        write: () => {},
        bufferedAmount: () => 0,
        pause: () => {
          paused = true;
        },
        resume: () => {
          paused = false;
        },
        close: () => end('closed'),
      };
    },
    accept: () => {
      accepting = true;
      connect();
    },
    refuse: () => {
      accepting = false;
    },
    isConnected: () => connected,
    isPaused: () => paused,
    deliver: (bytes) => {
      if (!connected || paused) throw new Error('the reader has nobody to send to');
      events?.onData(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    },
    cut: () => end('cut'),
  };
};
