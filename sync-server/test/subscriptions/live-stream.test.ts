import { afterEach, describe, expect, it } from 'vitest';
import { createEvent } from '../http/relay-fixture.ts';
import { raceDay } from '../spectators/race-day.ts';
import { type EventStream, heldBy, openLive, openStream } from './live-fixture.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;

let day: Day | null = null;
const streams: EventStream[] = [];
afterEach(async () => {
  for (const { close } of streams.splice(0)) close();
  await day?.relay.close();
  day = null;
});

const begin = async (options: Parameters<typeof raceDay>[0] = {}): Promise<Day> => {
  day = await raceDay(options);
  return day;
};

const join = async (...given: Parameters<typeof openStream>): Promise<EventStream> => {
  const stream = await openStream(...given);
  streams.push(stream);
  return stream;
};

const bearer = async (
  on: Day,
  role = 'operator',
  eventId = on.eventId,
): Promise<{ readonly tokenId: string; readonly headers: { readonly Authorization: string } }> => {
  const made = (await on.ask('POST', '/api/v1/tokens', { body: { role, eventId } })).body as {
    readonly token: string;
    readonly tokenId: string;
  };
  return { tokenId: made.tokenId, headers: { Authorization: `Bearer ${made.token}` } };
};

describe('an event stream', () => {
  it('[SX-18] tells what the socket tells', async () => {
    const on = await begin({ runners: 8 });
    await on.finish([1, 60_000], [2, 70_000]);
    const filters = [{ field: 'rank', op: '<=', value: 3 }];
    const client = await openLive(on);
    await client.subscribe('s1', { eventId: on.eventId, collection: 'results', filters, sendSnapshot: true });
    const stream = await join(on, {
      eventId: on.eventId,
      collection: 'results',
      filters: JSON.stringify(filters),
      sendSnapshot: 'true',
    });
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    await client.until(() => client.snapshot('s1'));
    await stream.until(() => stream.events().length > 0);
    await on.finish([3, 50_000], [4, 40_000]);
    await client.until(() => client.events('s1').length >= 4);
    await stream.until(() => stream.events().filter(({ event }) => event === 'change').length >= 4);
    const [snapshot] = stream.events();
    expect(snapshot?.data.documents).toEqual(client.snapshot('s1'));
    const changes = stream.events().filter(({ event }) => event === 'change');
    expect(changes.map(({ data }) => data.delta)).toEqual(client.events('s1'));
    expect(changes.every(({ id }) => id !== null)).toBe(true);
    expect(heldBy(client, 's1').size).toBe(3);
    client.socket.terminate();
  });

  it('goes on from the last event that a browser names when it comes back', async () => {
    const on = await begin({ runners: 8 });
    await on.finish([1, 60_000]);
    const query = { eventId: on.eventId, collection: 'results', sendSnapshot: 'true' };
    const first = await join(on, query);
    const place = await first.until(() => first.events().find(({ id }) => id !== null)?.id);
    first.close();
    await on.finish([2, 70_000]);
    const other = await join(on, query);
    await other.until(
      () =>
        other
          .events()
          .flatMap(({ data }) => [...(data.documents ?? []), ...(data.delta === undefined ? [] : [data.delta])])
          .length === 2,
    );
    const again = await join(on, query, { 'Last-Event-ID': place });
    await again.until(() => again.events().length > 0);
    expect(again.events()[0]).toMatchObject({ event: 'change', data: { delta: { type: 'create' } } });
  });

  it.each([
    ['no token for what is not public', 401, { collection: 'reads' }],
    ['an unknown event', 404, { eventId: 'nowhere' }],
    ['no event', 400, { eventId: '' }],
    ['an unknown collection', 400, { collection: 'users' }],
    ['filters that are no JSON', 400, { filters: '[' }],
    ['an unknown operator', 400, { filters: '[{"field":"a","op":"like","value":1}]' }],
    ['a flag that is none', 400, { includeData: 'maybe' }],
    ['a token in the URL', 401, { token: 'x' }],
  ])('[SX-19] is refused before it starts: %s', async (_what, status, wrong) => {
    const on = await begin();
    const stream = await join(on, { eventId: on.eventId, collection: 'results', ...wrong });
    expect(stream.status).toBe(status);
    await stream.until(stream.ended);
    expect(stream.body()).toMatchObject({ code: expect.any(String), message: expect.any(String) });
    expect(on.core.live.streams()).toBe(0);
  });

  it('[SX-19] is refused for a foreign origin, a wrong token, and one of another event', async () => {
    const on = await begin();
    await createEvent(on, 'other');
    const query = { eventId: on.eventId, collection: 'reads' };
    expect((await join(on, query, { Origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await join(on, query, { Authorization: 'Bearer wrong' })).status).toBe(401);
    const foreign = await bearer(on, 'operator', 'other');
    expect([403, 404]).toContain((await join(on, query, foreign.headers)).status);
  });

  it('[SX-20] has a comment at least so often', async () => {
    const on = await begin({ flags: { 'sse-comment-ms': '20' } });
    const stream = await join(on, { eventId: on.eventId, collection: 'races' });
    await stream.until(() => stream.comments() >= 5);
  });

  it('[SX-21] that is left releases its subscription', async () => {
    const on = await begin();
    const query = { eventId: on.eventId, collection: 'results', sendSnapshot: 'true' };
    const [stays, leaves] = [await join(on, query), await join(on, query)];
    await stays.until(() => on.core.live.subscriptions() === 2 && stays.events().length > 0);
    leaves.close();
    await on.finish([1, 60_000]);
    await stays.until(
      () => stays.events().some(({ event }) => event === 'change') && on.core.live.subscriptions() === 1,
    );
    const metrics = (await on.ask('GET', '/metrics')).text;
    expect(metrics).toMatch(/^baton_subscriptions 1$/m);
    expect(metrics).toMatch(/^baton_sse_streams 1$/m);
  });

  it('ends when its token is revoked, and when the relay shuts down', async () => {
    const on = await begin();
    const { tokenId, headers } = await bearer(on);
    const [mine, anyones] = [
      await join(on, { eventId: on.eventId, collection: 'streams' }, headers),
      await join(on, { eventId: on.eventId, collection: 'races' }),
    ];
    await on.ask('DELETE', `/api/v1/tokens/${tokenId}`);
    await mine.until(mine.ended);
    expect(anyones.ended()).toBe(false);
    await on.relay.close();
    await anyones.until(anyones.ended);
  });
});
