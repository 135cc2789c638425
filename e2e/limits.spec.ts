import { describe, expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { startEmulator, startForwarder, startRelay } from './support/nodes.ts';
import { readsIn, recording } from './support/recorded.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const FILE = 'made-100-reads.txt';
const READERS = ['start', 'finish'];
const EXPECTED = `${readsIn(FILE).join('\n')}\n`;
/** More than any disk has free. */
const BEYOND_THE_DISK = String(2 ** 49);

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

describe('a relay at its limits', () => {
  it('[P22] below its disk’s floor it serves and takes edits; reads wait, as with the bytes of a day, and then all come', async () => {
    const stage = createStage();
    const first = await startRelay(stage, { args: ['--disk-floor-bytes', BEYOND_THE_DISK] });
    const { url, port, dataDir } = first;
    const event = await createEvent(url);
    const exported = (reader: string): Promise<Buffer> => event.operator.bytes(`/streams/mat-1.${reader}/export.txt`);
    const emulators = await Promise.all(
      READERS.map(() => startEmulator(stage, ['--reads', recording(FILE), '--rate', '500'])),
    );
    const forwarder = await startForwarder(stage, {
      relay: url,
      token: await event.token('forwarder', 'mat-1'),
      readers: READERS.map((reader, index) => `${reader}=${emulators[index]?.address}`),
      journal: stage.folder('journal'),
    });
    const isTold = (code: string): boolean => forwarder.stderr().some((line) => line.includes(code));
    await until('the forwarder is told to wait', () => isTold('STORAGE_FULL'));
    expect([await statusOf(`${url}/readyz`), await statusOf(`${url}/healthz`)]).toEqual([503, 200]);
    expect((await exported('start')).length).toBe(0);
    await event.map('mat-1.start', 1, await event.race('10 km'));
    await first.program.end('SIGTERM');

    // its space is back, and the day's bytes are few: what comes first is taken, what comes then waits
    const second = await startRelay(stage, { port, dataDir, args: ['--token-bytes-a-day', '1'] });
    await until('the rest is told to wait', () => isTold('DAILY_LIMIT_REACHED'));
    expect(await statusOf(`${url}/readyz`)).toBe(200);
    const held = await until('what came first is taken', async () => {
      const sizes = (await Promise.all(READERS.map(exported))).map((it) => it.length);
      return sizes.some((size) => size > 0) ? sizes : undefined;
    });
    expect(Math.min(...held)).toBe(0);
    await second.program.end('SIGTERM');

    // a restart gives no new day
    const third = await startRelay(stage, {
      port,
      dataDir,
      args: ['--token-bytes-a-day', '1', '--event-disk-bytes', '1'],
    });
    const isFull = (): boolean =>
      isTold('LIMIT_REACHED') && forwarder.stderr().some((line) => line.includes('--event-disk-bytes'));
    await until('the event holds what it may', isFull);
    expect((await Promise.all(READERS.map(exported))).map((it) => it.length)).toEqual(held);
    await third.program.end('SIGTERM');

    await startRelay(stage, { port, dataDir });
    for (const reader of READERS) {
      await until(`every read of ${reader} is there`, async () => (await exported(reader)).length >= EXPECTED.length);
      expect((await exported(reader)).toString('latin1')).toBe(EXPECTED);
    }
  });
});
