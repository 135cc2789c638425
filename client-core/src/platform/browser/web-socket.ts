import { BEARER_PREFIX, SUBPROTOCOL } from '@baton/schema/protocol';
import type { OpenSocket } from '../../connection/socket.ts';

/**
 * A browser's WebSocket. It cannot set headers, so the token travels as the subprotocol
 * `bearer.<token>` beside `baton.v1`, never in the URL.
 */
export const openWebSocket: OpenSocket = ({ url, token }, events) => {
  const socket = new WebSocket(url, [SUBPROTOCOL, `${BEARER_PREFIX}${token}`]);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => events.onOpen();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    events.onMessage(typeof data === 'string' ? data : new Uint8Array(data));
  // an error event says nothing; the close event that follows always comes
  socket.onclose = ({ code, reason }) => events.onClose({ code, reason });
  return {
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data as string | Uint8Array<ArrayBuffer>);
    },
    close: (code, reason) => socket.close(code, reason),
    bufferedAmount: () => socket.bufferedAmount,
  };
};
