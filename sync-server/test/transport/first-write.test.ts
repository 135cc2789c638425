import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ok } from '@baton/schema/result';
import { createVirtualTime } from '@baton/testkit';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Grant } from '../../src/auth/grant.ts';
import { createConnections } from '../../src/transport/connections.ts';
import type { PeerSocket } from '../../src/transport/peer-socket.ts';
import { prepareFrame } from '../../src/transport/prepared-frame.ts';
import { createUpgradeHandler } from '../../src/transport/upgrade.ts';

const GRANT: Grant = {
  role: 'admin',
  tokenId: null,
  eventId: null,
  nodeId: null,
  label: null,
  expiresAt: null,
};

/** Writes that reach the network, as the stream itself makes them. */
const countWrites = (stream: Duplex): { readonly count: () => number } => {
  const { _write, _writev } = stream;
  let count = 0;
  stream._write = (...args) => {
    count++;
    _write.apply(stream, args);
  };
  stream._writev = (...args) => {
    count++;
    _writev?.apply(stream, args);
  };
  return { count: () => count };
};

let server: Server;
let clients: WebSocket[] = [];
afterEach(() => {
  for (const client of clients) client.terminate();
  clients = [];
  server.closeAllConnections();
  server.close();
});

/** Connects to a route that does this with each socket; resolves with its first message and the writes that took. */
const connectTo = async (open: (socket: PeerSocket) => void) => {
  const { clock, timers } = createVirtualTime();
  const connections = createConnections({ clock, timers });
  const upgrade = createUpgradeHandler({
    access: { authenticate: () => ok(GRANT) } as never,
    connections,
    quotas: { refuseSocket: () => null },
    allowOrigins: [],
    routes: [{ prefix: '/docs/', maxFrameBytes: 1000, open: () => open }],
    publicRoutes: [],
    ids: { uuid: () => 'an-id' },
    afterTurn: (run) => void setImmediate(run),
    onRefusal: () => {},
    onClosing: () => {},
    onDefect: (error) => {
      throw error;
    },
  });
  let writes = { count: () => 0 };
  server = createServer();
  server.on('upgrade', (request, stream, head) => {
    writes = countWrites(stream);
    upgrade(request, stream, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new WebSocket(`ws://127.0.0.1:${port}/docs/x`, { headers: { authorization: 'Bearer it' } });
  clients.push(client);
  const opened = new Promise<void>((resolve) => client.once('open', resolve));
  const message = new Promise<string>((resolve) => client.once('message', (data) => resolve(String(data))));
  return { opened, message, writes: () => writes.count() };
};

const FRAME = prepareFrame(Buffer.from('welcome'));

it('what is gathered for a peer in the turn in which it comes goes out with the answer to its upgrade, in one write', async () => {
  const { message, writes } = await connectTo((socket) => setImmediate(() => socket.sendWire?.(FRAME.wire)));
  expect(await message).toBe('welcome');
  expect(writes()).toBe(1);
});

it('so does what is sent at once, before what is gathered', async () => {
  const { message, writes } = await connectTo((socket) => {
    socket.send('first');
    setImmediate(() => socket.sendWire?.([...FRAME.wire, ...FRAME.wire]));
  });
  expect(await message).toBe('first');
  expect(writes()).toBe(1);
});

it('a peer that is told nothing has its answer all the same', async () => {
  const { opened, writes } = await connectTo(() => {});
  await opened;
  expect(writes()).toBe(1);
});
