import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createVirtualTime } from '@baton/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { afterTurn, systemTimers } from '../../src/platform/node-time.ts';
import { createFanOut, FAN_OUT_LIMITS, type FanOutLimits } from '../../src/spectators/fan-out.ts';
import { createFrameLog } from '../../src/spectators/frame-log.ts';
import type { WireSocket } from '../../src/transport/peer-socket.ts';
import { createWriteInPortions } from '../../src/transport/portions.ts';
import { type PreparedFrame, prepareText } from '../../src/transport/prepared-frame.ts';
import { peerSocketOf } from '../../src/transport/ws-socket.ts';
import { until } from '../docs/doc-client.ts';

const OPTIONS = { maxFrameBytes: 1024, onClosing: () => {}, writeInPortions: createWriteInPortions(afterTurn) };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Takes WebSockets and hands out the relay's end of each. */
const listening = async () => {
  const server = createServer();
  servers.push(server);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const opened: ((socket: WireSocket) => void)[] = [];
  server.on('upgrade', (request, stream, head) =>
    sockets.handleUpgrade(request, stream, head, (ws) => opened.shift()?.(peerSocketOf(ws, stream, OPTIONS))),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, next: () => new Promise<WireSocket>((resolve) => opened.push(resolve)) };
};

type Listening = Awaited<ReturnType<typeof listening>>;

/** One who reads everything. */
const reader = async ({ port, next }: Listening) => {
  const opened = next();
  const client = new WebSocket(`ws://127.0.0.1:${port}`);
  const got: string[] = [];
  client.on('message', (data: Buffer) => got.push(data.toString('utf8')));
  return { socket: await opened, client, got };
};

/** One whose network takes nothing until it is told to. */
const sleeper = async ({ port, next }: Listening) => {
  const opened = next();
  const client: Socket = connect(port, '127.0.0.1');
  client.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  const socket = await opened;
  client.pause();
  return { socket, client };
};

const text = (value: string): PreparedFrame => prepareText(value);
const fanOutOf = (limits: Partial<FanOutLimits> = {}) =>
  createFanOut({ timers: systemTimers, afterTurn }, { ...FAN_OUT_LIMITS, ...limits });

const BIG = 'x'.repeat(100_000);

describe('frames for everybody', () => {
  it('[CN-26] reach all others while one never reads; it is skipped, nothing piles up for it, and it is closed at last', async () => {
    const at = await listening();
    const fanOut = fanOutOf({ lookMs: 5, giveUpMs: 60 });
    const lively = await reader(at);
    const asleep = await sleeper(at);
    for (const { socket } of [asleep, lively]) fanOut.join(socket, text('first'));
    let [mostWaiting, mostKept] = [0, 0];
    for (let round = 1; round <= 400; round++) {
      fanOut.push(text(`${round} ${BIG}`));
      await until(() => lively.got.length === round + 1);
      mostWaiting = Math.max(mostWaiting, asleep.socket.bufferedAmount());
      mostKept = Math.max(mostKept, fanOut.bytes());
      if (!fanOut.has(asleep.socket)) break;
    }
    expect(lively.got[0]).toBe('first');
    expect(mostWaiting).toBeLessThan(FAN_OUT_LIMITS.behindBytes + 2 * BIG.length);
    expect(mostKept).toBeLessThan(3 * BIG.length);
    await until(() => !fanOut.has(asleep.socket));
    expect(fanOut.behind()).toBe(0);
    fanOut.push(text('still here'));
    await until(() => lively.got.at(-1) === 'still here');
    asleep.client.destroy();
    lively.client.close();
    fanOut.stop();
  });

  it('[CN-26] tell one who has fallen behind and drains again to refresh, and go on from there', async () => {
    const at = await listening();
    const fanOut = fanOutOf({ lookMs: 2 });
    const { socket, client } = await sleeper(at);
    fanOut.join(socket, text('first'));
    for (let round = 1; fanOut.behind() === 0; round++) {
      fanOut.push(text(`${round} ${BIG}`));
      await new Promise<void>((resolve) => afterTurn(() => afterTurn(resolve)));
    }
    fanOut.push(text('never to be seen'));
    let seen = '';
    client.on('data', (chunk) => {
      seen = (seen + chunk.toString('latin1')).slice(-1000);
    });
    client.resume();
    await until(() => seen.includes('refresh'));
    expect(fanOut.behind()).toBe(0);
    fanOut.push(text('news'));
    await until(() => seen.includes('news'));
    expect(seen).not.toContain('never to be seen');
    client.destroy();
    fanOut.stop();
  });

  it('are given up for a refresh when they pile up faster than they can be written', async () => {
    const at = await listening();
    const fanOut = fanOutOf({ logBytes: 300_000 });
    const { socket, client, got } = await reader(at);
    fanOut.join(socket, text('first'));
    for (let round = 0; round < 10; round++) fanOut.push(text(`${round} ${BIG}`));
    fanOut.push(text('last'));
    await until(() => got.at(-1) === 'last');
    expect(got).toContain('{"type":"refresh"}');
    expect(got.length).toBeLessThan(8);
    client.close();
    fanOut.stop();
  });
});

/** A socket that takes everything at once. */
const taking = () => {
  const got: string[] = [];
  let closedWith: number | null = null;
  let writes = 0;
  const socket: WireSocket = {
    send: (frame) => void got.push(String(frame)),
    sendWire: (pieces) => {
      writes++;
      got.push(...pieces.map((piece) => Buffer.from(piece).toString('latin1')));
    },
    close: (code) => {
      closedWith = code;
    },
    bufferedAmount: () => 0,
    onMessage: () => {},
    onClose: () => {},
    onDrain: () => {},
  };
  return { socket, text: () => got.join(''), writes: () => writes, closedWith: () => closedWith };
};

describe('a pass over the sockets', () => {
  /** Turns of the event loop that the test takes one by one. */
  const stepped = (limits: Partial<FanOutLimits> = {}) => {
    const time = createVirtualTime();
    const turns: (() => void)[] = [];
    const fanOut = createFanOut(
      { timers: time.timers, afterTurn: (run) => void turns.push(run) },
      { ...FAN_OUT_LIMITS, ...limits },
    );
    const turn = (): boolean => {
      const run = turns.shift();
      run?.();
      return run !== undefined;
    };
    return { fanOut, turn };
  };

  it('writes to some of them a turn, and what is pushed meanwhile costs each one write more, however much it is', () => {
    const { fanOut, turn } = stepped({ turnVisits: 10 });
    const all = Array.from({ length: 25 }, taking);
    for (const { socket } of all) fanOut.join(socket, text('first'));
    fanOut.push(text('a'));
    turn();
    expect(all.filter((it) => it.writes() === 2)).toHaveLength(10);
    for (const it of ['b', 'c', 'd', 'e']) fanOut.push(text(it));
    while (turn());
    expect(all.map((it) => it.text().replace(/[^a-z]/g, ''))).toEqual(all.map(() => 'firstabcde'));
    expect(Math.max(...all.map((it) => it.writes()))).toBe(3);
    expect(fanOut.bytes()).toBe(0);
  });

  it('gives who joins in its middle only what is newer than its first message', () => {
    const { fanOut, turn } = stepped({ turnVisits: 2 });
    const before = Array.from({ length: 5 }, taking);
    for (const { socket } of before) fanOut.join(socket, text('one'));
    fanOut.push(text('a'));
    turn();
    const late = taking();
    fanOut.join(late.socket, text('two'));
    fanOut.push(text('b'));
    while (turn());
    expect(late.text().replace(/[^a-z]/g, '')).toBe('twob');
    expect(before.every((it) => it.text().replace(/[^a-z]/g, '') === 'oneab')).toBe(true);
  });

  it('closes everybody after what was pushed before, also those whom it had passed already', () => {
    const { fanOut, turn } = stepped({ turnVisits: 3 });
    const all = Array.from({ length: 8 }, taking);
    for (const { socket } of all) fanOut.join(socket, text('one'));
    fanOut.push(text('a'));
    turn();
    fanOut.finish(1000, 'over');
    while (turn());
    expect(all.map((it) => [it.text().replace(/[^a-z]/g, ''), it.closedWith()])).toEqual(all.map(() => ['onea', 1000]));
  });

  it('keeps nothing when nobody is there', () => {
    const { fanOut, turn } = stepped();
    fanOut.push(text('a'));
    expect(turn()).toBe(false);
    expect(fanOut.bytes()).toBe(0);
  });
});

describe('numbered frames', () => {
  it('are joined once for all who are at the same place', () => {
    const log = createFrameLog();
    for (const it of ['a', 'b', 'c']) log.push(text(it));
    expect(log.since(1)).toBe(log.since(1));
    expect(Buffer.concat([...log.since(1)]).toString('latin1')).toMatch(/b.*c/s);
    log.dropBefore(2);
    expect(log.end()).toBe(3);
    expect(Buffer.concat([...log.since(2)]).toString('latin1')).toContain('c');
    log.dropBefore(99);
    expect([log.end(), log.bytes()]).toEqual([3, 0]);
  });
});
