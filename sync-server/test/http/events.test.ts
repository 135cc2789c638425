import type { EventBody, EventStatus } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, createToken, type RelayFixture, startRelay } from './relay-fixture.ts';

let f: RelayFixture;
beforeAll(async () => {
  f = await startRelay();
});
afterAll(async () => {
  await f.close();
  expect(f.defects).toEqual([]);
});

const body = { title: 'Spring Run', date: '2026-04-12', timezone: 'Europe/Vienna' };

const idsOf = (answer: { readonly body: unknown }): readonly string[] =>
  (answer.body as { events: EventBody[] }).events.map((it) => it.eventId);

describe('events', () => {
  it('are made by the admin, as drafts, with an id of the relay or of theirs', async () => {
    const made = await f.ask('POST', '/api/v1/events', { body: { ...body, location: 'Prater' } });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...body, location: 'Prater', status: 'draft', minClientVersion: null });
    const { eventId } = made.body as EventBody;
    expect(eventId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await f.ask('GET', `/api/v1/events/${eventId}`)).body).toEqual(made.body);

    expect((await f.ask('POST', '/api/v1/events', { body: { ...body, eventId: 'mine' } })).status).toBe(201);
    const again = await f.ask('POST', '/api/v1/events', { body: { ...body, eventId: 'mine' } });
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  it('one id is given once, however many ask at once', async () => {
    const asked = Array.from({ length: 8 }, () =>
      f.ask('POST', '/api/v1/events', { body: { ...body, eventId: 'contested' } }),
    );
    const answers = (await Promise.all(asked)).map((it) => it.status).sort();
    expect(answers).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it.each([
    ['no title', { date: '2026-01-01', timezone: 'UTC' }, 'title'],
    ['a blank title', { ...body, title: '  ' }, 'title'],
    ['a day that is none', { ...body, date: '2026-02-30' }, 'date'],
    ['another spelling of a date', { ...body, date: '12.4.2026' }, 'date'],
    ['a time zone that is none', { ...body, timezone: 'Mars/Olympus' }, 'timezone'],
    ['an id that climbs', { ...body, eventId: '..' }, 'eventId'],
    ['an id of 129 characters', { ...body, eventId: 'x'.repeat(129) }, 'eventId'],
    ['a field nobody knows', { ...body, staus: 'running' }, '(body)'],
    ['a list', [], '(body)'],
  ])('are refused for %s, naming the field', async (_, wrong, field) => {
    const answer = await f.ask('POST', '/api/v1/events', { body: wrong });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
    expect(Object.keys((answer.body as { details: { fields: object } }).details.fields)).toContain(field);
  });

  it('are edited by their operators, field by field', async () => {
    await createEvent(f, 'edited');
    const operator = await createToken(f, 'operator', 'edited');
    const answer = await f.ask('PATCH', '/api/v1/events/edited', {
      token: operator,
      body: { title: ' New title ', location: 'Graz' },
    });
    expect(answer).toMatchObject({ status: 200, body: { title: 'New title', location: 'Graz', date: '2026-03-07' } });
    const cleared = await f.ask('PATCH', '/api/v1/events/edited', { token: operator, body: { location: null } });
    expect(cleared.body).toMatchObject({ title: 'New title', location: null });
  });

  it('[CN-09] a draft is to everybody else as if it were not there', async () => {
    await createEvent(f, 'secret', 'draft');
    await createEvent(f, 'elsewhere');
    const own = await createToken(f, 'viewer', 'secret');
    const foreign = await createToken(f, 'operator', 'elsewhere');
    for (const token of [null, foreign]) {
      const draft = await f.ask('GET', '/api/v1/events/secret', { token });
      const unknown = await f.ask('GET', '/api/v1/events/unknown', { token });
      expect(draft.status).toBe(404);
      expect(draft.text).toBe(unknown.text);
      expect(idsOf(await f.ask('GET', '/api/v1/events', { token }))).not.toContain('secret');
      const edit = (id: string) => f.ask('PATCH', `/api/v1/events/${id}`, { token, body: { title: 'x' } });
      expect((await edit('secret')).text).toBe((await edit('unknown')).text);
    }
    expect((await f.ask('GET', '/api/v1/events/secret', { token: own })).status).toBe(200);
    expect(idsOf(await f.ask('GET', '/api/v1/events', { token: own }))).toContain('secret');
    expect(idsOf(await f.ask('GET', '/api/v1/events'))).toContain('secret');
  });

  it('a deleted one is gone with its tokens and documents', async () => {
    await createEvent(f, 'doomed');
    const operator = await createToken(f, 'operator', 'doomed');
    expect((await f.ask('DELETE', '/api/v1/events/doomed', { token: operator })).status).toBe(403);
    expect((await f.ask('DELETE', '/api/v1/events/doomed')).status).toBe(204);
    expect((await f.ask('GET', '/api/v1/events/doomed')).status).toBe(404);
    expect((await f.ask('GET', '/api/v1/me', { token: operator })).status).toBe(401);
    expect((await f.ask('DELETE', '/api/v1/events/doomed')).status).toBe(404);
  });
});

describe('lifecycle', () => {
  const STATUSES: readonly EventStatus[] = ['draft', 'startlist', 'running', 'finished', 'official'];
  const WAY: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
    draft: [],
    startlist: ['startlist'],
    running: ['startlist', 'running'],
    finished: ['startlist', 'running', 'finished'],
    official: ['startlist', 'running', 'finished', 'official'],
  };
  const VALID: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
    draft: ['startlist'],
    startlist: ['running', 'draft'],
    running: ['finished'],
    finished: ['official', 'running'],
    official: [],
  };

  it.each(STATUSES.flatMap((from) => STATUSES.map((to) => [from, to] as const)))(
    '[CN-23] %s → %s',
    async (from, to) => {
      const eventId = `from-${from}-to-${to}`;
      await createEvent(f, eventId, 'draft');
      const patch = (status: string) => f.ask('PATCH', `/api/v1/events/${eventId}/status`, { body: { status } });
      for (const status of WAY[from]) expect((await patch(status)).status).toBe(200);
      const answer = await patch(to);
      if (VALID[from].includes(to)) {
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual({
          eventId,
          previousStatus: from,
          status: to,
          statusChangedAt: expect.any(Number),
        });
      } else {
        expect(answer.status).toBe(400);
        expect(answer.body).toMatchObject({
          code: 'INVALID_TRANSITION',
          details: { currentStatus: from, requestedStatus: to, validTransitions: VALID[from] },
        });
      }
      const now = (await f.ask('GET', `/api/v1/events/${eventId}`)).body as EventBody;
      expect(now.status).toBe(VALID[from].includes(to) ? to : from);
    },
  );

  it('a status that is none is a bad request', async () => {
    await createEvent(f, 'statusless');
    const answer = await f.ask('PATCH', '/api/v1/events/statusless/status', { body: { status: 'over' } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });

  it('of two who go on at once, one does', async () => {
    await createEvent(f, 'raced', 'draft');
    const patch = () => f.ask('PATCH', '/api/v1/events/raced/status', { body: { status: 'startlist' } });
    expect((await Promise.all([patch(), patch()])).map((it) => it.status).sort()).toEqual([200, 400]);
  });
});

describe('version floor', () => {
  it('[RN-05] only goes up, by number', async () => {
    await createEvent(f, 'floored');
    const put = (minClientVersion: string) =>
      f.ask('PUT', '/api/v1/events/floored/version-floor', { body: { minClientVersion } });
    expect(await put('1.9')).toMatchObject({ status: 200, body: { eventId: 'floored', minClientVersion: '1.9' } });
    expect(await put('1.10')).toMatchObject({ status: 200 });
    expect(await put('1.9')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await put('2.0')).toMatchObject({ status: 200 });
    expect(await put('10.0')).toMatchObject({ status: 200 });
    expect(await put('9.99')).toMatchObject({ status: 409 });
    expect((await f.ask('GET', '/api/v1/events/floored')).body).toMatchObject({ minClientVersion: '10.0' });
  });

  it.each(['1', '1.2.3', '01.2', 'v1.0', '1.', '', `1.${'0'.repeat(64)}`])('[RN-08] refuses %j', async (version) => {
    const answer = await f.ask('PUT', '/api/v1/events/mine/version-floor', { body: { minClientVersion: version } });
    expect(answer).toMatchObject({ status: 400, body: { code: 'BAD_REQUEST' } });
  });
});
