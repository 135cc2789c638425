import type { EpochBody, StreamBody } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachForwarder,
  createEvent,
  createRace,
  createToken,
  type RelayFixture,
  seedStream,
  startRelay,
} from './relay-fixture.ts';

let f: RelayFixture;
let operator: string;
beforeAll(async () => {
  f = await startRelay();
  await createEvent(f, 'e1');
  await createEvent(f, 'e2');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const streamsOf = async (query: string, token: string): Promise<readonly StreamBody[]> =>
  ((await f.ask('GET', `/api/v1/streams${query}`, { token })).body as { streams: StreamBody[] }).streams;

const streamOf = async (id: string): Promise<StreamBody | undefined> =>
  (await streamsOf('?eventId=e1', operator)).find((it) => it.streamId === id);

const epochsOf = async (id: string): Promise<readonly EpochBody[]> =>
  (await f.ask('GET', `/api/v1/streams/${id}/epochs`, { token: operator })).body as EpochBody[];

describe('streams', () => {
  it('tell who they are, how their forwarder is, and what they count', async () => {
    const token = await createToken(f, 'forwarder', 'e1', 'f1');
    const forwarder = await attachForwarder(f, token, 'f1', 'e1');
    await forwarder.push(1, 1, ['a', 'b', 'c']);
    await forwarder.push(1, 1, ['a', 'b', 'c']);
    await forwarder.push(1, 3, ['other bytes']);
    forwarder.say({
      type: 'heartbeat',
      readers: [
        {
          reader: 'mat',
          connected: true,
          lastLineAt: null,
          linesPerSecond: 0,
          unparsable: 4,
          journalHead: 3,
          clockOffsetMs: null,
        },
      ],
    });
    while ((await streamOf('f1.mat'))?.readerConnected !== true);
    expect(await streamOf('f1.mat')).toEqual({
      streamId: 'f1.mat',
      eventId: 'e1',
      forwarderId: 'f1',
      reader: 'mat',
      label: null,
      pointId: null,
      epoch: 1,
      epochName: null,
      health: 'online',
      readerConnected: true,
      head: 3,
      lastReadAt: expect.any(Number),
      createdAt: expect.any(Number),
      counters: { accepted: 3, duplicates: 3, conflicts: 1, unparsable: 4 },
    });
    await forwarder.close();
    while ((await streamOf('f1.mat'))?.health !== 'offline');
    expect(await streamOf('f1.mat')).toMatchObject({ readerConnected: false, head: 3 });
  });

  it('[P14] are told to members of their event only', async () => {
    await seedStream(f, 'e2', 'other.mat', { 1: ['a'] });
    expect((await streamsOf('', operator)).every((it) => it.eventId === 'e1')).toBe(true);
    expect((await f.ask('GET', '/api/v1/streams?eventId=e2', { token: operator })).status).toBe(403);
    expect((await f.ask('GET', '/api/v1/streams?eventId=e1', { token: null })).status).toBe(401);
    const foreign = await f.ask('GET', '/api/v1/streams/other.mat/epochs', { token: operator });
    const unknown = await f.ask('GET', '/api/v1/streams/unknown.mat/epochs', { token: operator });
    expect([foreign.status, foreign.text]).toEqual([404, unknown.text]);
  });

  it('take a label and a timing point, and lose them for null', async () => {
    const race = await createRace(f, 'e1');
    await f.ask('PATCH', `/api/v1/races/${race.raceId}`, {
      body: { points: [{ pointId: 'km5', name: '5 km', kind: 'split' }] },
    });
    await seedStream(f, 'e1', 'labelled.mat', { 1: [] });
    const patch = (body: object) => f.ask('PATCH', '/api/v1/streams/labelled.mat', { token: operator, body });
    expect(await patch({ label: ' Bridge ', pointId: 'km5' })).toMatchObject({
      status: 200,
      body: { label: 'Bridge', pointId: 'km5' },
    });
    expect(await patch({ label: null })).toMatchObject({ body: { label: null, pointId: 'km5' } });
    expect(await patch({ pointId: 'nowhere' })).toMatchObject({ status: 404 });
    expect(await patch({ pointId: null })).toMatchObject({ body: { pointId: null } });
    expect(await patch({ label: '' })).toMatchObject({ status: 400 });
  });

  it('[RT-09] when deleted lose label and mappings, and keep their reads; not while their forwarder is attached', async () => {
    const race = await createRace(f, 'e1');
    const token = await createToken(f, 'forwarder', 'e1', 'f2');
    const forwarder = await attachForwarder(f, token, 'f2', 'e1');
    await forwarder.push(1, 1, ['kept']);
    await f.ask('PUT', '/api/v1/streams/f2.mat/epochs/1/race', { body: { raceId: race.raceId } });
    const remove = () => f.ask('DELETE', '/api/v1/streams/f2.mat', { token: operator });
    expect(await remove()).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect((await epochsOf('f2.mat'))[0]?.raceId).toBe(race.raceId);
    await forwarder.close();
    let answer = await remove();
    while (answer.status === 409) answer = await remove();
    expect(answer.status).toBe(204);
    const mappings = await f.ask('GET', `/api/v1/races/${race.raceId}/stream-epochs`);
    expect(mappings.body).toEqual({ mappings: [] });
    expect((await f.ask('GET', '/api/v1/streams/f2.mat/export.txt')).text).toBe('kept\n');
  });
});

describe('epochs', () => {
  it('[RT-15] are those with reads and those that are mapped, the empty ones with no times', async () => {
    const race = await createRace(f, 'e1');
    await seedStream(f, 'e1', 's1.mat', { 1: ['a', 'b'], 3: ['c'] });
    await f.ask('PUT', '/api/v1/streams/s1.mat/epochs/7/race', { body: { raceId: race.raceId } });
    await f.ask('PUT', '/api/v1/streams/s1.mat/epochs/1/name', { body: { name: ' Morning ' } });
    const rest = { sealed: false, hash: null, chunkSize: 1024 };
    expect(await epochsOf('s1.mat')).toEqual([
      {
        epoch: 1,
        name: 'Morning',
        readCount: 2,
        firstReadAt: 1_772_870_400_000,
        lastReadAt: 1_772_870_400_001,
        isCurrent: false,
        raceId: null,
        ...rest,
      },
      {
        epoch: 3,
        name: null,
        readCount: 1,
        firstReadAt: 1_772_870_400_000,
        lastReadAt: 1_772_870_400_000,
        isCurrent: true,
        raceId: null,
        ...rest,
      },
      {
        epoch: 7,
        name: null,
        readCount: 0,
        firstReadAt: null,
        lastReadAt: null,
        isCurrent: false,
        raceId: race.raceId,
        ...rest,
      },
    ]);
  });

  it('[RT-06] [RT-07] belong to one race at most; null takes them away', async () => {
    const [x, y] = [await createRace(f, 'e1'), await createRace(f, 'e1')];
    await seedStream(f, 'e1', 's2.mat', { 1: ['a'] });
    const put = (raceId: string | null) =>
      f.ask('PUT', '/api/v1/streams/s2.mat/epochs/1/race', { token: operator, body: { raceId } });
    const mapped = async (raceId: string) =>
      ((await f.ask('GET', `/api/v1/races/${raceId}/stream-epochs`)).body as { mappings: unknown[] }).mappings.length;
    expect((await put(x.raceId)).body).toEqual({ streamId: 's2.mat', epoch: 1, raceId: x.raceId });
    expect((await put(y.raceId.toUpperCase())).body).toEqual({ streamId: 's2.mat', epoch: 1, raceId: y.raceId });
    expect([await mapped(x.raceId), await mapped(y.raceId)]).toEqual([0, 1]);
    expect((await put(null)).body).toEqual({ streamId: 's2.mat', epoch: 1, raceId: null });
    expect(await mapped(y.raceId)).toBe(0);
  });

  it.each([
    ['no race id', 's3.mat', '1', 'no-uuid', 400],
    ['an empty race id', 's3.mat', '1', '', 400],
    ['a race id of 10 KB', 's3.mat', '1', 'x'.repeat(10_000), 400],
    ['a number for a race id', 's3.mat', '1', 5, 400],
    ['a race that nobody has', 's3.mat', '1', UNKNOWN, 404],
    ['a stream that nobody has', 'none.mat', '1', UNKNOWN, 404],
    ['no stream id', 'a%2Fb', '1', UNKNOWN, 400],
    ['epoch 0', 's3.mat', '0', UNKNOWN, 400],
    ['epoch 01', 's3.mat', '01', UNKNOWN, 400],
    ['epoch -1', 's3.mat', '-1', UNKNOWN, 400],
    ['epoch 1.5', 's3.mat', '1.5', UNKNOWN, 400],
    ['epoch 2^32', 's3.mat', '4294967296', UNKNOWN, 400],
  ])('[RT-07] are not mapped for %s', async (_, stream, epoch, raceId, status) => {
    await seedStream(f, 'e1', 's3.mat', { 1: [] });
    const answer = await f.ask('PUT', `/api/v1/streams/${stream}/epochs/${epoch}/race`, { body: { raceId } });
    expect(answer.status).toBe(status);
    expect(await epochsOf('s3.mat')).toEqual([]);
  });

  it('[P14] are not mapped to a race of another event', async () => {
    const foreign = await createRace(f, 'e2');
    await seedStream(f, 'e1', 's4.mat', { 1: [] });
    const answer = await f.ask('PUT', '/api/v1/streams/s4.mat/epochs/1/race', { body: { raceId: foreign.raceId } });
    expect(answer.status).toBe(404);
  });
});

describe('the race a forwarder stands at', () => {
  it('is a hint: set, seen, taken away, and maps nothing', async () => {
    const race = await createRace(f, 'e1');
    await createToken(f, 'forwarder', 'e1', 'f9');
    const path = '/api/v1/forwarders/f9/race';
    expect((await f.ask('GET', path, { token: operator })).body).toEqual({ forwarderId: 'f9', raceId: null });
    const put = await f.ask('PUT', path, { token: operator, body: { raceId: race.raceId } });
    expect(put.body).toEqual({ forwarderId: 'f9', raceId: race.raceId });
    expect((await f.ask('GET', path, { token: operator })).body).toEqual(put.body);
    expect((await f.ask('GET', `/api/v1/races/${race.raceId}/stream-epochs`)).body).toEqual({ mappings: [] });
    await f.ask('PUT', path, { token: operator, body: { raceId: null } });
    expect((await f.ask('GET', path, { token: operator })).body).toEqual({ forwarderId: 'f9', raceId: null });
  });

  it('is nothing of a forwarder that nobody knows, nor of one of another event', async () => {
    await createToken(f, 'forwarder', 'e2', 'f-of-e2');
    for (const id of ['nobody', 'f-of-e2']) {
      expect((await f.ask('GET', `/api/v1/forwarders/${id}/race`, { token: operator })).status).toBe(404);
    }
    expect((await f.ask('GET', '/api/v1/forwarders/f-of-e2/race')).status).toBe(200);
  });
});
