import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import { createEvent, createRace } from '../http/relay-fixture.ts';
import { raceDay } from '../spectators/race-day.ts';
import { heldBy, type LiveClient, openLive } from './live-fixture.ts';

/** Of the heap by a thousand connections, both their ends in this process: some 0.5 MB are noise, a connection that is not freed keeps 11 KB. */
const MAX_GROWTH_BYTES = 2 * 1024 * 1024;

/** Bytes in use once everything that nobody holds is gone. */
const heapBytes = async (): Promise<number> => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
};

type Day = Awaited<ReturnType<typeof raceDay>>;

let day: Day | null = null;
const clients: LiveClient[] = [];
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await day?.relay.close();
  day = null;
});

const begin = async (options: Parameters<typeof raceDay>[0] = {}): Promise<Day> => {
  const it = await raceDay(options);
  day = it;
  return it;
};

const join = async (on: Day, token: string | null = null): Promise<LiveClient> => {
  const client = await openLive(on, token);
  clients.push(client);
  return client;
};

const tokenOf = async (on: Day, role = 'operator', eventId = on.eventId): Promise<string> => {
  const made = (await on.ask('POST', '/api/v1/tokens', { body: { role, eventId } })).body as { readonly token: string };
  return made.token;
};

const RESULTS = (eventId: string, filters: readonly object[] = []) => ({
  eventId,
  collection: 'results',
  filters,
  includeData: true,
  sendSnapshot: true,
});

const bibsOf = (client: LiveClient, subId: string): readonly unknown[] =>
  [...heldBy(client, subId).values()].map(({ bib }) => bib).sort();

const FIRST_TWO = [{ field: 'rank', op: '<=', value: 2 }];

describe('a live subscription', () => {
  it('[SX-07][SX-08][SX-10][SX-12] tells create, update and delete of documents with their fields', async () => {
    const on = await begin();
    await on.finish([1, 60_000]);
    const client = await join(on);
    const ack = await client.subscribe('all', RESULTS(on.eventId));
    expect(ack).toEqual({ id: 'all', type: 'subscribeAck', payload: { subId: 'all', resumed: false } });
    const [first] = await client.until(() => client.snapshot('all'));
    expect(first).toMatchObject({
      id: `results/${on.raceId}/1`,
      collection: 'results',
      version: 1,
      updatedAt: expect.any(Number),
      createdAt: expect.any(Number),
      deleted: false,
      bib: '1',
      rank: 1,
      gunMs: 60_000,
    });
    await on.finish([2, 50_000]);
    const [moved, created] = await client.until(() => {
      const found = ['update', 'create'].map((type) => client.events('all').find((it) => it.type === type));
      return found.every((it) => it !== undefined) && found;
    });
    expect(created).toMatchObject({
      id: `results/${on.raceId}/2`,
      timestamp: expect.any(Number),
      document: { rank: 1 },
    });
    expect(moved).toMatchObject({ id: `results/${on.raceId}/1`, document: { rank: 2, version: 2, behindMs: 10_000 } });
    await on.ask('PUT', `/api/v1/streams/${on.stream}/epochs/1/race`, { body: { raceId: null } });
    await client.until(() => client.events('all').filter(({ type }) => type === 'delete').length === 2);
    expect(heldBy(client, 'all').size).toBe(0);
  });

  it('[SX-28][SX-03][SX-01] tells who leaves the filter, once to each of several that overlap, under their own ids', async () => {
    const on = await begin();
    await on.finish([1, 60_000], [2, 70_000]);
    const client = await join(on);
    await client.subscribe('podium', RESULTS(on.eventId, FIRST_TWO));
    await client.subscribe('men', RESULTS(on.eventId, [{ field: 'sex', op: '==', value: 'M' }]));
    await client.subscribe('leader', RESULTS(on.eventId, [{ field: 'rank', op: 'in', value: [1] }]));
    await client.until(() => client.snapshot('leader'));
    await on.finish([3, 50_000]);
    await client.until(() => client.events('leader').length >= 2 && client.events('podium').length >= 3);
    expect(
      client
        .events('podium')
        .map(({ type, id }) => [type, id.split('/')[2]])
        .sort(),
    ).toEqual([
      ['create', '3'],
      ['delete', '2'],
      ['update', '1'],
    ]);
    expect(
      client
        .events('leader')
        .map(({ type, id }) => [type, id.split('/')[2]])
        .sort(),
    ).toEqual([
      ['create', '3'],
      ['delete', '1'],
    ]);
    expect(bibsOf(client, 'podium')).toEqual(['1', '3']);
    expect(bibsOf(client, 'men')).toEqual(['1', '3']);
    expect(new Set(client.messages.map(({ payload }) => payload.subId))).toEqual(new Set(['podium', 'men', 'leader']));
  });

  it('[SX-02] does not cross with one of the same id on another connection', async () => {
    const on = await begin();
    const [women, men] = [await join(on), await join(on)];
    await women.subscribe('s1', RESULTS(on.eventId, [{ field: 'sex', op: '==', value: 'F' }]));
    await men.subscribe('s1', RESULTS(on.eventId, [{ field: 'sex', op: '==', value: 'M' }]));
    await on.finish([1, 60_000], [2, 70_000], [3, 80_000]);
    await men.until(() => heldBy(men, 's1').size === 2);
    await women.until(() => heldBy(women, 's1').size === 1);
    expect([bibsOf(women, 's1'), bibsOf(men, 's1')]).toEqual([['2'], ['1', '3']]);
  });

  it('[SX-04] of an id that is taken is refused, and the first one keeps working', async () => {
    const on = await begin();
    const client = await join(on);
    await client.subscribe('s1', RESULTS(on.eventId));
    const again = await client.subscribe('s1', RESULTS(on.eventId, FIRST_TWO));
    expect(again).toMatchObject({ id: 's1', type: 'error', payload: { code: 'CONFLICT' } });
    await on.finish([1, 60_000]);
    await client.until(() => client.events('s1').length === 1);
  });

  it('[SX-05] ends with its acknowledgement, and frees its state', async () => {
    const on = await begin();
    const client = await join(on);
    await client.subscribe('s1', RESULTS(on.eventId));
    await client.subscribe('s2', RESULTS(on.eventId));
    client.say({ id: 's1', type: 'unsubscribe', payload: { id: 's1' } });
    await client.until((all) => all.find(({ type }) => type === 'unsubscribeAck'));
    expect(on.core.live.subscriptions()).toBe(1);
    await on.finish([1, 60_000]);
    await client.until(() => client.events('s2').length === 1);
    expect(client.events('s1')).toEqual([]);
    client.say({ id: 's1', type: 'unsubscribe', payload: { id: 's1' } });
    await client.until((all) => all.find(({ payload }) => payload.code === 'NOT_FOUND'));
  });

  it('[SX-06] is gone with its connection, a thousand times, and the heap is as small as before', async () => {
    const on = await begin();
    await on.finish([1, 60_000]);
    const turn = async (): Promise<void> => {
      const client = await openLive(on);
      const closed = client.untilClosed();
      await client.subscribe('s1', RESULTS(on.eventId, FIRST_TWO));
      client.socket.terminate();
      await closed;
    };
    const rounds = async (count: number): Promise<number> => {
      for (let round = 0; round < count; round++) await Promise.all(Array.from({ length: 25 }, turn));
      return heapBytes();
    };
    // the first ones load and warm what is loaded once
    const before = await rounds(8);
    const after = await rounds(40);
    expect(after - before).toBeLessThan(MAX_GROWTH_BYTES);
    const client = await join(on);
    await client.subscribe('s1', RESULTS(on.eventId));
    await client.until(() => on.core.live.subscriptions() === 1);
    expect(on.core.live.subscriptions()).toBe(1);
  });

  it('[SX-09] has documents only where they are asked for', async () => {
    const on = await begin();
    const client = await join(on);
    await client.subscribe('with', { eventId: on.eventId, collection: 'results' });
    await client.subscribe('without', { eventId: on.eventId, collection: 'results', includeData: false });
    await on.finish([1, 60_000]);
    await client.until(() => client.events('with').length > 0 && client.events('without').length > 0);
    expect(client.events('with')[0]).toHaveProperty('document');
    expect(client.events('without')[0]).toEqual({
      type: 'create',
      id: `results/${on.raceId}/1`,
      timestamp: expect.any(Number),
    });
  });

  it.each([
    ['an unknown operator', { filters: [{ field: 'rank', op: '~', value: 1 }] }],
    ['filters that are none', { filters: { rank: 1 } }],
    ['a filter that would be evaluated', { filters: [{ field: 'rank', op: '==', value: { $gt: 0 } }] }],
    ['an unknown collection', { collection: 'constructor' }],
    ['no event', { eventId: 7 }],
  ])('[SX-13] is refused for %s, with its id, and there is none', async (_what, wrong) => {
    const on = await begin();
    const client = await join(on);
    const answer = await client.subscribe('s1', { ...RESULTS(on.eventId), ...wrong });
    expect(answer).toMatchObject({
      id: 's1',
      type: 'error',
      payload: { code: 'BAD_REQUEST', message: expect.any(String) },
    });
    expect(on.core.live.subscriptions()).toBe(0);
  });

  it('[SX-27] and its snapshot are one cut while results keep changing, fifty times', async () => {
    const on = await begin({ runners: 60 });
    for (let round = 1; round <= 50; round++) {
      const writing = on.finish([round, 60_000 - round * 100]);
      const client = await join(on);
      const subscribed = client.subscribe('s1', RESULTS(on.eventId));
      await Promise.all([writing, subscribed]);
      const page = await on.results('?limit=100');
      const wanted = JSON.stringify(page.data.map(({ bib, rank }) => [bib, rank]).sort());
      const held = (): string =>
        JSON.stringify([...heldBy(client, 's1').values()].map(({ bib, rank }) => [bib, rank]).sort());
      // both are of the same moment once everything told has come; a hole or a repeat would stay
      await client.until(() => client.snapshot('s1') !== null && held() === wanted);
      expect(client.events('s1').filter(({ type }) => type === 'create').length).toBeLessThanOrEqual(1);
      client.socket.terminate();
    }
  });

  it('[SX-27] has in its snapshot what was stored before it was asked for, as HTTP has', async () => {
    const on = await begin({ runners: 10 });
    const client = await join(on);
    await client.subscribe('s0', RESULTS(on.eventId));
    for (let bib = 1; bib <= 5; bib++) {
      await on.finish([bib, 60_000 + bib]);
      const subId = `s${bib}`;
      await client.subscribe(subId, RESULTS(on.eventId));
      await client.until(() => client.snapshot(subId) !== null);
      expect(client.snapshot(subId)).toHaveLength(bib);
    }
    client.socket.terminate();
  });

  it('goes on from a place after a short break, and is told to start anew from one that is not known', async () => {
    const on = await begin({ runners: 10 });
    await on.finish([1, 60_000]);
    const first = await join(on);
    await first.subscribe('s1', RESULTS(on.eventId));
    const place = await first.until((all) => all.find(({ payload }) => payload.complete === true)?.payload.place);
    first.socket.terminate();
    await on.finish([2, 50_000]);
    const again = await join(on);
    await again.subscribe('other', RESULTS(on.eventId));
    await again.until(() => heldBy(again, 'other').size === 2);
    expect(await again.subscribe('s1', { ...RESULTS(on.eventId), after: place })).toMatchObject({
      payload: { resumed: true },
    });
    await again.until(() => again.events('s1').length === 2);
    expect(again.snapshot('s1')).toBeNull();
    expect(
      again
        .events('s1')
        .map(({ type, document }) => [type, document?.['bib']])
        .sort(),
    ).toEqual([
      ['create', '2'],
      ['update', '1'],
    ]);
    const lost = await again.subscribe('s2', { ...RESULTS(on.eventId), after: 'elsewhere:7' });
    expect(lost).toMatchObject({ payload: { resumed: false } });
    await again.until((all) => all.find(({ type, payload }) => type === 'resync' && payload.subId === 's2'));
    await again.until(() => again.snapshot('s2'));
  });

  it('[SX-24] of a client that takes nothing is told what it missed, or closed, and nobody else waits for it', async () => {
    const on = await begin({ runners: 400 });
    await on.finish(...Array.from({ length: 400 }, (_, index) => [index + 1, 60_000 + index] as const));
    const [stalled, busy] = [await join(on), await join(on)];
    for (let index = 0; index < 15; index++) await stalled.subscribe(`s${index}`, RESULTS(on.eventId));
    await busy.subscribe('s1', RESULTS(on.eventId, [{ field: 'bib', op: '==', value: '1' }]));
    stalled.socket.pause();
    for (let round = 0; round < 12; round++) {
      const before = busy.events('s1').length;
      // every row has another time: a megabyte for the one who stands still
      await on.ask('PATCH', `/api/v1/races/${on.raceId}`, { body: { startAt: `2026-03-07T09:${10 + round}:00` } });
      await busy.until(() => busy.events('s1').length > before);
    }
    stalled.socket.resume();
    const told = await Promise.race([
      stalled.until((all) => all.find(({ type }) => type === 'resync')),
      stalled.untilClosed(),
    ]);
    expect(told).toBeDefined();
    if ('code' in told && typeof told.code === 'number') return;
    const page = await on.results('?limit=1000');
    await stalled.until(() => {
      const held = heldBy(stalled, 's14');
      return (
        held.size === page.total &&
        page.data.every(({ bib, gunMs }) => [...held.values()].some((it) => it['bib'] === bib && it['gunMs'] === gunMs))
      );
    });
  });
});

describe('who may subscribe', () => {
  it('[SX-16] to what is not public must show a token first', async () => {
    const on = await begin();
    const client = await join(on);
    for (const collection of ['reads', 'streams', 'nodes']) {
      const answer = await client.subscribe(collection, { eventId: on.eventId, collection });
      expect(answer).toMatchObject({ type: 'error', payload: { code: 'UNAUTHORIZED' } });
    }
    client.say({ id: 'a', type: 'auth', payload: { token: await tokenOf(on) } });
    await client.until((all) => all.find(({ id, type }) => id === 'a' && type === 'authAck'));
    for (const collection of ['reads', 'streams', 'nodes']) {
      expect(await client.subscribe(collection, { eventId: on.eventId, collection })).toMatchObject({
        type: 'subscribeAck',
      });
    }
  });

  it('[SX-16] with a wrong token is closed with 4401, at once or when it is shown', async () => {
    const on = await begin();
    const atOnce = await join(on, 'no-such-token');
    expect(await atOnce.untilClosed()).toMatchObject({ code: 4401 });
    const late = await join(on);
    late.say({ type: 'auth', payload: { token: 'no-such-token' } });
    expect(await late.untilClosed()).toMatchObject({ code: 4401 });
  });

  it('[SX-15] to another event than the token’s gets nothing that is not public', async () => {
    const on = await begin();
    await createEvent(on, 'other');
    const client = await join(on, await tokenOf(on, 'operator', 'other'));
    for (const collection of ['reads', 'streams', 'nodes']) {
      const answer = await client.subscribe(collection, { eventId: on.eventId, collection });
      expect(answer).toMatchObject({ type: 'error' });
      expect(['FORBIDDEN', 'NOT_FOUND']).toContain(answer.payload.code);
    }
    expect(await client.subscribe('results', RESULTS(on.eventId))).toMatchObject({ type: 'subscribeAck' });
  });

  it('[SX-15] sees the same keys of two events apart', async () => {
    const on = await begin();
    const other = await createEvent(on, 'other');
    await on.ask('PATCH', `/api/v1/events/${other.eventId}/status`, { body: { status: 'startlist' } });
    const client = await join(on);
    await client.subscribe('mine', RESULTS(on.eventId));
    await client.subscribe('theirs', RESULTS(other.eventId));
    await on.finish([1, 60_000]);
    await client.until(() => client.events('mine').length === 1);
    expect(client.events('theirs')).toEqual([]);
  });

  it('hears of no draft, and is told when an event becomes one again', async () => {
    const on = await begin();
    await createEvent(on, 'secret', 'draft');
    await createRace(on, 'secret', 'Half');
    const races = { eventId: 'secret', collection: 'races', sendSnapshot: true };
    const [anyone, operator] = [await join(on), await join(on, await tokenOf(on, 'operator', 'secret'))];
    const refused = await anyone.subscribe('s1', races);
    expect(refused).toMatchObject({ type: 'error', payload: { code: 'NOT_FOUND' } });
    expect((await anyone.subscribe('s2', { ...races, eventId: 'no-such-event' })).payload).toEqual(refused.payload);
    await on.ask('PATCH', '/api/v1/events/secret/status', { body: { status: 'startlist' } });
    await anyone.subscribe('s3', races);
    await operator.subscribe('s3', races);
    await on.ask('PATCH', '/api/v1/events/secret/status', { body: { status: 'draft' } });
    await anyone.until((all) => all.find(({ payload }) => payload.subId === 's3' && payload.code === 'NOT_FOUND'));
    expect(on.core.live.subscriptions()).toBe(1);
    await createRace(on, 'secret', 'Full');
    await operator.until(() => operator.events('s3').length === 1);
    expect(anyone.events('s3')).toEqual([]);
  });

  it('is closed with 4401 when the token is revoked, also one that was shown by message', async () => {
    const on = await begin();
    const made = (await on.ask('POST', '/api/v1/tokens', { body: { role: 'viewer', eventId: on.eventId } })).body as {
      readonly token: string;
      readonly tokenId: string;
    };
    const [early, late] = [await join(on, made.token), await join(on)];
    late.say({ type: 'auth', payload: { token: made.token } });
    await late.until((all) => all.find(({ type }) => type === 'authAck'));
    await on.ask('DELETE', `/api/v1/tokens/${made.tokenId}`);
    expect([await early.untilClosed(), await late.untilClosed()]).toMatchObject([{ code: 4401 }, { code: 4401 }]);
  });

  it('[SX-17] is refused with 401 for a token in the URL', async () => {
    const on = await begin();
    const answer = await on.askAsIs('GET', `/api/v1/live?token=x`, {
      token: null,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    });
    expect(answer.status).toBe(401);
  });
});

describe('what a client says', () => {
  it('[SX-25] over 64 KiB closes the connection with 4413', async () => {
    const on = await begin();
    const client = await join(on);
    client.say(`"${'x'.repeat(65 * 1024)}"`);
    expect(await client.untilClosed()).toMatchObject({ code: 4413 });
  });

  it('[SX-26] that is no message is answered with an error, and the connection stays', async () => {
    const on = await begin();
    const client = await join(on);
    for (const text of [
      '{',
      '[]',
      'null',
      '{"id":"x","type":"toString"}',
      '{"type":7}',
      '{"id":"y","type":"subscribe"}',
    ])
      client.say(text);
    client.socket.send(Buffer.from([1, 2, 3]));
    await client.until(
      (all) => all.filter(({ type, payload }) => type === 'error' && payload.code === 'BAD_REQUEST').length === 7,
    );
    expect(client.messages.flatMap(({ id }) => id ?? [])).toEqual(['x', 'y']);
    expect(await client.subscribe('s1', RESULTS(on.eventId))).toMatchObject({ type: 'subscribeAck' });
  });

  it('is too much at more than fifty messages a second', async () => {
    const on = await begin();
    const client = await join(on);
    for (let count = 0; count < 60; count++) client.say({ type: 'heartbeat' });
    expect(await client.untilClosed()).toMatchObject({ code: 4429 });
  });

  it('asks for at most a hundred subscriptions', async () => {
    // slower than the seconds in which messages are counted
    const on = await begin({ flags: { 'live-heartbeat-ms': '1100' } });
    const client = await join(on);
    const heartbeats = (): number => client.messages.filter(({ type }) => type === 'heartbeat').length;
    const anotherHeartbeat = async (): Promise<void> => {
      const before = heartbeats();
      await client.until(() => heartbeats() > before);
    };
    const answers = [];
    for (let count = 0; count < 101; count++) {
      if (count % 40 === 39) await anotherHeartbeat();
      answers.push(await client.subscribe(`s${count}`, { eventId: on.eventId, collection: 'races' }));
    }
    expect(answers.at(-2)?.type).toBe('subscribeAck');
    expect(answers.at(-1)).toMatchObject({ type: 'error', payload: { code: 'RATE_LIMITED' } });
  });
});

describe('the connection', () => {
  it('[SX-20] is pinged, gets heartbeats, and is dropped when it answers no ping', async () => {
    const on = await begin({ flags: { 'live-ping-ms': '50', 'live-pong-ms': '40', 'live-heartbeat-ms': '30' } });
    const [alive, silent] = [await join(on), await openLive(on, null, { autoPong: false })];
    clients.push(silent);
    let pings = 0;
    alive.socket.on('ping', () => pings++);
    await alive.until(
      (all) => all.filter(({ type, payload }) => type === 'heartbeat' && typeof payload.at === 'number').length >= 5,
    );
    expect(pings).toBeGreaterThan(0);
    await silent.untilClosed();
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('ends with 1001 when the relay shuts down', async () => {
    const on = await begin();
    const client = await join(on);
    await client.subscribe('s1', RESULTS(on.eventId));
    await on.relay.close();
    expect(await client.untilClosed()).toMatchObject({ code: 1001 });
  });

  it('is refused with 503 beyond the limit', async () => {
    const on = await begin({ flags: { 'live-limit': '1' } });
    await join(on);
    await expect(openLive(on)).rejects.toThrow('503');
  });
});
