import { textOf } from '@baton/testkit/api';
import { describe, expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { journalledReads } from './support/journal-peek.ts';
import { startForwarder, startReceiver, startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

/** The recorded dump again and again: 4,000 lines, most of them byte-identical to others. */
const dump = (): readonly string[] => {
  const once = readsIn('reader-dump-part.txt');
  return Array.from({ length: 4_000 }, (_, at) => once[at % once.length] ?? '');
};

const LINES_PER_SECOND = 1_500;

describe('kill -9', () => {
  it('[RT-37][RT-38][P1][P3][P7] 4,000 lines arrive complete and in order while the relay dies twice and the forwarder once', async () => {
    const stage = createStage();
    const lines = dump();
    const streamId = 'mat-1.start';
    const reader = await startScriptedReader(stage.onEnd);
    let relay = await startRelay(stage);
    const { port, dataDir } = relay;
    const event = await createEvent(relay.url);
    const raceId = await event.race('10 km');
    const forward = {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: [`start=${reader.address}`],
      journal: stage.folder('journal'),
    };
    const tcp = await freePort();
    const receiver = await startReceiver(stage, {
      relay: relay.url,
      token: await event.token('receiver', 'desk'),
      dataDir: stage.folder('receiver'),
      args: ['--race', raceId, '--scope', 'all', '--tcp', `${streamId}=${tcp}`],
    });
    const scoring = await connectScoring(tcp, stage.onEnd);
    let forwarder = await startForwarder(stage, forward);
    const exported = async (): Promise<string> =>
      (await event.operator.bytes(`/streams/${streamId}/export.txt`)).toString('latin1');
    const held = async (): Promise<number> => (await exported()).split('\n').length - 1;
    const sent = (count: number): string => `${lines.slice(0, count).join('\n')}\n`;

    await reader.connected();
    await until('the stream can be mapped', async () => {
      const { status } = await event.operator.call('PUT', `/streams/${streamId}/epochs/1/race`, { raceId });
      return status === 200;
    });

    // the relay dies in the middle of the first thousand, the forwarder goes on reading
    const first = reader.sendLines(lines.slice(0, 1_000), LINES_PER_SECOND);
    await until('some reads are through', async () => (await held()) > 200);
    await relay.program.end('SIGKILL');
    await first;
    await reader.sendLines(lines.slice(1_000, 2_000), LINES_PER_SECOND);

    // the relay is back: all that was journalled meanwhile arrives
    relay = await startRelay(stage, { dataDir, port });
    await until('the backlog is through', async () => (await held()) === 2_000);
    expect(await exported()).toBe(sent(2_000));

    // the forwarder dies with reads that the relay, dead too, cannot have
    await relay.program.end('SIGKILL');
    await reader.sendLines(lines.slice(2_000, 3_000), LINES_PER_SECOND);
    await until('the forwarder journalled them', () => journalledReads(forward.journal) === 3_000);
    await forwarder.end('SIGKILL');
    relay = await startRelay(stage, { dataDir, port });
    expect(await exported()).toBe(sent(2_000));
    forwarder = await startForwarder(stage, forward);
    await until('its journal is through', async () => (await held()) === 3_000);

    await reader.connected();
    await reader.sendLines(lines.slice(3_000), LINES_PER_SECOND);
    await until('everything is through', async () => (await held()) === 4_000);
    expect(await exported()).toBe(sent(4_000));

    await until('scoring software has everything', () => scoring.lines() >= 4_000);
    expect(scoring.bytes().toString('latin1')).toBe(sent(4_000).replaceAll('\n', '\r\n'));
    const status = await until('the receiver says so', async () => {
      const response = await fetch(`${receiver.control}/api/v1/status`);
      const body: unknown = await response.json();
      return textOf(body, 'connection') === 'live' ? body : undefined;
    });
    expect(status).toMatchObject({ streams: [{ streamId, epoch: 1, held: 4_000, head: 4_000, complete: true }] });
  });
});
