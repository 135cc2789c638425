import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { type Receiver, startForwarder, startReceiver, startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const STREAM = 'mat-1.start';

const statusOf = async ({ control }: Receiver): Promise<Record<string, unknown>> => {
  const body: unknown = await (await fetch(`${control}/api/v1/status`)).json();
  return body as Record<string, unknown>;
};

describe('a receiver', () => {
  it('[RT-10][RT-18][RT-26][RT-40][P3][P13] has every read once and in order through kill -9, without a relay, and with its disk lost', async () => {
    const stage = createStage();
    const once = readsIn('reader-dump-part.txt');
    const lines = Array.from({ length: 6_000 }, (_, at) => once[at % once.length] ?? '');
    const served = (count: number): string => `${lines.slice(0, count).join('\r\n')}\r\n`;

    const reader = await startScriptedReader(stage.onEnd);
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const token = await event.token('receiver', 'desk');
    await startForwarder(stage, {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: [`start=${reader.address}`],
      journal: stage.folder('journal'),
    });
    const dataDir = stage.folder('receiver');
    const start = async (selection: readonly string[]): Promise<{ receiver: Receiver; port: number }> => {
      const port = await freePort();
      const args = [...selection, '--tcp', `${STREAM}=${port}`];
      return { receiver: await startReceiver(stage, { relay: relay.url, token, dataDir, args }), port };
    };
    const allServed = async (port: number, count: number): Promise<void> => {
      const scoring = await connectScoring(port, stage.onEnd);
      await until(`scoring software has ${count} reads`, () => scoring.lines() >= count);
      expect(scoring.bytes().toString('latin1')).toBe(served(count));
    };

    // killed while reads keep coming; the selection is remembered, the cursor is where the reads are
    const first = await start(['--stream', STREAM]);
    const coming = reader.sendLines(lines.slice(0, 4_000), 1_000);
    await until(
      'it holds some',
      async () => JSON.stringify(await statusOf(first.receiver)).match(/"held":[1-9]\d{2}/) !== null,
    );
    await first.receiver.program.end('SIGKILL');
    const second = await start([]);
    await coming;
    await allServed(second.port, 4_000);

    // without a relay it serves what it holds, also after a restart
    expect(await second.receiver.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await relay.program.end('SIGKILL');
    const offline = await start([]);
    await allServed(offline.port, 4_000);
    expect(await statusOf(offline.receiver)).not.toMatchObject({ connection: 'live' });
    const again = await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
    await reader.sendLines(lines.slice(4_000), 4_000);
    await until('it is live and complete again', async () => {
      const { connection, streams } = await statusOf(offline.receiver);
      return connection === 'live' && JSON.stringify(streams).includes('"held":6000');
    });
    await allServed(offline.port, 6_000);

    // its disk lost: everything comes again, from the start
    await offline.receiver.program.end('SIGKILL');
    rmSync(dataDir, { recursive: true });
    const refilled = await start(['--stream', STREAM]);
    await allServed(refilled.port, 6_000);
    expect(await again.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
