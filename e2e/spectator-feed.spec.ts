import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createEvent } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

interface Message {
  readonly type: string;
  readonly data?: { readonly results?: readonly { readonly bib: string }[]; readonly status?: string };
}

const watch = (url: string, eventId: string) => {
  const messages: Message[] = [];
  let closedWith: number | null = null;
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/events/${eventId}/ws`);
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8')) as Message));
  socket.once('close', (code) => {
    closedWith = code;
  });
  return { messages, closedWith: () => closedWith };
};

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('the feed of a relay that is really there', () => {
  it('[CN-17] [CN-18] [P1] keeps results and what is official over kill -9, and says goodbye with 1001 when it is asked to end', async () => {
    const stage = createStage();
    const first = await startRelay(stage);
    const { eventId, operator, race } = await createEvent(first.url);
    const raceId = await race('Harbour mile');
    const become = (status: string) => operator.must('PATCH', `/events/${eventId}/status`, { status });
    await become('startlist');
    await become('running');
    const before = watch(first.url, eventId);
    await until('the first message', () => before.messages.length > 0);
    expect(before.messages[0]?.type).toBe('full');
    await operator.must('POST', `/events/${eventId}/ingest/structure`, {
      participants: [{ bib: '7', raceId, name: 'Ada Lovelace' }],
    });
    await operator.must('POST', `/events/${eventId}/ingest/results`, {
      results: [{ raceId, bib: '7', timeMs: 300_000 }],
    });
    await until('the result is told', () =>
      before.messages.some(({ data }) => data?.results?.some(({ bib }) => bib === '7') === true),
    );
    await first.program.end('SIGKILL');
    await until('the killed relay’s socket is gone', () => before.closedWith() !== null);

    const second = await startRelay(stage, { dataDir: first.dataDir, port: first.port });
    const again = watch(second.url, eventId);
    await until('the first message of the next relay', () => again.messages.length > 0);
    expect(again.messages[0]).toMatchObject({
      type: 'full',
      data: { results: [{ bib: '7', name: 'Ada Lovelace', rank: 1 }] },
    });
    await become('finished');
    await become('official');
    const list = `/api/v1/events/${eventId}/results/${raceId}`;
    const [official, rows] = [
      await json(`${second.url}/api/v1/events/${eventId}/official`),
      await json(second.url + list),
    ];
    expect(again.closedWith()).toBeNull();
    const ended = await second.program.end('SIGTERM');
    expect(ended.code).toBe(0);
    await until('the goodbye', () => again.closedWith() !== null);
    expect(again.closedWith()).toBe(1001);

    const third = await startRelay(stage, { dataDir: first.dataDir, port: first.port });
    expect(await json(`${third.url}/api/v1/events/${eventId}/official`)).toEqual(official);
    expect(await json(third.url + list)).toEqual(rows);
    expect((await fetch(`${third.url}/metrics`)).status).toBe(401);
  });
});
