import { once } from 'node:events';
import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';

/** A server as small as it gets that speaks the feed: real sockets, real HTTP, nothing decided by itself. */
export interface FeedServer {
  readonly origin: string;
  /** Answers of `GET`, by path without query; 404 otherwise. A function sees the whole address. */
  readonly answers: Map<string, unknown>;
  /** Every path that was asked for by HTTP, with its query. */
  readonly asked: string[];
  /** Refuses the upgrade with this status; null: takes it. */
  refuseWith: number | null;
  readonly upgrades: () => number;
  /** Sockets that were taken. */
  readonly opened: () => number;
  readonly socket: (at: number) => WebSocket;
  readonly send: (message: unknown) => void;
}

export const startFeedServer = async (): Promise<FeedServer> => {
  const answers = new Map<string, unknown>();
  const asked: string[] = [];
  const sockets: WebSocket[] = [];
  let upgrades = 0;
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    asked.push(url);
    const path = new URL(url, 'http://x').pathname;
    const body = answers.get(path);
    if (body === 'silence') return;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(body ?? { code: 'NOT_FOUND', message: 'nothing there' }));
  });
  const feeds = new WebSocketServer({ noServer: true });
  const self: FeedServer = {
    origin: '',
    answers,
    asked,
    refuseWith: null,
    upgrades: () => upgrades,
    opened: () => sockets.length,
    socket: (at) => {
      const socket = sockets.at(at);
      if (socket === undefined) throw new Error(`there is no socket ${at}`);
      return socket;
    },
    send: (message) => sockets.at(-1)?.send(JSON.stringify(message)),
  };
  server.on('upgrade', (request, socket, head) => {
    upgrades++;
    if (self.refuseWith !== null) {
      socket.end(`HTTP/1.1 ${self.refuseWith} No\r\nConnection: close\r\n\r\n`);
      return;
    }
    feeds.handleUpgrade(request, socket, head, (it) => sockets.push(it));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  onTestFinished(async () => {
    for (const it of sockets) it.terminate();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return Object.assign(self, { origin: `http://127.0.0.1:${address.port}` });
};
