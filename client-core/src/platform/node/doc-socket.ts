import { WebSocket as WsWebSocket } from 'ws';

const HANDSHAKE_MS = 10_000;
/** A whole document comes in one frame; a roster of 55,000 has some 10 MB. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

class DocSocket extends WsWebSocket {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
  }
}

/** `ws` as y-websocket uses a browser's `WebSocket`: events by property, binary as ArrayBuffer. Its types differ elsewhere. */
export const NodeDocSocket = DocSocket as unknown as typeof WebSocket;
