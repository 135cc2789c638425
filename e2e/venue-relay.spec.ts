import { rosterDocName, setupDocName } from '@baton/schema/doc';
import { EventId } from '@baton/schema/ids';
import { type Api, createApi, textOf } from '@baton/testkit/api';
import { openNetworkGate } from '@baton/testkit/network-gate';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { openDocument } from './support/documents.ts';
import { createEvent } from './support/event.ts';
import { ADMIN_TOKEN, startForwarder, startReceiver, startRelay } from './support/nodes.ts';
import { freePort } from './support/ports.ts';
import { readsIn } from './support/recorded.ts';
import { connectScoring } from './support/scoring-client.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const MAT = 'mat-1.start';
const FAR_MAT = 'mat-2.finish';
/** Enough that a kill finds the link in the middle of it. */
const BURST = 12_000;

const dump = (count: number): readonly string[] => {
  const once = readsIn('reader-dump-part.txt');
  return Array.from({ length: count }, (_, at) => once[at % once.length] ?? '');
};

const textOfLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

interface FeedMessage {
  readonly type: string;
  readonly data?: { readonly venue?: { readonly connected: boolean; readonly heardAt: number } };
}

/** What a spectator's page is told of the venue, newest last. */
const watchVenue = (url: string, eventId: string, onEnd: (end: () => void) => void) => {
  const told: boolean[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/events/${eventId}/ws`);
  onEnd(() => socket.terminate());
  socket.on('message', (data: Buffer) => {
    const { data: body } = JSON.parse(data.toString('utf8')) as FeedMessage;
    if (body?.venue !== undefined) told.push(body.venue.connected);
  });
  return { told, isConnected: () => told.at(-1) };
};

const exportOf = async (api: Api, streamId: string, form: 'txt' | 'csv' = 'txt'): Promise<string> =>
  (await api.bytes(`/streams/${streamId}/export.${form}`)).toString('latin1');

describe('a relay at the venue and one elsewhere', () => {
  it('[P1] [P3] [P4] [P10] are the same after a cut, a burst on both sides and kill -9 of the one at the venue', async () => {
    const stage = createStage();
    const far = await startRelay(stage);
    const event = await createEvent(far.url);
    const { eventId, operator } = event;
    const raceId = await event.race('10 km');
    for (const status of ['startlist', 'running'])
      await operator.must('PATCH', `/events/${eventId}/status`, { status });
    const line = await openNetworkGate(far.port, stage.onEnd);

    // the venue: a relay that knows nothing but where the other is
    const upstream = ['--upstream', line.url, '--upstream-token', event.operatorToken];
    let tent = await startRelay(stage, { args: upstream });
    const tentAdmin = createApi(tent.url, ADMIN_TOKEN);
    await until('the event and its race are at the venue', async () => {
      const { body } = await tentAdmin.call('GET', `/events/${eventId}/races`);
      return JSON.stringify(body).includes(raceId);
    });
    const tokenAt = async (api: Api, role: string, nodeId: string): Promise<string> =>
      textOf(await api.must('POST', '/tokens', { role, eventId, nodeId }), 'token');

    // one mat is connected to the relay at the venue, one, across the river, to the other
    const [near, across] = [await startScriptedReader(stage.onEnd), await startScriptedReader(stage.onEnd)];
    const journal = stage.folder('journal');
    const forwarder = await startForwarder(stage, {
      relay: tent.url,
      token: await tokenAt(tentAdmin, 'forwarder', 'mat-1'),
      readers: [`start=${near.address}`],
      journal,
    });
    await startForwarder(stage, {
      relay: far.url,
      token: await event.token('forwarder', 'mat-2'),
      readers: [`finish=${across.address}`],
      journal: stage.folder('journal-across'),
    });
    await Promise.all([near.connected(), across.connected()]);

    // far away: a scoring desk that follows the race, and a spectator
    await until('the stream of the venue is known far away', async () => {
      const { status } = await operator.call('PUT', `/streams/${MAT}/epochs/1/race`, { raceId });
      return status === 200;
    });
    const tcp = await freePort();
    await startReceiver(stage, {
      relay: far.url,
      token: await event.token('receiver', 'desk'),
      dataDir: stage.folder('receiver'),
      args: ['--race', raceId, '--scope', 'all', '--tcp', `${MAT}=${tcp}`],
    });
    const scoring = await connectScoring(tcp, stage.onEnd);
    const spectator = watchVenue(far.url, eventId, stage.onEnd);
    await until('the spectator sees the venue', () => spectator.isConnected() === true);

    const lines = dump(200 + BURST + 100);
    await near.sendLines(lines.slice(0, 200), 2_000);
    await across.sendLines(dump(50), 1_000);
    await until(
      'what the venue reads is far away',
      async () => (await exportOf(operator, MAT)) === textOfLines(lines.slice(0, 200)),
    );
    await until(
      'what is read across is at the venue',
      async () => (await exportOf(tentAdmin, FAR_MAT)) === textOfLines(dump(50)),
    );

    // an operator far away begins the next epoch of a forwarder at the venue
    await until('the forwarder is reached through the link', async () => {
      const { status } = await operator.call('POST', `/races/${raceId}/streams/${MAT}/epochs/activate-next`);
      return status === 200;
    });
    await until('the venue is in epoch 2', async () => {
      const body = await tentAdmin.must('GET', `/streams?eventId=${eventId}`);
      return JSON.stringify(body).includes('"epoch":2');
    });

    // the internet is gone: both sides go on
    line.cut();
    await until('the spectator sees that the venue is away', () => spectator.isConnected() === false);
    await near.sendLines(lines.slice(200, 200 + BURST), 12_000);
    await across.sendLines(dump(500), 5_000);
    await tentAdmin.must('PATCH', `/races/${raceId}`, { name: 'Harbour ten' });
    await tentAdmin.must('POST', `/events/${eventId}/races`, { name: 'Fun run' });
    await operator.must('POST', `/events/${eventId}/races`, { name: 'Five' });
    await operator.must('PATCH', `/races/${raceId}`, { startAt: '2026-05-17T09:00:00Z' });
    await tentAdmin.must('PATCH', `/events/${eventId}/status`, { status: 'finished' });
    await until(
      'the venue has all of the burst',
      async () => (await exportOf(tentAdmin, MAT)).length === textOfLines(lines.slice(0, 200 + BURST)).length,
    );
    expect(await exportOf(operator, MAT)).toBe(textOfLines(lines.slice(0, 200)));

    // joined again; the relay at the venue dies in the middle of catching up
    line.mend();
    await until(
      'some of the burst is through',
      async () => (await exportOf(operator, MAT)).length > textOfLines(lines.slice(0, 200)).length,
    );
    await tent.program.end('SIGKILL');
    const { port, dataDir } = tent;
    tent = await startRelay(stage, { port, dataDir, args: upstream });
    await near.sendLines(lines.slice(200 + BURST), 2_000);

    const emitted = new Map([
      [MAT, textOfLines(lines)],
      [FAR_MAT, textOfLines([...dump(50), ...dump(500)])],
    ]);
    for (const [streamId, text] of emitted) {
      for (const api of [tentAdmin, operator]) {
        await until(`${streamId} is complete`, async () => (await exportOf(api, streamId)).length >= text.length);
        expect(await exportOf(api, streamId)).toBe(text);
      }
      expect(await exportOf(tentAdmin, streamId, 'csv')).toBe(await exportOf(operator, streamId, 'csv'));
    }
    await until('the scoring desk has every read once', () => scoring.lines() >= lines.length);
    expect(scoring.bytes().toString('latin1').replaceAll('\r\n', '\n')).toBe(textOfLines(lines));
    await until('the spectator sees the venue again', () => spectator.isConnected() === true);
    await until(
      'the race is finished far away, too',
      async () => textOf(await operator.must('GET', `/events/${eventId}`), 'status') === 'finished',
    );

    const id = EventId.parse(eventId);
    for (const name of [setupDocName(id), rosterDocName(id)]) {
      const here = await openDocument(tent.url, ADMIN_TOKEN, name, stage.onEnd);
      const there = await openDocument(far.url, event.operatorToken, name, stage.onEnd);
      await until(`${name} is the same at both`, () => Y.equalSnapshots(Y.snapshot(here.doc), Y.snapshot(there.doc)));
      expect(here.doc.toJSON()).toEqual(there.doc.toJSON());
    }
    const races = JSON.stringify(await operator.must('GET', `/events/${eventId}/races`));
    for (const name of ['Harbour ten', 'Fun run', 'Five', '2026-05-17T09:00:00']) expect(races).toContain(name);

    // the forwarder moves to the other relay, with its journal, and the venue goes on seeing it
    await forwarder.end('SIGTERM');
    await startForwarder(stage, {
      relay: far.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: [`start=${near.address}`],
      journal,
    });
    await near.connected();
    const last = dump(30);
    await near.sendLines(last, 1_000);
    await until(
      'the venue has what its forwarder sends to the other relay',
      async () => (await exportOf(tentAdmin, MAT)) === textOfLines([...lines, ...last]),
    );
    expect(await exportOf(operator, MAT)).toBe(textOfLines([...lines, ...last]));
    const streams = JSON.stringify(await operator.must('GET', `/streams?eventId=${eventId}`));
    expect(streams).not.toMatch(/"conflicts":[1-9]/);
  });
});
