import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { PeerSocket } from '../../src/transport/peer-socket.ts';
import { joinFrames, prepareFrame } from '../../src/transport/prepared-frame.ts';
import { peerSocketOf } from '../../src/transport/ws-socket.ts';
import { until } from '../docs/doc-client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A socket as the relay has it, and the other end with what it got. */
const connected = async () => {
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened = new Promise<PeerSocket>((resolve) => {
    server.on('upgrade', (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (ws) => resolve(peerSocketOf(ws, stream, 1024))),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const got: Buffer[] = [];
  client.on('message', (data: Buffer) => got.push(data));
  return { socket: await opened, client, got };
};

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe('frames that are encoded once', () => {
  it('arrive as they were, each a message of its own, whatever their size', async () => {
    const { socket, client, got } = await connected();
    const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
    const frames = sizes.map((size, index) => prepareFrame(bytes(size, index)));
    socket.sendWire?.(joinFrames(frames));
    await until(() => got.length === sizes.length);
    expect(got.map((it) => it.length)).toEqual(sizes);
    expect(got.every((it, index) => it.equals(bytes(sizes[index] ?? 0, index)))).toBe(true);
    client.close();
  });

  it('keep their place among frames that are sent one by one, and none comes after the close', async () => {
    const { socket, client, got } = await connected();
    const expected: number[] = [];
    for (let n = 0; n < 100; n++) {
      if (n % 3 === 0) socket.send(bytes(10 + n, n));
      else socket.sendWire?.(joinFrames([prepareFrame(bytes(1000 * (n % 7), n)), prepareFrame(bytes(1, n))]));
      expected.push(...(n % 3 === 0 ? [10 + n] : [1000 * (n % 7), 1]));
    }
    const closed = once(client, 'close');
    socket.close(4400, 'enough');
    socket.sendWire?.([prepareFrame(bytes(5, 5)).wire]);
    expect(await closed).toMatchObject([4400, Buffer.from('enough')]);
    expect(got.map((it) => it.length)).toEqual(expected);
  });

  it('[P17] a socket that is not read from is closed within moments all the same', async () => {
    const { socket, client } = await connected();
    socket.pause?.();
    const closed = once(client, 'close');
    socket.close(4401, 'the token was revoked');
    expect((await closed)[0]).toBe(4401);
  });
});
