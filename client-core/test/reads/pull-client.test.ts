import { EventId, NodeId, RaceId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { type Pair, pairKey } from '@baton/schema/reads';
import type { Selection } from '@baton/schema/selection';
import { createSeededRandom, createSocketNetwork, createVirtualTime, type SeededRandom } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createConnection } from '../../src/connection/connection.ts';
import { createPullClient, type PullClientOptions } from '../../src/reads/pull-client.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import type { ApplyReply, Replica } from '../../src/replica/replica.ts';
import { GATE, MAT, madeRead, textOf } from '../replica/made-reads.ts';
import { readAll } from '../replica/replica-contract.ts';
import { createScriptedRelay } from './scripted-relay.ts';

const MAT1: Pair = { streamId: MAT, epoch: 1 };
const GATE1: Pair = { streamId: GATE, epoch: 1 };
const both: Selection = { mode: 'manual', streams: [MAT, GATE] };

/** A replica whose transactions end when the test says so. */
const createGated = () => {
  const memory = createMemoryReplica({ log: silentLog });
  const gates: (() => void)[] = [];
  const sizes: number[] = [];
  let gated = false;
  let answer: ApplyReply | null = null;
  const replica: Replica = {
    ...memory,
    applyReads: async (frames) => {
      sizes.push(frames.length);
      if (gated) await new Promise<void>((resolve) => gates.push(resolve));
      const instead = answer;
      answer = null;
      return instead ?? memory.applyReads(frames);
    },
  };
  return {
    replica,
    sizes,
    hold: () => {
      gated = true;
    },
    release: () => {
      gated = false;
      for (const open of gates.splice(0)) open();
    },
    answerOnce: (reply: ApplyReply) => {
      answer = reply;
    },
  };
};

const stage = async (options: Partial<PullClientOptions> = {}) => {
  const time = createVirtualTime();
  const relay = createScriptedRelay();
  const network = createSocketNetwork(relay.onConnect);
  const gated = createGated();
  const client = await createPullClient(
    {
      replica: gated.replica,
      timers: time.timers,
      log: silentLog,
      openConnection: (handlers) =>
        createConnection(
          { ...time, log: silentLog, random: { next: () => 0.5 }, openSocket: network.openSocket },
          {
            url: 'http://relay',
            token: 't',
            hello: () => ({ eventId: EventId.parse('e1'), nodeId: NodeId.parse('laptop'), clientVersion: '0.1' }),
            handlers,
          },
        ),
    },
    { selection: both, ...options },
  );
  /** Lets sockets and promises run until nothing moves. */
  const drain = async (): Promise<void> => {
    for (let quiet = 0; quiet < 4; quiet++) {
      network.flush();
      await time.advanceAsync(0);
      if (network.pairs.some((pair) => pair.waiting('up') + pair.waiting('down') > 0)) quiet = 0;
    }
  };
  /** The same for `ms`, timers included. */
  const settle = async (ms = 100): Promise<void> => {
    for (let step = 0; step < 10; step++) {
      await drain();
      await time.advanceAsync(ms / 10);
    }
    await drain();
  };
  return { time, relay, network, gated, client, settle };
};

const expectHeld = async (replica: Replica, pair: Pair, head: number): Promise<void> => {
  const held = await readAll(replica, pair.streamId);
  const wrong = held.find(
    ({ seq, raw }, index) => seq !== index + 1 || textOf(raw) !== textOf(madeRead(pair.streamId, pair.epoch, seq).raw),
  );
  expect({ wrong, count: held.length }).toEqual({ wrong: undefined, count: head });
};

type Stage = Awaited<ReturnType<typeof stage>>;

/** Thirty rounds of writing, partial delivery, cuts and a replica that now and then hangs; gives the head reached. */
const disturb = async ({ relay, network, settle, gated }: Stage, random: SeededRandom): Promise<number> => {
  let head = 0;
  for (let round = 0; round < 30; round++) {
    head += random.int(0, 120);
    relay.grow(MAT1, head);
    for (let frames = random.int(0, 12); frames > 0; frames--) {
      network.latest().deliver(random.chance(0.6) ? 'down' : 'up');
    }
    if (random.chance(0.7)) await settle(random.int(0, 40));
    if (random.chance(0.15)) network.latest().cut();
    if (random.chance(0.1)) gated.hold();
    else gated.release();
  }
  gated.release();
  return head;
};

describe('a pull client with a relay', () => {
  it('[RT-18] pulls all of what is selected, then says live', async () => {
    const { relay, client, settle, gated } = await stage();
    relay.grow(MAT1, 2500);
    relay.grow(GATE1, 10);
    expect(client.status()).toMatchObject({ connection: 'offline', streams: [] });
    client.connect();
    await settle();
    expect(client.status()).toEqual({
      connection: 'live',
      reason: null,
      selection: both,
      warnings: [],
      streams: [
        { ...GATE1, held: 10, head: 10, complete: true, sealed: false, check: 'unchecked' },
        { ...MAT1, held: 2500, head: 2500, complete: true, sealed: false, check: 'unchecked' },
      ],
    });
    await expectHeld(gated.replica, MAT1, 2500);
    expect(relay.acks.get(pairKey(MAT, 1))).toBe(2500);
  });

  it('stores a live read at once, without waiting for others', async () => {
    const { relay, client, network, settle, gated, time } = await stage();
    relay.grow(MAT1, 5);
    client.connect();
    await settle();
    relay.grow(MAT1, 6);
    network.flush();
    await time.advanceAsync(0);
    await expectHeld(gated.replica, MAT1, 6);
  });

  it('joins history into few transactions', async () => {
    const { relay, client, settle, gated } = await stage();
    relay.grow(MAT1, 30_000);
    client.connect();
    await settle(500);
    await expectHeld(gated.replica, MAT1, 30_000);
    expect(gated.sizes.length).toBeLessThanOrEqual(4);
  });

  it('[P6] acks only after the commit', async () => {
    const { relay, client, settle, gated } = await stage();
    relay.grow(MAT1, 7);
    gated.hold();
    client.connect();
    await settle(500);
    expect(relay.acks.size).toBe(0);
    expect(client.status().connection).toBe('catching-up');
    gated.release();
    await settle();
    expect(relay.acks.get(pairKey(MAT, 1))).toBe(7);
    expect(client.status().connection).toBe('live');
  });

  it('[P18] asks for no more than its window while the replica does not keep up', async () => {
    const { relay, client, settle, gated } = await stage({ window: 1000, joinReads: 500 });
    relay.grow(MAT1, 50_000);
    gated.hold();
    client.connect();
    await settle(1000);
    expect(relay.sent()).toBeGreaterThanOrEqual(1000);
    expect(relay.sent()).toBeLessThanOrEqual(1100);
    gated.release();
    await settle(5000);
    await expectHeld(gated.replica, MAT1, 50_000);
  });

  it('[RT-23] [P3] holds each read once and in order, whatever is cut while the forwarder writes', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const it = await stage({ window: 700, joinReads: 300 });
      it.relay.grow(GATE1, 40);
      it.client.connect();
      const head = await disturb(it, createSeededRandom(seed));
      await it.settle(60_000);
      await expectHeld(it.gated.replica, MAT1, head);
      await expectHeld(it.gated.replica, GATE1, 40);
      expect(it.relay.acks.get(pairKey(MAT, 1)), `seed ${seed}`).toBe(head);
      await it.client.close();
    }
  });

  it('[P3] reconnects with back-off when the relay sends a gap', async () => {
    const { relay, client, network, settle, gated } = await stage();
    relay.grow(MAT1, 3);
    client.connect();
    await settle();
    const [, second] = await framesOf(500);
    network.latest().send(second);
    network.flush();
    expect(client.status()).toMatchObject({ connection: 'offline', reason: 'expected read 4 of box-1.mat/1, got 101' });
    expect(network.pairs).toHaveLength(1);
    await settle(2000);
    expect(network.pairs).toHaveLength(2);
    expect(client.status().connection).toBe('live');
    await expectHeld(gated.replica, MAT1, 3);
  });

  it('reconnects when a batch does not decode', async () => {
    const { relay, client, network, settle } = await stage();
    relay.grow(MAT1, 3);
    client.connect();
    await settle();
    const [first] = await framesOf(500);
    network.latest().send(first.slice(0, first.length - 1));
    await settle(2000);
    expect(network.pairs).toHaveLength(2);
    expect(client.status().connection).toBe('live');
  });

  it('[P13] begins again from what the replica holds when the replica was lost', async () => {
    const { relay, client, settle, gated } = await stage();
    relay.grow(MAT1, 800);
    gated.answerOnce({ type: 'lost', message: 'the disk is gone' });
    client.connect();
    await settle(3000);
    expect(relay.selects).toHaveLength(2);
    await expectHeld(gated.replica, MAT1, 800);
    expect(client.status().connection).toBe('live');
  });

  it('[P22] waits for space in the same session, says so, and goes on by itself', async () => {
    const { relay, client, settle, gated, time } = await stage();
    relay.grow(MAT1, 800);
    gated.answerOnce({ type: 'full', message: 'no space left on device' });
    client.connect();
    await settle(1000);
    expect(client.status()).toMatchObject({ connection: 'catching-up', warnings: [{ type: 'storage-full' }] });
    expect(relay.acks.size).toBe(0);
    await time.advanceAsync(2000);
    await settle();
    await expectHeld(gated.replica, MAT1, 800);
    expect(client.status()).toMatchObject({ connection: 'live', warnings: [] });
    expect(relay.selects).toHaveLength(1);
  });

  it('[P22] pulls again what it had no space for when the session ended meanwhile', async () => {
    const { relay, client, network, settle, gated } = await stage();
    relay.grow(MAT1, 800);
    gated.answerOnce({ type: 'full', message: 'no space left on device' });
    client.connect();
    await settle(500);
    network.latest().cut();
    await settle(5000);
    await expectHeld(gated.replica, MAT1, 800);
    expect(relay.selects).toHaveLength(2);
  });

  it('[RT-24] changes the selection in the middle of a replay without loss or repeat', async () => {
    const { relay, client, network, settle, gated, time } = await stage({ window: 2000, joinReads: 500 });
    relay.grow(MAT1, 50_000);
    client.connect();
    for (let step = 0; step < 40; step++) {
      network.latest().deliver('down');
      network.latest().deliver('up');
      await time.advanceAsync(0);
    }
    relay.grow(GATE1, 300);
    client.select({ mode: 'manual', streams: [GATE] });
    await settle(200);
    await expectHeld(gated.replica, GATE1, 300);
    const stopped = (await readAll(gated.replica, MAT)).length;
    expect(stopped).toBeLessThan(50_000);
    client.select(both);
    await settle(5000);
    await expectHeld(gated.replica, MAT1, 50_000);
    expect(client.status().connection).toBe('live');
  });

  it('[RT-25] asks again for a race that the relay does not know yet', async () => {
    const race: Selection = { mode: 'race', raceId: RaceId.parse('r1'), epochScope: 'all' };
    const { relay, client, settle, gated } = await stage({ selection: race });
    relay.grow(MAT1, 12);
    client.connect();
    await settle();
    expect(client.status().warnings).toMatchObject([{ type: 'unknown-race' }]);
    relay.knowRaces(['r1']);
    await settle(6000);
    expect(client.status()).toMatchObject({ connection: 'live', warnings: [] });
    await expectHeld(gated.replica, MAT1, 12);
  });

  it('remembers its targets for the time without a relay', async () => {
    const { relay, client, settle, gated } = await stage();
    relay.grow(MAT1, 4);
    client.connect();
    await settle();
    client.disconnect();
    expect(client.status()).toMatchObject({ connection: 'offline', streams: [{ held: 4, head: 4, complete: true }] });
    expect(await gated.replica.targets()).toHaveLength(1);
  });

  it('tells listeners of each change and stops when asked', async () => {
    const { relay, client, settle } = await stage();
    const words: string[] = [];
    const stop = client.onStatus((status) => words.push(status.connection));
    relay.grow(MAT1, 1);
    client.connect();
    await settle();
    expect([...new Set(words)]).toEqual(['connecting', 'catching-up', 'live']);
    stop();
    client.disconnect();
    expect(words.at(-1)).toBe('live');
  });
});

/** Reads frames of MAT's first epoch, as the relay would send them. */
const framesOf = async (reads: number): Promise<readonly [Uint8Array, Uint8Array]> => {
  const relay = createScriptedRelay();
  const network = createSocketNetwork(relay.onConnect);
  relay.grow(MAT1, reads);
  const frames: Uint8Array[] = [];
  const socket = network.openSocket(
    { url: 'ws://relay', token: 't' },
    { onOpen: () => {}, onClose: () => {}, onMessage: (data) => typeof data !== 'string' && frames.push(data) },
  );
  network.flush();
  for (const message of [
    { type: 'select', selection: both, clock: {} },
    { type: 'credit', reads },
  ]) {
    socket.send(JSON.stringify(message));
  }
  network.flush();
  const [first, second] = frames;
  if (first === undefined || second === undefined) throw new Error('expected two frames');
  return [first, second];
};
