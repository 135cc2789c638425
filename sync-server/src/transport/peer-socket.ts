/**
 * One connected peer, as sessions and document rooms see it. The transport has authenticated it
 * and bounds its frames; a test hands in its own.
 */
export interface PeerSocket {
  /** Queues a frame. After `close` it does nothing. */
  readonly send: (frame: string | Uint8Array) => void;
  /**
   * Queues bytes that are whole frames already (`prepared-frame.ts`), in one write, behind what was sent before. Where
   * there is no network: left out, and each frame is sent by itself.
   */
  readonly sendWire?: (pieces: readonly Uint8Array[]) => void;
  /** Closing handshake with a code that browsers can see; idempotent. */
  readonly close: (code: number, reason: string) => void;
  /** Bytes queued and not yet taken by the network. */
  readonly bufferedAmount: () => number;
  /** One listener each; set before the first turn ends, so that no frame is missed. */
  readonly onMessage: (listener: (frame: string | Uint8Array) => void) => void;
  readonly onClose: (listener: (code: number) => void) => void;
  /** Called whenever queued bytes have gone out. */
  readonly onDrain: (listener: () => void) => void;
  /** Stops reading from the peer, so that TCP holds it back; its close is not seen meanwhile. Where there is no network: left out. */
  readonly pause?: () => void;
  readonly resume?: () => void;
}

/** A peer behind a network. */
export interface WireSocket extends PeerSocket {
  readonly sendWire: (pieces: readonly Uint8Array[]) => void;
}

/** A peer who is asked whether it still is there by the WebSocket's own pings. */
export interface ProbedSocket extends WireSocket {
  readonly ping: () => void;
  readonly onPong: (listener: () => void) => void;
  /** Ends the connection without a handshake: the other side does not answer. */
  readonly cut: () => void;
}
