import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderIpicoLine } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { createEvent, type Event } from './support/event.ts';
import { startEmulator, startForwarder, startReceiver, startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn, recording } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const FILES = [
  'reader-dump-part.txt',
  'live-4-tags.bin',
  'live-first-last-mode.bin',
  'control-dialogue.bin',
  'connect-banner.bin',
  'made-100-reads.txt',
];

/** Closes each recording, so that "all of it came through" can be seen, also where it holds no read at all. */
const LAST = renderIpicoLine({
  readerId: 9,
  tag: '0580ffffffff',
  iCount: 1,
  qCount: 2,
  wallHundredths: 180_000_000_042,
  extra: null,
  kind: 'RAW',
});

/** A recording, the reader that replays it and the port where scoring software gets its stream. */
interface Lane {
  readonly name: string;
  readonly streamId: string;
  readonly reader: string;
  readonly port: number;
  readonly expected: readonly string[];
}

const openLane = async (stage: Stage, name: string, index: number): Promise<Lane> => {
  const file = join(stage.folder('reader'), name);
  writeFileSync(file, Buffer.concat([readFileSync(recording(name)), Buffer.from(`\r\n${LAST}\r\n`)]));
  const emulator = await startEmulator(stage, ['--reads', file, '--rate', '2000']);
  const reader = `r${index}`;
  return {
    name,
    streamId: `mat-1.${reader}`,
    reader: `${reader}=${emulator.address}`,
    port: await freePort(),
    expected: [...readsIn(name), LAST],
  };
};

const follow = async (stage: Stage, event: Event, raceId: string, lane: Lane): Promise<void> => {
  const { name, streamId, port, expected } = lane;
  const scoring = await connectScoring(port, stage.onEnd);
  const exported = await until(`the relay holds the last read of ${name}`, async () => {
    const bytes = await event.operator.bytes(`/streams/${streamId}/export.txt`);
    return bytes.toString('latin1').includes(LAST) ? bytes : undefined;
  });
  expect(exported.toString('latin1'), name).toBe(`${expected.join('\n')}\n`);
  expect(scoring.lines(), name).toBe(0);

  await event.map(streamId, 1, raceId);
  await until(`scoring software has every read of ${name}`, () => scoring.lines() >= expected.length);
  expect(scoring.bytes().toString('latin1'), name).toBe(`${expected.join('\r\n')}\r\n`);
  const late = await connectScoring(port, stage.onEnd);
  await until(`a late client has the backlog of ${name}`, () => late.lines() >= expected.length);
  expect(late.bytes().equals(scoring.bytes()), name).toBe(true);
};

describe('from the mat to the screen', () => {
  it('[RT-36][RT-40][RT-41] every read of every recording arrives, byte for byte and in order', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const raceId = await event.race('10 km');
    const lanes = await Promise.all(FILES.map((name, index) => openLane(stage, name, index)));
    const receiver = await startReceiver(stage, {
      relay: relay.url,
      token: await event.token('receiver', 'desk'),
      dataDir: stage.folder('receiver'),
      args: ['--race', raceId, '--scope', 'all', ...lanes.flatMap((it) => ['--tcp', `${it.streamId}=${it.port}`])],
    });
    const forwarder = await startForwarder(stage, {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: lanes.map((it) => it.reader),
      journal: stage.folder('journal'),
    });
    await Promise.all(lanes.map((lane) => follow(stage, event, raceId, lane)));

    for (const program of [receiver.program, forwarder, relay.program]) {
      expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    }
  });
});
