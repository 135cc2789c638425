import { CLOSE } from '@baton/schema/protocol';
import type { RawData, WebSocket } from 'ws';
import type { PeerSocket } from './peer-socket.ts';

/** Close reasons are at most 123 bytes on the wire. */
const cutReason = (reason: string): string => Buffer.from(reason, 'utf8').subarray(0, 120).toString('utf8');

const toBytes = (data: RawData): Uint8Array => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};

/**
 * A `ws` connection as a `PeerSocket`. Frames over `maxFrameBytes` close it with 4413 (the server's
 * own `maxPayload` lies above that, so that the peer sees a reason instead of 1009). A peer that does
 * not answer the closing handshake is cut after `ws`'s close timeout.
 */
export const peerSocketOf = (socket: WebSocket, maxFrameBytes: number): PeerSocket => {
  let onMessage: (frame: string | Uint8Array) => void = () => {};
  let onDrain: () => void = () => {};
  const close = (code: number, reason: string): void => {
    if (socket.readyState === socket.OPEN) socket.close(code, cutReason(reason));
  };
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    const bytes = toBytes(data);
    if (bytes.byteLength > maxFrameBytes) close(CLOSE.tooLarge, `a frame has at most ${maxFrameBytes} bytes`);
    else onMessage(isBinary ? bytes : Buffer.from(bytes).toString('utf8'));
  });
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, () => onDrain());
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
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
};
