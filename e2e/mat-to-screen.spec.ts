import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderIpicoLine } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { startEmulator, startForwarder, startReceiver, startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn, recording } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { createStage } from './support/stage.ts';
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

describe('from the mat to the screen', () => {
  it.each(FILES)('[RT-36][RT-40][RT-41] every read of %s arrives, byte for byte and in order', async (name) => {
    const stage = createStage();
    const expected = [...readsIn(name), LAST];
    const file = join(stage.folder('reader'), name);
    writeFileSync(file, Buffer.concat([readFileSync(recording(name)), Buffer.from(`\r\n${LAST}\r\n`)]));

    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const raceId = await event.race('10 km');
    const streamId = 'mat-1.start';
    const port = await freePort();
    const receiver = await startReceiver(stage, {
      relay: relay.url,
      token: await event.token('receiver', 'desk'),
      dataDir: stage.folder('receiver'),
      args: ['--race', raceId, '--scope', 'all', '--tcp', `${streamId}=${port}`],
    });
    const scoring = await connectScoring(port, stage.onEnd);
    const emulator = await startEmulator(stage, ['--reads', file, '--rate', '2000']);
    await startForwarder(stage, {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: [`start=${emulator.address}`],
      journal: stage.folder('journal'),
    });

    const exported = await until('the relay holds the last read', async () => {
      const bytes = await event.operator.bytes(`/streams/${streamId}/export.txt`);
      return bytes.toString('latin1').includes(LAST) ? bytes : undefined;
    });
    expect(exported.toString('latin1')).toBe(`${expected.join('\n')}\n`);
    expect(scoring.lines()).toBe(0);

    await event.map(streamId, 1, raceId);
    await until('scoring software has every read', () => scoring.lines() >= expected.length);
    expect(scoring.bytes().toString('latin1')).toBe(`${expected.join('\r\n')}\r\n`);
    const late = await connectScoring(port, stage.onEnd);
    await until('a late client has the backlog', () => late.lines() >= expected.length);
    expect(late.bytes().equals(scoring.bytes())).toBe(true);

    expect(await receiver.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(await relay.program.end('SIGTERM')).toEqual({ code: 0, signal: null });
  });
});
