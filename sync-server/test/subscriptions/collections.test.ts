import { afterEach, describe, expect, it } from 'vitest';
import { chipOf, raceDay } from '../spectators/race-day.ts';
import { heldBy, type LiveClient, openLive } from './live-fixture.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;

let day: Day | null = null;
const clients: LiveClient[] = [];
afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.terminate();
  await day?.relay.close();
  day = null;
});

const begin = async (
  options: Parameters<typeof raceDay>[0] = {},
): Promise<{ readonly on: Day; readonly client: LiveClient }> => {
  const on = await raceDay(options);
  day = on;
  const made = (await on.ask('POST', '/api/v1/tokens', { body: { role: 'operator', eventId: on.eventId } })).body as {
    readonly token: string;
  };
  const client = await openLive(on, made.token);
  clients.push(client);
  return { on, client };
};

const valuesOf = (client: LiveClient, subId: string, field: string): readonly unknown[] =>
  [...heldBy(client, subId).values()].map((document) => document[field]);

describe('collections', () => {
  it('reads: history in parts of at most 64 KiB, then live, without gap or repeat while they keep coming', async () => {
    const { on, client } = await begin({ runners: 500 });
    for (let bib = 1; bib <= 200; bib++) await on.finish([bib, 60_000 + bib]);
    const subscribed = client.subscribe('s1', {
      eventId: on.eventId,
      collection: 'reads',
      filters: [],
      sendSnapshot: true,
    });
    for (let bib = 201; bib <= 400; bib++) await on.finish([bib, 60_000 + bib]);
    expect(await subscribed).toMatchObject({ type: 'subscribeAck' });
    await client.until(() => heldBy(client, 's1').size === 400);
    expect(valuesOf(client, 's1', 'seq')).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
    expect(client.events('s1').every(({ type }) => type === 'create')).toBe(true);
    const [first] = heldBy(client, 's1').values();
    expect(first).toMatchObject({
      id: `reads/${on.stream}/1/1`,
      streamId: on.stream,
      epoch: 1,
      chip: expect.any(String),
    });
    const told = new Set<string>();
    for (const { payload } of client.messages) {
      for (const { id } of payload.documents ?? []) {
        expect(told.has(id)).toBe(false);
        told.add(id);
      }
      expect(JSON.stringify(payload).length).toBeLessThan(64 * 1024);
    }
  });

  it('reads: only those that pass, by what they say', async () => {
    const { on, client } = await begin();
    await on.finish([1, 60_000], [2, 61_000]);
    const chip = (
      (await on.ask('GET', `/api/v1/streams/${on.stream}/reads`)).body as {
        readonly reads: readonly { readonly chip: string }[];
      }
    ).reads[1]?.chip;
    const filters = [{ field: 'chip', op: '==', value: chip }];
    await client.subscribe('s1', { eventId: on.eventId, collection: 'reads', filters, sendSnapshot: true });
    await on.finish([1, 62_000], [2, 63_000]);
    await client.until(() => heldBy(client, 's1').size === 2);
    expect(valuesOf(client, 's1', 'seq')).toEqual([2, 4]);
  });

  it('races and streams: as they are, and each edit of them', async () => {
    const { on, client } = await begin();
    await client.subscribe('races', { eventId: on.eventId, collection: 'races', sendSnapshot: true });
    await client.subscribe('streams', { eventId: on.eventId, collection: 'streams', sendSnapshot: true });
    await client.until(() => heldBy(client, 'races').size === 1 && heldBy(client, 'streams').size === 1);
    await on.ask('PATCH', `/api/v1/races/${on.raceId}`, { body: { name: 'Renamed' } });
    await on.ask('PATCH', `/api/v1/streams/${on.stream}`, { body: { label: 'Finish mat' } });
    await on.finish([1, 60_000]);
    await client.until(() => valuesOf(client, 'races', 'name')[0] === 'Renamed');
    await client.until(
      () => valuesOf(client, 'streams', 'label')[0] === 'Finish mat' && valuesOf(client, 'streams', 'head')[0] === 1,
    );
    await on.ask('POST', `/api/v1/events/${on.eventId}/races`, { body: { name: 'Second' } });
    await client.until(() => heldBy(client, 'races').size === 2);
  });

  it('nodes: who attaches, and who is silent', async () => {
    const { on, client } = await begin();
    await client.subscribe('s1', {
      eventId: on.eventId,
      collection: 'nodes',
      sendSnapshot: true,
      filters: [{ field: 'role', op: '==', value: 'receiver' }],
    });
    const made = (
      await on.ask('POST', '/api/v1/tokens', { body: { role: 'receiver', eventId: on.eventId, nodeId: 'desk' } })
    ).body as { readonly token: string };
    await on.ask('POST', '/api/v1/nodes/attach', {
      token: made.token,
      body: { eventId: on.eventId, nodeId: 'desk', clientVersion: '0.1', capabilities: {}, health: 'online' },
    });
    await client.until(() => client.events('s1').find(({ type, id }) => type === 'create' && id === 'nodes/desk'));
    await on.ask('POST', '/api/v1/nodes/detach', { token: made.token, body: { nodeId: 'desk' } });
    await client.until(() => valuesOf(client, 's1', 'detached')[0] === true);
  });

  it('oncourse: riders of another timing system come and go', async () => {
    const { on, client } = await begin({ flags: { 'oncourse-ttl-ms': '300' } });
    await client.subscribe('s1', { eventId: on.eventId, collection: 'oncourse', sendSnapshot: true });
    await on.ask('POST', `/api/v1/events/${on.eventId}/ingest/oncourse`, {
      body: { oncourse: [{ raceId: on.raceId, bib: '2' }] },
    });
    await client.until(() =>
      client.events('s1').find(({ type, id }) => type === 'create' && id === `oncourse/${on.raceId}/2`),
    );
    await client.until(() => client.events('s1').find(({ type }) => type === 'delete'));
  });

  it('[RT-43] announcer: who came by, to everybody, as HTTP has it, without a word of the chip', async () => {
    const { on } = await begin();
    const client = await openLive(on);
    clients.push(client);
    await on.finish([1, 60_000], [99, 61_000], [1, 62_000]);
    await client.subscribe('s1', { eventId: on.eventId, collection: 'announcer', sendSnapshot: true });
    const announced = async (): Promise<readonly unknown[]> =>
      ((await on.get('announcer')).body as { readonly data: readonly unknown[] }).data;
    const isAsTold = async (): Promise<void> => {
      const rows = [...heldBy(client, 's1').values()].map(({ bib, name, raceId, at }) => ({ bib, name, raceId, at }));
      expect(rows).toEqual(expect.arrayContaining([...(await announced())]));
      expect(rows).toHaveLength((await announced()).length);
    };
    await client.until(() => heldBy(client, 's1').size === 2);
    await isAsTold();
    await on.finish([2, 63_000]);
    await client.until(() => heldBy(client, 's1').size === 3);
    await isAsTold();
    expect([...heldBy(client, 's1').keys()].sort()).toEqual([
      `announcer/${on.raceId}/1`,
      `announcer/${on.raceId}/2`,
      expect.stringMatching(/^announcer\/unknown\/\d+$/),
    ]);
    await on.importCsv(`bib,name,chip\n3,Known after all,${chipOf(99)}`);
    await client.until(() => client.events('s1').find(({ type, id }) => type === 'delete' && /unknown/.test(id)));
    await client.until(() => heldBy(client, 's1').has(`announcer/${on.raceId}/3`));
    await isAsTold();
    expect(JSON.stringify(client.messages)).not.toMatch(/0580|gate|mat/);
    await on.status('finished');
    await on.status('official');
    const later = await openLive(on);
    clients.push(later);
    await later.subscribe('s2', { eventId: on.eventId, collection: 'announcer', sendSnapshot: true });
    await later.until(() => heldBy(later, 's2').size === 3);
  });

  it('[SX-22] reads, streams and nodes: go on from a place after a short break, and begin anew after a longer one', async () => {
    const { on, client } = await begin();
    await on.finish([1, 60_000]);
    const names = ['reads', 'streams', 'nodes'] as const;
    const placeOf = (it: LiveClient, subId: string): Promise<string> =>
      it.until((all) => all.findLast(({ payload }) => payload.subId === subId && payload.place)?.payload.place);
    const places: Record<string, string> = {};
    for (const collection of names) {
      await client.subscribe(collection, { eventId: on.eventId, collection, sendSnapshot: true });
      await client.until(() => client.snapshot(collection));
      places[collection] = await placeOf(client, collection);
    }
    client.socket.terminate();
    await client.untilClosed();
    await on.finish([2, 61_000], [3, 62_000]);

    const { token } = (await on.ask('POST', '/api/v1/tokens', { body: { role: 'operator', eventId: on.eventId } }))
      .body as { readonly token: string };
    const again = await openLive(on, token);
    clients.push(again);
    for (const collection of names) {
      const wanted = { eventId: on.eventId, collection, sendSnapshot: true };
      expect(await again.subscribe(collection, { ...wanted, after: places[collection] })).toMatchObject({
        payload: { resumed: true },
      });
      expect(await again.subscribe(`${collection} lost`, { ...wanted, after: 'elsewhere:1' })).toMatchObject({
        payload: { resumed: false },
      });
      await again.until((all) =>
        all.find(({ type, payload }) => type === 'resync' && payload.subId === `${collection} lost`),
      );
      await again.until(() => again.snapshot(`${collection} lost`));
    }
    await again.until(() => again.events('reads').length === 2);
    await again.until(() => again.events('streams').some(({ document }) => document?.['head'] === 3));
    expect(again.events('reads').map(({ document }) => document?.['seq'])).toEqual([2, 3]);
    for (const collection of names) expect(again.snapshot(collection)).toBeNull();
    await on.finish([1, 70_000]);
    await again.until(() => again.events('reads').length === 3 && heldBy(again, 'reads lost').size === 4);
  });

  it('[SX-23] are followed once for each event, however many clients there are', async () => {
    const { on, client } = await begin();
    const all = await Promise.all(Array.from({ length: 100 }, () => openLive(on)));
    clients.push(...all);
    await Promise.all(all.map((it) => it.subscribe('s1', { eventId: on.eventId, collection: 'results' })));
    await client.subscribe('s1', { eventId: on.eventId, collection: 'results' });
    let reads = 0;
    const stop = on.core.log.onAppended(() => reads++);
    await on.finish([1, 60_000]);
    await Promise.all(all.map((it) => it.until(() => it.events('s1').length === 1)));
    stop();
    expect([reads, on.core.live.collections(), on.core.live.subscriptions()]).toEqual([1, 1, 101]);
  });

  it('[SX-22] are told anew after the results could not be computed for a while', async () => {
    const { on, client } = await begin();
    await on.finish([1, 60_000]);
    await client.subscribe('s1', { eventId: on.eventId, collection: 'results', sendSnapshot: true });
    await client.until(() => heldBy(client, 's1').size === 1);
    const { setups } = on.core;
    const { read } = setups;
    let failures = 0;
    Object.assign(setups, {
      read: (...given: Parameters<typeof read>) => {
        if (failures++ < 2) throw new Error('the disk is away');
        return read(...given);
      },
    });
    await on.finish([2, 50_000], [3, 55_000]);
    await client.until(() => heldBy(client, 's1').size === 3);
    expect(failures).toBeGreaterThanOrEqual(2);
    Object.assign(setups, { read });
  });
});
