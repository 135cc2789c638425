import { createServer, type Server } from 'node:http';
import { SUBPROTOCOL } from '@baton/schema/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Socket, SocketClose } from '../../../src/connection/socket.ts';
import { openWsSocket } from '../../../src/platform/node/ws-socket.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const listen = (server: Server): Promise<string> => {
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`ws://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/sync`);
    });
  });
};

const open = (url: string) => {
  const messages: (string | Uint8Array)[] = [];
  let socket: Socket | undefined;
  let opened: () => void = () => {};
  let received: () => void = () => {};
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const hasMessage = new Promise<void>((resolve) => {
    received = resolve;
  });
  const closed = new Promise<SocketClose>((resolve) => {
    socket = openWsSocket(
      { url, token: 'secret-token' },
      {
        onOpen: opened,
        onMessage: (data) => {
          messages.push(data);
          if (messages.length === 2) received();
        },
        onClose: resolve,
      },
    );
  });
  if (socket === undefined) throw new Error('no socket');
  return { socket, messages, isOpen, hasMessage, closed };
};

describe('WebSocket of Node', () => {
  it('carries the token in a header, speaks the subprotocol, keeps text and bytes apart', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const seen: unknown[] = [];
    sockets.on('connection', (peer, request) => {
      seen.push(request.headers.authorization, peer.protocol, request.url);
      peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
    });
    const { socket, messages, isOpen, hasMessage, closed } = open(await listen(server));
    socket.send('dropped: not open yet');
    await isOpen;
    socket.send('text');
    socket.send(new Uint8Array([1, 2, 3]));
    await hasMessage;
    expect(seen).toEqual(['Bearer secret-token', SUBPROTOCOL, '/sync']);
    expect(messages[0]).toBe('text');
    expect([...(messages[1] as Uint8Array)]).toEqual([1, 2, 3]);
    socket.close(1000, 'bye');
    socket.close(1000, 'again');
    expect(await closed).toEqual({ code: 1000, reason: 'bye' });
    sockets.close();
  });

  it('tells the relay’s close code and reason', async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (peer) => peer.close(4401, 'unknown token'));
    expect(await open(await listen(server)).closed).toEqual({ code: 4401, reason: 'unknown token' });
    sockets.close();
  });

  it.each([
    [401, 4401],
    [403, 4403],
    [503, 1006],
  ])('an upgrade answered with HTTP %i is a close with %i', async (status, code) => {
    const server = createServer();
    server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`));
    expect(await open(await listen(server)).closed).toEqual({
      code,
      reason: `the relay answered the upgrade with HTTP ${status}`,
    });
  });

  it('a relay that is not there is a close with 1006 that says why', async () => {
    const server = createServer();
    const url = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await open(url).closed).toMatchObject({ code: 1006, reason: expect.stringContaining('ECONNREFUSED') });
  });

  it('closing before it opened is a close, too', async () => {
    const server = createServer();
    const { socket, closed } = open(await listen(server));
    socket.close(1000, '');
    expect((await closed).code).toBe(1006);
  });
});
