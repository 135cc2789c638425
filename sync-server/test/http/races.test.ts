import type { RaceBody } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  attachNode,
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
  await createEvent(f, 'e2', 'draft');
  operator = await createToken(f, 'operator', 'e1');
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const racesOf = async (eventId: string, token: string | null = null): Promise<readonly RaceBody[]> =>
  ((await f.ask('GET', `/api/v1/events/${eventId}/races`, { token })).body as { races: RaceBody[] }).races;

describe('races', () => {
  it('are made with a trimmed name and an id of the relay, and seen by anyone once published', async () => {
    const made = await f.ask('POST', '/api/v1/events/e1/races', { token: operator, body: { name: '  10 km ' } });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      raceId: expect.stringMatching(/^[0-9a-f]{8}-/),
      eventId: 'e1',
      name: '10 km',
      startAt: null,
      points: [],
      categories: [],
    });
    expect(await racesOf('e1')).toContainEqual(made.body);
    const { raceId } = made.body as RaceBody;
    expect((await f.ask('GET', `/api/v1/races/${raceId}`, { token: null })).body).toEqual(made.body);
  });

  it('take points, categories and a start', async () => {
    const { raceId } = await createRace(f, 'e1');
    const patch = {
      startAt: '2026-03-07T10:00:00',
      points: [
        { pointId: 'start', name: 'Start', kind: 'start' },
        { pointId: 'km5', name: '5 km', kind: 'split' },
        { pointId: 'finish', name: 'Finish', kind: 'finish' },
      ],
      categories: [{ categoryId: 'F40', name: 'Women 40', sex: 'F', ageFrom: 40, ageTo: 49 }],
    };
    const answer = await f.ask('PATCH', `/api/v1/races/${raceId}`, { token: operator, body: patch });
    expect(answer).toMatchObject({ status: 200, body: patch });
    expect(await f.ask('PATCH', `/api/v1/races/${raceId}`, { body: { name: 'Renamed' } })).toMatchObject({
      body: { ...patch, name: 'Renamed' },
    });
  });

  it('[RN-28] start at an instant given in ms, too', async () => {
    const { raceId } = await createRace(f, 'e1');
    const patch = (startAt: unknown) =>
      f.ask('PATCH', `/api/v1/races/${raceId}`, { token: operator, body: { startAt } });
    expect(await patch(Date.UTC(2026, 2, 7, 9))).toMatchObject({
      status: 200,
      body: { startAt: '2026-03-07T09:00:00.000Z' },
    });
    for (const none of [-1, 1.5, 5, 1e300, true]) {
      expect(await patch(none)).toMatchObject({
        status: 400,
        body: { details: { fields: { startAt: expect.stringContaining('expected') } } },
      });
    }
  });

  it.each([
    ['no name', {}],
    ['a blank name', { name: '   ' }],
    ['a name of 201 characters', { name: 'x'.repeat(201) }],
    ['a start that is none', { name: 'x', startAt: 'noon' }],
    ['a point of no kind', { name: 'x', points: [{ pointId: 'a', name: 'A', kind: 'jump' }] }],
    ['a point twice', { name: 'x', points: [1, 2].map(() => ({ pointId: 'a', name: 'A', kind: 'split' })) }],
    ['an id of its own', { name: 'x', raceId: UNKNOWN }],
  ])('are refused with %s', async (_, body) => {
    expect(await f.ask('POST', '/api/v1/events/e1/races', { body })).toMatchObject({
      status: 400,
      body: { code: 'BAD_REQUEST' },
    });
  });

  it('[P14] of a draft are nobody’s else', async () => {
    const { raceId } = await createRace(f, 'e2');
    for (const token of [null, operator]) {
      expect((await f.ask('GET', `/api/v1/races/${raceId}`, { token })).status).toBe(404);
      expect((await f.ask('GET', '/api/v1/events/e2/races', { token })).status).toBe(404);
    }
    expect((await f.ask('PATCH', `/api/v1/races/${raceId}`, { token: operator, body: { name: 'x' } })).status).toBe(
      404,
    );
    expect((await f.ask('GET', `/api/v1/races/${raceId}`)).status).toBe(200);
  });

  it('[RT-33] are found in any letter case; no id is 400, an id of none is 404', async () => {
    const { raceId } = await createRace(f, 'e1');
    expect((await f.ask('GET', `/api/v1/races/${raceId.toUpperCase()}`)).body).toMatchObject({ raceId });
    expect((await f.ask('GET', `/api/v1/races/${UNKNOWN}`)).status).toBe(404);
    expect((await f.ask('GET', '/api/v1/races/no-uuid')).status).toBe(400);
  });

  it('[RT-09] take their mappings with them', async () => {
    const race = await createRace(f, 'e1');
    const kept = await createRace(f, 'e1');
    await seedStream(f, 'e1', 'm1.mat', { 1: ['a'], 2: ['b'] });
    const map = (epoch: number, raceId: string) =>
      f.ask('PUT', `/api/v1/streams/m1.mat/epochs/${epoch}/race`, { body: { raceId } });
    await map(1, race.raceId);
    await map(2, kept.raceId);
    expect((await f.ask('DELETE', `/api/v1/races/${race.raceId}`, { token: operator })).status).toBe(204);
    const epochs = (await f.ask('GET', '/api/v1/streams/m1.mat/epochs')).body;
    expect(epochs).toMatchObject([
      { epoch: 1, raceId: null, readCount: 1 },
      { epoch: 2, raceId: kept.raceId },
    ]);
    expect((await f.ask('DELETE', `/api/v1/races/${race.raceId}`)).status).toBe(404);
  });
});

describe('a race that a receiver has selected', () => {
  it('[RT-33] is not deleted, however its id is spelled, until it is let go', async () => {
    const { raceId } = await createRace(f, 'e1');
    const token = await createToken(f, 'receiver', 'e1', 'tent');
    const receiver = await attachNode(f, token, { nodeId: 'tent', eventId: 'e1', readers: [] });
    const selection = { mode: 'race', raceId: RaceId.parse(raceId.toUpperCase()), epochScope: 'all' } as const;
    receiver.say({ type: 'select', selection });
    await receiver.until('applied');
    for (const spelling of [raceId, raceId.toUpperCase()]) {
      const answer = await f.ask('DELETE', `/api/v1/races/${spelling}`);
      expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    }
    expect((await f.ask('GET', `/api/v1/races/${raceId}`)).status).toBe(200);
    await receiver.close();
    let answer = await f.ask('DELETE', `/api/v1/races/${raceId}`);
    while (answer.status === 409) answer = await f.ask('DELETE', `/api/v1/races/${raceId}`);
    expect(answer.status).toBe(204);
  });
});

describe('a race’s mappings', () => {
  it('[RT-08] are listed, those of no other race among them', async () => {
    const a = await createRace(f, 'e1');
    const b = await createRace(f, 'e1');
    await seedStream(f, 'e1', 'x1.mat', { 1: [] });
    await seedStream(f, 'e1', 'x2.mat', { 1: [] });
    const map = (stream: string, epoch: number, raceId: string) =>
      f.ask('PUT', `/api/v1/streams/${stream}/epochs/${epoch}/race`, { body: { raceId } });
    await map('x2.mat', 1, a.raceId);
    await map('x1.mat', 10, a.raceId);
    await map('x1.mat', 9, a.raceId);
    await map('x1.mat', 1, b.raceId);
    const answer = await f.ask('GET', `/api/v1/races/${a.raceId}/stream-epochs`);
    expect(answer.body).toEqual({
      mappings: [
        { streamId: 'x1.mat', epoch: 9, raceId: a.raceId },
        { streamId: 'x1.mat', epoch: 10, raceId: a.raceId },
        { streamId: 'x2.mat', epoch: 1, raceId: a.raceId },
      ],
    });
    expect((await f.ask('GET', `/api/v1/races/${a.raceId}/stream-epochs`, { token: null })).status).toBe(401);
  });
});
