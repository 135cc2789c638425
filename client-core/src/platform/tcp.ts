/** TCP as the narrowest thing that readers, the emulator and local outputs need. Drivers: `platform/node/tcp.ts`. */
export interface TcpAddress {
  readonly host: string;
  readonly port: number;
}

export interface TcpConnection {
  /** `host:port` of the peer. */
  readonly peer: string;
  /** Dropped without a word once the connection is over. */
  readonly write: (bytes: Uint8Array) => void;
  /** Bytes written that the operating system has not taken yet. */
  readonly bufferedAmount: () => number;
  /** Stops reading: the peer is held back by TCP itself. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Sends what was written, then ends; a peer that does not take it is cut. `onClose` follows. */
  readonly close: () => void;
}

export interface TcpEvents {
  readonly onData: (bytes: Uint8Array) => void;
  /** Everything written has been taken by the operating system. */
  readonly onDrain?: () => void;
  /** Exactly once. */
  readonly onClose: (reason: string) => void;
}

export interface TcpClientEvents extends TcpEvents {
  readonly onOpen: () => void;
}

/** Begins to connect; events come later, never during the call. A connection that fails gives only `onClose`. */
export type OpenTcp = (target: TcpAddress, events: TcpClientEvents) => TcpConnection;

export interface TcpServer {
  readonly address: TcpAddress;
  /** Takes no more connections and cuts those that are open. */
  readonly close: () => Promise<void>;
}

export interface TcpListenError {
  readonly type: 'port-in-use' | 'cannot-listen';
  readonly message: string;
}
