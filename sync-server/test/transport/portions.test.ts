import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createWriteInPortions, PORTION_BYTES } from '../../src/transport/portions.ts';
import { prepareFrameOf } from '../../src/transport/prepared-frame.ts';
import { peerSocketOf } from '../../src/transport/ws-socket.ts';
import { turn, until } from '../docs/doc-client.ts';

/** Turns of the event loop that the test takes one by one. */
const stepped = () => {
  const ends: (() => void)[] = [];
  return {
    afterTurn: (run: () => void): void => void ends.push(run),
    waits: () => ends.length > 0,
    /** Ends the turn; what waited for that has run when this resolves. */
    turn: async (): Promise<void> => {
      for (const run of ends.splice(0)) run();
      await turn();
    },
  };
};

/** What a stream's network was given, one write after another. */
const spy = (stream: Duplex): { readonly sizes: () => readonly number[] } => {
  const { _writev } = stream;
  const sizes: number[] = [];
  stream._writev = (chunks, done) => {
    sizes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    _writev?.call(stream, chunks, done);
  };
  return { sizes: () => sizes };
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Connections as the relay has them, all with the same turns. */
const listening = async () => {
  const turns = stepped();
  const writeInPortions = createWriteInPortions(turns.afterTurn);
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connect = async () => {
    const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const got: Buffer[] = [];
    client.on('message', (data: Buffer) => got.push(data));
    const opened = once(client, 'open');
    const [request, stream, head] = await once(server, 'upgrade');
    const ws = await new Promise<WebSocket>((resolve) => sockets.handleUpgrade(request, stream, head, resolve));
    await opened;
    const { sizes } = spy(stream);
    const socket = peerSocketOf(ws, stream, { maxFrameBytes: 1024, onClosing: () => {}, writeInPortions });
    return { socket, ws, client, got, sizes };
  };
  return { ...turns, connect };
};

const MEGABYTES = 8;
const PARTS = Array.from({ length: MEGABYTES * 16 }, (_, n) => new Uint8Array(64 * 1024).fill(n));
const LARGE = prepareFrameOf(PARTS);
const MESSAGE = Buffer.concat(PARTS);

describe('a large write to a socket', () => {
  it('[P16] is given to the network in portions, of all sockets one a turn', async () => {
    const { turn, waits, connect } = await listening();
    const all = [await connect(), await connect()];
    for (const { socket } of all) socket.sendWire(LARGE.wire);
    const written = (): number => all.flatMap(({ sizes }) => sizes()).length;
    expect(written()).toBe(2);
    while (all.some(({ got }) => got.length === 0)) {
      await until(() => waits() || all.every(({ got }) => got.length > 0));
      const before = written();
      await turn();
      expect(written() - before).toBeLessThan(2);
    }
    for (const { got, sizes, client } of all) {
      expect(got.length).toBe(1);
      expect(got[0]?.equals(MESSAGE)).toBe(true);
      expect(sizes().length).toBeGreaterThan(MEGABYTES - 1);
      expect(Math.max(...sizes())).toBeLessThan(PORTION_BYTES + 1);
      client.close();
    }
  });

  it('[P16] has nothing of others in its midst: frames, pings, pongs and the close come behind it', async () => {
    const { turn, waits, connect } = await listening();
    const { socket, ws, client, got, sizes } = await connect();
    const told: string[] = [];
    client.on('message', () => told.push('message'));
    client.on('ping', () => told.push('ping'));
    client.on('pong', () => told.push('pong'));
    socket.sendWire(LARGE.wire);
    client.ping();
    await once(ws, 'ping');
    ws.ping();
    socket.send(Uint8Array.of(1));
    socket.sendWire(LARGE.wire);
    socket.send(Uint8Array.of(2));
    socket.close(4400, 'enough');
    expect(sizes().length).toBe(1);
    const closed = once(client, 'close');
    while (client.readyState !== client.CLOSED) {
      await until(() => waits() || client.readyState === client.CLOSED);
      await turn();
    }
    expect(await closed).toMatchObject([4400, Buffer.from('enough')]);
    expect(told).toEqual(['message', 'pong', 'ping', 'message', 'message', 'message']);
    expect(got.map(({ length }) => length)).toEqual([MESSAGE.length, 1, MESSAGE.length, 1]);
    expect(got[2]?.equals(MESSAGE)).toBe(true);
  });

  it('that is under way when the connection is cut ends with it', async () => {
    const { turn, waits, connect } = await listening();
    const [cut, other] = [await connect(), await connect()];
    cut.socket.sendWire(LARGE.wire);
    const closed = once(cut.ws, 'close');
    cut.ws.terminate();
    await closed;
    other.socket.sendWire(LARGE.wire);
    while (other.got.length === 0) {
      await until(() => waits() || other.got.length > 0);
      await turn();
    }
    expect(other.got[0]?.equals(MESSAGE)).toBe(true);
    expect(cut.got).toEqual([]);
    expect(waits()).toBe(false);
    other.client.close();
  });

  it('[P16] is done before a later one goes on, and holds up nobody while its network takes nothing', async () => {
    const turns = stepped();
    const writeInPortions = createWriteInPortions(turns.afterTurn, 10);
    const order: string[] = [];
    const taking = new Map<string, () => void>();
    /** `isOpen`: takes everything at once; else what it was given when that is asked for. */
    const open = (name: string, isOpen: boolean): void => {
      const writev: Duplex['_writev'] = (_, done) => {
        order.push(name);
        if (isOpen) done();
        else taking.set(name, done);
      };
      const stream = new Duplex({ read: () => {}, write: () => {}, writev });
      writeInPortions(stream);
      stream.cork();
      for (let n = 0; n < 3; n++) stream.write(Buffer.alloc(10));
      stream.uncork();
    };
    open('slow', false);
    open('first', true);
    open('second', true);
    while (turns.waits()) await turns.turn();
    expect(order).toEqual(['slow', 'first', 'second', 'first', 'first', 'second', 'second']);
    open('third', true);
    taking.get('slow')?.();
    await turns.turn();
    expect(order.slice(7)).toEqual(['third', 'slow']);
  });

  it('[P10] arrives whole and in order, however large its pieces are and whenever turns end', async () => {
    const step = fc.oneof(fc.constant('turn' as const), fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 6 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const turns = stepped();
        const got: Buffer[] = [];
        const stream = new Duplex({
          read: () => {},
          write: (chunk, _, done) => {
            got.push(chunk);
            done();
          },
          writev: (chunks, done) => {
            const size = chunks.reduce((sum, { chunk }) => sum + chunk.length, 0);
            expect(size).toBeLessThan(11);
            got.push(...chunks.map(({ chunk }) => chunk));
            done();
          },
        });
        createWriteInPortions(turns.afterTurn, 10)(stream);
        const expected: Buffer[] = [];
        for (const [n, it] of steps.entries()) {
          if (it === 'turn') {
            await turns.turn();
            continue;
          }
          stream.cork();
          for (const size of [...it, 1]) {
            const piece = Buffer.alloc(size, n);
            expected.push(piece);
            stream.write(piece);
          }
          stream.uncork();
        }
        stream.end();
        const finished = once(stream, 'finish');
        while (!stream.writableFinished) await turns.turn();
        await finished;
        expect(Buffer.concat(got).equals(Buffer.concat(expected))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
