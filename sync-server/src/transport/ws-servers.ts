import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE, SUBPROTOCOL } from '@baton/schema/protocol';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

export interface WsServersDeps {
  readonly requestIdOf: (request: IncomingMessage) => string | undefined;
  /** An upgrade that is none: nothing has been answered yet. */
  readonly onBadUpgrade: (error: Error, stream: Duplex, request: IncomingMessage) => void;
  /** The relay closes a socket, with this code. */
  readonly onClosing: (code: number) => void;
}

/** What `ws` itself closes with when a frame is over its limit. */
const WS_TOO_LARGE = 1009;

/** A frame over the limit ends with our code for it, which says more to a peer than that of `ws`. */
const closeInOurWords = (ws: WebSocket, maxFrameBytes: number, onClosing: (code: number) => void): void => {
  const close = ws.close.bind(ws);
  ws.close = (code, reason) => {
    if (code !== WS_TOO_LARGE) return close(code, reason);
    onClosing(CLOSE.tooLarge);
    close(CLOSE.tooLarge, `a frame has at most ${maxFrameBytes} bytes`);
  };
};

const isFrameError = (error: Error): boolean =>
  'code' in error && typeof error.code === 'string' && error.code.startsWith('WS_ERR_');

const createServer = (maxPayload: number, { requestIdOf, onBadUpgrade }: WsServersDeps): WebSocketServer => {
  const options: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    perMessageDeflate: false,
    maxPayload,
    clientTracking: false,
    // a peer that does not answer the closing handshake is cut: with the sweep of ended grants, within 5 s
    closeTimeout: 3000,
    // the bearer companion is never answered: a secret must not be echoed
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  };
  const server = new WebSocketServer(options);
  server.on('headers', (headers, request) => {
    const requestId = requestIdOf(request);
    if (requestId !== undefined) headers.push(`X-Request-Id: ${requestId}`);
  });
  server.on('wsClientError', onBadUpgrade);
  return server;
};

/** Makes WebSockets of upgrades. `maxFrameBytes` are few: there is one server of `ws` for each. */
export type TakeUpgrade = (
  upgrade: { readonly request: IncomingMessage; readonly stream: Duplex; readonly head: Buffer },
  maxFrameBytes: number,
  open: (ws: WebSocket) => void,
) => void;

/** With a server for each limit a frame over it is not gathered before it is refused. */
export const createWsServers = (deps: WsServersDeps): TakeUpgrade => {
  const servers = new Map<number, WebSocketServer>();
  return ({ request, stream, head }, maxFrameBytes, open) => {
    const server = servers.get(maxFrameBytes) ?? createServer(maxFrameBytes, deps);
    servers.set(maxFrameBytes, server);
    server.handleUpgrade(request, stream, head, (ws) => {
      closeInOurWords(ws, maxFrameBytes, deps.onClosing);
      // after what is no frame `ws` has closed by now, and cuts who does not answer
      ws.on('error', (error) => {
        if (!isFrameError(error)) ws.terminate();
      });
      open(ws);
    });
  };
};
