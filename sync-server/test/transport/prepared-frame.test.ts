import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { afterTurn } from '../../src/platform/node-time.ts';
import type { WireSocket } from '../../src/transport/peer-socket.ts';
import { createWriteInPortions } from '../../src/transport/portions.ts';
import {
  joinFrames,
  type PreparedFrame,
  payloadOf,
  prepareFrame,
  prepareFrameOf,
  withStart,
} from '../../src/transport/prepared-frame.ts';
import { peerSocketOf } from '../../src/transport/ws-socket.ts';
import { until } from '../docs/doc-client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const OPTIONS = { maxFrameBytes: 1024, onClosing: () => {}, writeInPortions: createWriteInPortions(afterTurn) };

/** Takes one WebSocket, and has it as the relay does. */
const listening = async () => {
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened = new Promise<WireSocket>((resolve) => {
    server.on('upgrade', (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (ws) => resolve(peerSocketOf(ws, stream, OPTIONS))),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, opened };
};

/** A socket as the relay has it, and the other end with what it got. */
const connected = async () => {
  const { port, opened } = await listening();
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const got: Buffer[] = [];
  client.on('message', (data: Buffer) => got.push(data));
  return { socket: await opened, client, got };
};

/** The same, with the bytes that came behind the answer to the upgrade. */
const connectedRaw = async () => {
  const { port, opened } = await listening();
  const client = connect(port, '127.0.0.1');
  client.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const socket = await opened;
  const [answer] = await once(client, 'data');
  expect(String(answer).endsWith('\r\n\r\n')).toBe(true);
  const got: Buffer[] = [];
  client.on('data', (chunk: Buffer) => got.push(chunk));
  return { socket, client, got };
};

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value);

describe('frames that are encoded once', () => {
  it('arrive as they were, each a message of its own, whatever their size', async () => {
    const { socket, client, got } = await connected();
    const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];
    const frames = sizes.map((size, index) => prepareFrame(bytes(size, index)));
    socket.sendWire(joinFrames(frames));
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
      else socket.sendWire(joinFrames([prepareFrame(bytes(1000 * (n % 7), n)), prepareFrame(bytes(1, n))]));
      expected.push(...(n % 3 === 0 ? [10 + n] : [1000 * (n % 7), 1]));
    }
    const closed = once(client, 'close');
    socket.close(4400, 'enough');
    socket.sendWire(prepareFrame(bytes(5, 5)).wire);
    expect(await closed).toMatchObject([4400, Buffer.from('enough')]);
    expect(got.map((it) => it.length)).toEqual(expected);
  });

  it('[P17] a socket that is not read from is closed within moments all the same', async () => {
    const { socket, client } = await connected();
    socket.pause?.();
    const closed = once(client, 'close');
    socket.close(4401, 'the token was revoked');
    socket.pause?.();
    expect((await closed)[0]).toBe(4401);
  });
});

const sizeOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

const parts = fc
  .array(
    fc.oneof(fc.nat(300), fc.nat({ max: 40_000 }), fc.nat({ max: 200_000 })).map((size) => bytes(size, size & 255)),
    { maxLength: 60 },
  )
  .map((all) => [...all, bytes(70_000, 7)]);

const JOINED = 32 * 1024;

describe('a frame of many bytes', () => {
  it('is the same on the network as a small one: one header, then all of the payload', async () => {
    const { socket, client, got } = await connectedRaw();
    const payload = Array.from({ length: 160 }, (_, n) => bytes(65_000 + n, n));
    const frame = prepareFrameOf([bytes(5, 255), ...payload]);
    socket.sendWire(frame.wire);
    const header = Buffer.alloc(10, 0);
    header.set([0x82, 127]);
    header.writeBigUInt64BE(BigInt(frame.bytes - 10), 2);
    const all = Buffer.concat([header, bytes(5, 255), ...payload]);
    await until(() => sizeOf(got) >= all.length);
    expect(Buffer.concat(got).equals(all)).toBe(true);
    client.destroy();
  });

  it('[P16] is not copied: of its parts only small ones are put together, so that the pieces are few', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const { wire, bytes: size } = prepareFrameOf(all);
        expect(size).toBe(sizeOf(wire));
        const written = new Set(wire);
        expect(all.every((part) => part.length <= JOINED || written.has(part))).toBe(true);
        expect(wire.slice(1).every((it, at) => it.length + (wire[at]?.length ?? 0) > JOINED)).toBe(true);
        expect(Buffer.concat(wire).subarray(10).equals(Buffer.concat(all))).toBe(true);
      }),
    );
  });

  it('[P16] joined with others stays as it is, and many small ones behind it are few pieces', () => {
    const large = prepareFrame(bytes(5, 1), bytes(300_000, 2));
    const small = Array.from({ length: 500 }, (_, n) => prepareFrame(bytes(200, n)));
    const wire = joinFrames([large, ...small]);
    expect(wire.length).toBe(2 + 4);
    expect(wire[1]).toBe(large.wire[1]);
    const frames: readonly PreparedFrame[] = [large, ...small];
    expect(Buffer.concat(wire).equals(Buffer.concat(frames.flatMap((it) => it.wire)))).toBe(true);
  });

  it('with another start shares all but its first piece, and leaves the other as it was', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const frame = prepareFrameOf([bytes(8, 1), ...all]);
        const before = Buffer.concat(frame.wire);
        const other = withStart(frame, bytes(2, 9));
        expect(other.wire.slice(1).every((it, at) => it === frame.wire[at + 1])).toBe(true);
        expect(Buffer.concat(frame.wire).equals(before)).toBe(true);
        expect(Buffer.from(payloadOf(other)).equals(Buffer.concat([bytes(2, 9), bytes(6, 1), ...all]))).toBe(true);
      }),
    );
  });
});
