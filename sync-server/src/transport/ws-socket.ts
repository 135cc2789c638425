import type { Duplex } from 'node:stream';
import { CLOSE } from '@baton/schema/protocol';
import type { RawData, WebSocket } from 'ws';
import type { ProbedSocket, WireSocket } from './peer-socket.ts';
import { PORTION_BYTES, type WriteInPortions } from './portions.ts';

/** Close reasons are at most 123 bytes on the wire. */
const cutReason = (reason: string): string => Buffer.from(reason, 'utf8').subarray(0, 120).toString('utf8');

const toBytes = (data: RawData): Uint8Array => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};

const isLarge = (pieces: readonly Uint8Array[]): boolean =>
  pieces.reduce((sum, { length }) => sum + length, 0) > PORTION_BYTES;

/** Writes what the stream was told to hold back, if it was. */
export const letGo = (stream: Duplex): void => {
  if (stream.writableCorked > 0) stream.uncork();
};

/**
 * Writes frames that are encoded already past `ws`, to the stream that it writes to itself. Its own frames and these keep
 * their order: without compression and Blobs, `ws` writes each frame to the stream within the call of `send`, and the
 * server that takes these connections has compression off. One write is one system call for all pieces, or for a portion of them.
 */
const createWireWriter = (
  stream: Duplex,
  drainListener: () => (() => void) | null,
  writeInPortions: WriteInPortions,
): ((pieces: readonly Uint8Array[]) => void) => {
  const written = (): void => drainListener()?.();
  const write = (piece: Uint8Array): void => {
    // a callback costs each socket a tick of its own: where nobody listens there is none
    if (drainListener() === null) stream.write(piece);
    else stream.write(piece, written);
  };
  const writeTogether = (pieces: readonly Uint8Array[]): void => {
    if (isLarge(pieces)) writeInPortions(stream);
    stream.cork();
    for (const piece of pieces) write(piece);
    stream.uncork();
  };
  return (pieces) => {
    const [first] = pieces;
    if (first !== undefined && pieces.length === 1) write(first);
    else writeTogether(pieces);
    letGo(stream);
  };
};

export interface WsSocketOptions {
  readonly maxFrameBytes: number;
  /** Told of the code when it is this side that closes. */
  readonly onClosing: (code: number) => void;
  /** One for all sockets, which share each turn of the event loop. */
  readonly writeInPortions: WriteInPortions;
}

/**
 * A `ws` connection as a `PeerSocket`. Frames over `maxFrameBytes` close it with 4413. A peer that does
 * not answer the closing handshake is cut after `ws`'s close timeout.
 *
 * @param stream the network stream that was upgraded to this WebSocket
 */
export const peerSocketOf = (
  socket: WebSocket,
  stream: Duplex,
  { maxFrameBytes, onClosing, writeInPortions }: WsSocketOptions,
): WireSocket => {
  let onMessage: (frame: string | Uint8Array) => void = () => {};
  let onDrain: (() => void) | null = null;
  const writeWire = createWireWriter(stream, () => onDrain, writeInPortions);
  const close = (code: number, reason: string): void => {
    if (socket.readyState !== socket.OPEN) return;
    onClosing(code);
    socket.close(code, cutReason(reason));
    socket.resume(); // else the peer's half of the handshake is never read
  };
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = toBytes(data);
    if (bytes.byteLength > maxFrameBytes) close(CLOSE.tooLarge, `a frame has at most ${maxFrameBytes} bytes`);
    else onMessage(isBinary ? bytes : Buffer.from(bytes).toString('utf8'));
  });
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, () => onDrain?.());
    },
    sendWire: (pieces) => {
      if (socket.readyState === socket.OPEN) writeWire(pieces);
    },
    close,
    bufferedAmount: () => socket.bufferedAmount,
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      socket.on('close', (code) => listener(code));
    },
    onDrain: (listener) => {
      onDrain = listener;
    },
    pause: () => {
      if (socket.readyState === socket.OPEN) socket.pause();
    },
    resume: () => socket.resume(),
  };
};

/** As `peerSocketOf`, with pings. */
export const probedSocketOf = (socket: WebSocket, stream: Duplex, options: WsSocketOptions): ProbedSocket => ({
  ...peerSocketOf(socket, stream, options),
  ping: () => {
    if (socket.readyState === socket.OPEN) socket.ping();
  },
  onPong: (listener) => {
    socket.on('pong', () => listener());
  },
  cut: () => socket.terminate(),
});
