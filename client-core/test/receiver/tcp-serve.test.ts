import { connect, type Socket } from 'node:net';
import { RaceId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenTcp } from '../../src/platform/node/tcp.ts';
import { serveOutput, type TcpOutput } from '../../src/receiver/tcp-serve.ts';
import { createMemoryReplica } from '../../src/replica/memory-replica.ts';
import type { Replica } from '../../src/replica/replica.ts';
import { NO_SETUP, type SetupRows } from '../../src/replica/setup-rows.ts';
import { frameOf, GATE, MAT, madeFrames, madeRead } from '../replica/made-reads.ts';

const stream = (streamId: typeof MAT) => ({ type: 'stream', streamId }) as const;

const RACE = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');

const mapped = (...pairs: readonly (readonly [string, number])[]): SetupRows => ({
  ...NO_SETUP,
  mappings: pairs.map(([stream_id, epoch]) => ({ stream_id, epoch, race_id: RACE })),
});

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const wired = (epoch: number, firstSeq: number, lastSeq: number): string => {
  let text = '';
  for (let seq = firstSeq; seq <= lastSeq; seq++) {
    text += `${Buffer.from(madeRead(MAT, epoch, seq).raw).toString('latin1')}\r\n`;
  }
  return text;
};

const serve = async (replica: Replica, options: Partial<TcpOutput> = {}, stallMs = 1000) => {
  const time = createVirtualTime();
  const lines: string[] = [];
  const log = { ...silentLog, warn: (message: string) => lines.push(message) };
  const deps = { replica, timers: time.timers, log, listen: listenTcp };
  const served = await serveOutput(deps, { scope: stream(MAT), port: 0, from: 'start', ...options }, { stallMs });
  if (!served.ok) throw new Error(served.error.message);
  closing.push(served.value.close);
  return { ...served.value, time, lines };
};

/** A program that listens; `text` is what it has got. */
const listen = async (
  port: number,
): Promise<{ readonly text: () => string; readonly bytes: () => number; readonly socket: Socket }> => {
  const parts: Buffer[] = [];
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (part) => parts.push(part));
  socket.on('error', () => {}); // a client that is cut sees the end, or a reset
  closing.push(() => void socket.destroy());
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  return {
    text: () => Buffer.concat(parts).toString('latin1'),
    bytes: () => parts.reduce((sum, part) => sum + part.length, 0),
    socket,
  };
};

const LONG_LINE = new Uint8Array(1000).fill(120);
const BULK = 12_000;
const BULK_BYTES = BULK * 1002;

/** More than a socket's buffers take: 12 MB in long lines. */
const fillBulk = async (replica: Replica): Promise<void> => {
  const read = { raw: LONG_LINE, receivedAt: 1, readerTime: null, chip: null, kind: 'RAW' };
  const reads = Array.from({ length: 500 }, () => read);
  for (let firstSeq = 1; firstSeq <= BULK; firstSeq += 500) {
    await replica.applyReads([frameOf(MAT, 1, firstSeq, reads)]);
  }
};

const until = <T>(look: () => T): Promise<T> => vi.waitFor(look, { timeout: 10_000, interval: 5 });

describe('a stream on local TCP', () => {
  it('[RT-40] sends the exact bytes with CRLF, history and then live', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await replica.applyReads([...madeFrames(MAT, 1, 1, 1200), ...madeFrames(GATE, 1, 1, 9)]);
    const { port } = await serve(replica);
    const client = await listen(port);
    await until(() => expect(client.text().length).toBe(wired(1, 1, 1200).length));
    await replica.applyReads(madeFrames(MAT, 1, 1201, 1202));
    await until(() => expect(client.text()).toBe(wired(1, 1, 1202)));
  });

  it('[RT-40] serves a second client that connects late from the start', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    const { port, clients } = await serve(replica);
    const first = await listen(port);
    await replica.applyReads(madeFrames(MAT, 1, 1, 50));
    await until(() => expect(first.text()).toBe(wired(1, 1, 50)));
    const second = await listen(port);
    await replica.applyReads(madeFrames(MAT, 1, 51, 60));
    for (const client of [first, second]) await until(() => expect(client.text()).toBe(wired(1, 1, 60)));
    expect(clients()).toBe(2);
    first.socket.destroy();
    await until(() => expect(clients()).toBe(1));
  });

  it('[RT-40] sends late reads of an old epoch to a client that is already in the next', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    const { port } = await serve(replica);
    const client = await listen(port);
    await replica.applyReads([...madeFrames(MAT, 1, 1, 3), ...madeFrames(MAT, 2, 1, 2)]);
    await until(() => expect(client.text()).toBe(wired(1, 1, 3) + wired(2, 1, 2)));
    await replica.applyReads(madeFrames(MAT, 1, 4, 5));
    await until(() => expect(client.text()).toBe(wired(1, 1, 3) + wired(2, 1, 2) + wired(1, 4, 5)));
  });

  it('[RT-40] with from=now sends only what comes after the client connected', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await replica.applyReads(madeFrames(MAT, 1, 1, 30));
    const { port, clients } = await serve(replica, { from: 'now' });
    const client = await listen(port);
    await until(() => expect(clients()).toBe(1));
    await replica.applyReads(madeFrames(MAT, 1, 31, 33));
    await until(() => expect(client.text()).toBe(wired(1, 31, 33)));
  });

  it('[RT-40] with from=N sends all from that line on, history and live', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await replica.applyReads(madeFrames(MAT, 1, 1, 1200));
    const { port } = await serve(replica, { from: 1190 });
    const client = await listen(port);
    await until(() => expect(client.text()).toBe(wired(1, 1190, 1200)));
    await replica.applyReads(madeFrames(MAT, 2, 1, 2));
    await until(() => expect(client.text()).toBe(wired(1, 1190, 1200) + wired(2, 1, 2)));
  });

  it('[RT-40] serves all streams of a race, and what is mapped to it later, each line once', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await replica.applySetup(mapped([MAT, 2]));
    await replica.applyReads([...madeFrames(MAT, 1, 1, 4), ...madeFrames(GATE, 1, 1, 3), ...madeFrames(MAT, 2, 1, 2)]);
    const { port } = await serve(replica, { scope: { type: 'race', raceId: RACE } });
    const client = await listen(port);
    await until(() => expect(client.text()).toBe(wired(2, 1, 2)));
    await replica.applySetup(mapped([MAT, 2], [MAT, 1]));
    await until(() => expect(client.text()).toBe(wired(2, 1, 2) + wired(1, 1, 4)));
    await replica.applyReads([...madeFrames(MAT, 2, 3, 3), ...madeFrames(GATE, 1, 4, 4)]);
    await until(() => expect(client.text()).toBe(wired(2, 1, 2) + wired(1, 1, 4) + wired(2, 3, 3)));
  });

  it('[RT-40] goes on without loss or repeat when the replica was rebuilt', async () => {
    let replica = createMemoryReplica({ log: silentLog });
    let generation = 1;
    const rebuilt: Replica = {
      ...replica,
      end: async () => ({ ...(await replica.end()), generation }),
      readFrom: async (...where) => ({ ...(await replica.readFrom(...where)), generation }),
    };
    const { port } = await serve(rebuilt);
    const client = await listen(port);
    await replica.applyReads([...madeFrames(MAT, 1, 1, 40), ...madeFrames(MAT, 2, 1, 5)]);
    await until(() => expect(client.text()).toBe(wired(1, 1, 40) + wired(2, 1, 5)));
    const wake = replica;
    replica = createMemoryReplica({ log: silentLog });
    generation = 2;
    await replica.applyReads([...madeFrames(MAT, 2, 1, 7), ...madeFrames(MAT, 1, 1, 41)]);
    await wake.applyReads(madeFrames(MAT, 2, 6, 6));
    await until(() => expect(client.text()).toBe(wired(1, 1, 40) + wired(2, 1, 5) + wired(2, 6, 7) + wired(1, 41, 41)));
  });

  it('[P18] queues next to nothing for a client that does not read, and cuts it when it stalls', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await fillBulk(replica);
    const { port, time, lines, clients } = await serve(replica, {}, 1000);
    const slow = await listen(port);
    slow.socket.pause();
    const quick = await listen(port);
    await until(() => expect(quick.bytes()).toBe(BULK_BYTES));
    expect(clients()).toBe(2);
    await until(async () => {
      await time.advanceAsync(1000);
      expect(clients()).toBe(1);
    });
    expect(lines).toEqual(['a slow TCP client is cut; it may come back']);
  }, 30_000);

  it('goes on with a client that reads again in time', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    await fillBulk(replica);
    const { port, time, lines } = await serve(replica, {}, 60_000);
    const client = await listen(port);
    client.socket.pause();
    await time.advanceAsync(30_000);
    client.socket.resume();
    await until(() => expect(client.bytes()).toBe(BULK_BYTES));
    expect(lines).toEqual([]);
  }, 30_000);

  it('says in one line that a port is in use', async () => {
    const replica = createMemoryReplica({ log: silentLog });
    const { port } = await serve(replica);
    const deps = { replica, timers: createVirtualTime().timers, log: silentLog, listen: listenTcp };
    const second = await serveOutput(deps, { scope: stream(GATE), port, from: 'start' });
    expect(second).toMatchObject({ ok: false, error: { type: 'port-in-use' } });
  });
});
