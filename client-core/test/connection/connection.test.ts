import { EventId, NodeId, StreamId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { encodeReads, type WelcomeMessage } from '@baton/schema/protocol';
import { createSocketNetwork, createVirtualTime, type SocketPair } from '@baton/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Connection, createConnection } from '../../src/connection/connection.ts';
import type { ConnectionState } from '../../src/connection/connection-state.ts';

const welcome: WelcomeMessage = {
  type: 'welcome',
  protocol: 1,
  sessionId: 's1',
  attachmentId: 'a1',
  state: 'online',
  readOnly: false,
  serverTime: 0,
  timers: { heartbeatMs: 1000, degradedMs: 2000, offlineMs: 4000 },
  limits: { maxFrameBytes: 1_000_000, maxBatchReads: 1024, maxPushesInFlight: 16 },
  streams: [],
  heads: {},
};

const setUp = () => {
  const time = createVirtualTime();
  const network = createSocketNetwork();
  const events: unknown[] = [];
  const states: ConnectionState['type'][] = [];
  let hellos = 0;
  const connection: Connection = createConnection(
    { ...time, random: { next: () => 0.5 }, log: silentLog, openSocket: network.openSocket },
    {
      url: 'http://relay.test/base',
      token: 'secret',
      hello: () => {
        hellos += 1;
        return {
          eventId: EventId.parse('e1'),
          nodeId: NodeId.parse('n1'),
          clientVersion: '0.1',
          label: `try ${hellos}`,
        };
      },
      handlers: {
        onWelcome: (it) => events.push(it),
        onMessage: (it) => events.push(it),
        onReads: (it) => events.push(it),
        onState: (it) => states.push(it.type),
      },
    },
  );
  const goLive = (): SocketPair => {
    const pair = network.latest();
    pair.accept();
    pair.send(welcome);
    network.flush();
    return pair;
  };
  return { time, network, events, states, connection, goLive };
};

const said = (pair: SocketPair): unknown[] =>
  pair.arrived.map((frame) => (typeof frame === 'string' ? JSON.parse(frame) : frame));

describe('connection', () => {
  let it0: ReturnType<typeof setUp>;
  beforeEach(() => {
    it0 = setUp();
  });

  it('attaches with a fresh hello, never with a token in the address', () => {
    const { connection, network, goLive, events, states } = it0;
    connection.connect();
    const pair = goLive();
    expect(pair.target).toEqual({ url: 'ws://relay.test/base/sync', token: 'secret' });
    expect(said(pair)).toEqual([
      { type: 'hello', protocol: 1, eventId: 'e1', nodeId: 'n1', clientVersion: '0.1', label: 'try 1' },
    ]);
    expect(events).toEqual([welcome]);
    expect(states).toEqual(['connecting', 'greeting', 'live']);
    expect(network.pairs).toHaveLength(1);
  });

  it('sends only while live', () => {
    const { connection, network, goLive } = it0;
    connection.connect();
    expect(connection.send({ type: 'credit', reads: 5 })).toBe(false);
    const pair = goLive();
    expect(connection.send({ type: 'credit', reads: 5 })).toBe(true);
    expect(connection.bufferedAmount()).toBeGreaterThan(0);
    network.flush();
    expect(said(pair).at(-1)).toEqual({ type: 'credit', reads: 5 });
    expect(connection.bufferedAmount()).toBe(0);
    pair.cut();
    expect(connection.send({ type: 'credit', reads: 5 })).toBe(false);
  });

  it('comes back after a cut, with back-off, greeting anew', () => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    goLive().cut();
    expect(connection.state()).toEqual({
      type: 'waiting',
      attempt: 1,
      retryAt: time.clock.now() + 500,
      reason: 'the link was cut',
    });
    time.advance(499);
    expect(network.pairs).toHaveLength(1);
    time.advance(1);
    expect(network.pairs).toHaveLength(2);
    expect(said(goLive())).toMatchObject([{ type: 'hello', label: 'try 2' }]);
  });

  it('forgets failures once a session has lived, not at its welcome', () => {
    const { connection, goLive, time } = it0;
    connection.connect();
    goLive().cut();
    time.advance(500);
    goLive().cut();
    expect(connection.state()).toMatchObject({ type: 'waiting', attempt: 2 });
    time.advance(1000);
    const pair = goLive();
    pair.send({ type: 'heartbeat', serverTime: 1 });
    time.advance(1000);
    pair.cut();
    expect(connection.state()).toMatchObject({ type: 'waiting', attempt: 1 });
  });

  it('[RT-39] takes silence for death and drops the half-open socket', () => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    goLive().vanish();
    time.advance(2999);
    expect(connection.state().type).toBe('live');
    time.advance(1);
    expect(connection.state()).toMatchObject({ type: 'waiting', reason: 'nothing heard from the relay for 3000 ms' });
    time.advance(500);
    expect(network.pairs).toHaveLength(2);
  });

  it('speaks a heartbeat at the relay’s interval and stays while frames come', () => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    const pair = goLive();
    for (let beat = 0; beat < 10; beat++) {
      pair.send({ type: 'heartbeat', serverTime: beat });
      network.flush();
      time.advance(1000);
    }
    network.flush();
    expect(connection.state()).toEqual({ type: 'live', attempt: 0 });
    expect(said(pair).filter((it) => (it as { type: string }).type === 'heartbeat')).toHaveLength(10);
  });

  it('gives up on a relay that never answers', () => {
    const { connection, time } = it0;
    connection.connect();
    time.advance(10_000);
    expect(connection.state()).toMatchObject({ type: 'waiting', reason: 'no welcome within 10000 ms' });
  });

  it.each([4401, 4403, 4404, 4409])('[P8] [P17] stops for good at %i, with the relay’s reason', (code) => {
    const { connection, network, goLive, time, states } = it0;
    connection.connect();
    const pair = goLive();
    pair.send({ type: 'error', error: { code: 'FENCED', message: 'a newer session' } });
    pair.close(code, 'short');
    network.flush();
    expect(connection.state()).toEqual({ type: 'stopped', code, reason: 'FENCED: a newer session' });
    time.advance(1_000_000);
    expect(network.pairs).toHaveLength(1);
    expect(states.at(-1)).toBe('stopped');
  });

  it('[P26] ignores messages of a later protocol and unknown fields', () => {
    const { connection, network, goLive, events } = it0;
    connection.connect();
    const pair = goLive();
    pair.send({ type: 'telepathy', thought: 1 });
    pair.send(new Uint8Array([9, 9]));
    pair.send({ type: 'heartbeat', serverTime: 1, mood: 'good' });
    network.flush();
    expect(connection.state().type).toBe('live');
    expect(events.slice(1)).toEqual([{ type: 'heartbeat', serverTime: 1 }]);
  });

  it.each([
    ['text that is no JSON', 'hello'],
    ['JSON without a type', '[]'],
    ['a known message of the wrong shape', '{"type":"caughtUp","clock":3}'],
    ['bytes that are no reads frame', new Uint8Array([2, 9])],
  ])('[P16] drops a relay that sends %s, and tries again', (_, frame) => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    goLive().send(frame);
    network.flush();
    expect(connection.state()).toMatchObject({ type: 'waiting' });
    time.advance(1000);
    expect(network.pairs).toHaveLength(2);
  });

  it('delivers reads frames decoded', () => {
    const { connection, network, goLive, events } = it0;
    connection.connect();
    const frame = { streamId: StreamId.parse('n1.start'), epoch: 2, firstSeq: 7, batch: new Uint8Array([1, 2, 3]) };
    goLive().send(encodeReads(frame));
    network.flush();
    expect(events.at(-1)).toEqual(frame);
  });

  it('detaches when told to disconnect, and comes back when told to connect', () => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    const pair = goLive();
    connection.disconnect();
    network.flush();
    expect(said(pair).at(-1)).toEqual({ type: 'detach' });
    time.advance(100_000);
    expect(network.pairs).toHaveLength(1);
    connection.connect();
    expect(network.pairs).toHaveLength(2);
  });

  it('stays closed, and leaves no timer behind', () => {
    const { connection, network, goLive, time } = it0;
    connection.connect();
    goLive();
    connection.close();
    connection.connect();
    network.flush();
    expect(connection.state()).toEqual({ type: 'offline' });
    expect(network.pairs).toHaveLength(1);
    expect(time.pending()).toBe(0);
  });
});
