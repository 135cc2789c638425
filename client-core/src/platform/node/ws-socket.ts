import { CLOSE, SUBPROTOCOL } from '@baton/schema/protocol';
import { WebSocket } from 'ws';
import { ABNORMAL_CLOSE, type OpenSocket, type SocketClose } from '../../connection/socket.ts';

const HANDSHAKE_MS = 10_000;
/** A peer that does not answer the close frame is cut; half of the 5 s in which a command must end. */
const CLOSE_MS = 2500;
/** Control messages name up to 10,000 streams; reads frames are far smaller. */
const MAX_DOWN_FRAME_BYTES = 8 * 1024 * 1024;

/** Statuses before the upgrade that mean the same as a permanent close code. */
const REFUSED: Readonly<Record<number, number>> = { 401: CLOSE.unauthorized, 403: CLOSE.forbidden };

const refused = (status: number): SocketClose => ({
  code: REFUSED[status] ?? ABNORMAL_CLOSE,
  reason: `the relay answered the upgrade with HTTP ${status}`,
});

/** A WebSocket of Node (`ws`); the token goes into the `Authorization` header. */
export const openWsSocket: OpenSocket = ({ url, token, protocols = [] }, events) => {
  const socket = new WebSocket(url, [SUBPROTOCOL, ...protocols], {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: MAX_DOWN_FRAME_BYTES,
  });
  let failure: SocketClose | null = null;
  let cut: NodeJS.Timeout | undefined;

  socket.on('open', () => events.onOpen());
  socket.on('message', (data: Buffer, isBinary: boolean) => events.onMessage(isBinary ? data : data.toString('utf8')));
  socket.on('unexpected-response', (_request, response) => {
    failure = refused(response.statusCode ?? 0);
    socket.terminate(); // ws leaves the rest to the listener; this gives the close event
  });
  socket.on('error', (error) => {
    failure ??= { code: ABNORMAL_CLOSE, reason: error.message };
  });
  socket.on('close', (code, reason) => {
    clearTimeout(cut);
    events.onClose(failure ?? { code, reason: reason.toString('utf8') });
  });

  return {
    send: (data) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data);
    },
    close: (code, reason) => {
      if (socket.readyState === WebSocket.CLOSED) return;
      socket.close(code, reason);
      cut ??= setTimeout(() => socket.terminate(), CLOSE_MS);
    },
    bufferedAmount: () => socket.bufferedAmount,
  };
};
