import { EventStatus, TRANSITIONS } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, createRace, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { feedPath, rawUpgrade, type Spectator, watch } from './feed-fixture.ts';
import { isFull, raceDay } from './race-day.ts';

const ALL = EventStatus.options;

/** How an event comes to a status from its beginning. */
const WAY: Readonly<Record<EventStatus, readonly EventStatus[]>> = {
  draft: [],
  startlist: ['startlist'],
  running: ['startlist', 'running'],
  finished: ['startlist', 'running', 'finished'],
  official: ['startlist', 'running', 'finished', 'official'],
};

const move = (f: RelayFixture, eventId: string, status: string) =>
  f.ask('PATCH', `/api/v1/events/${eventId}/status`, { body: { status } });

const eventIn = async (f: RelayFixture, eventId: string, status: EventStatus): Promise<void> => {
  await createEvent(f, eventId, 'draft');
  for (const next of WAY[status]) expect((await move(f, eventId, next)).status).toBe(200);
};

const withRelay = async (
  flags: Readonly<Record<string, string>>,
  run: (day: Awaited<ReturnType<typeof raceDay>>) => Promise<void>,
) => {
  const day = await raceDay({ flags });
  await run(day);
  await day.close();
  expect(day.defects).toEqual([]);
};

describe('the lifecycle of an event', () => {
  let f: RelayFixture;
  beforeAll(async () => {
    f = await startRelay();
  });
  afterAll(async () => {
    await f.close();
    expect(f.defects).toEqual([]);
  });

  it.each(ALL.flatMap((from) => ALL.map((to) => [from, to] as const)))(
    '[CN-23] %s → %s is done, or refused with what may follow',
    async (from, to) => {
      const eventId = `from-${from}-${to}`;
      await eventIn(f, eventId, from);
      const answer = await move(f, eventId, to);
      const validTransitions = TRANSITIONS[from];
      if (validTransitions.includes(to)) {
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual({ eventId, previousStatus: from, status: to, statusChangedAt: expect.any(Number) });
      } else {
        expect(answer.status).toBe(400);
        expect(answer.body).toMatchObject({
          code: 'INVALID_TRANSITION',
          details: { currentStatus: from, requestedStatus: to, validTransitions },
        });
      }
      const now = await f.ask('GET', `/api/v1/events/${eventId}`);
      expect(now.body).toMatchObject({ status: validTransitions.includes(to) ? to : from });
    },
  );

  const BODIES = {
    structure: { races: [{ name: 'Half' }] },
    results: { results: [{ raceId: 'r1', bib: '1', timeMs: 1 }] },
    oncourse: { oncourse: [{ raceId: 'r1', bib: '1' }] },
  } as const;
  const KINDS = ['structure', 'results', 'oncourse'] as const;
  const TAKEN: Readonly<Record<EventStatus, readonly string[]>> = {
    draft: ['structure'],
    startlist: ['structure'],
    running: ['structure', 'results', 'oncourse'],
    finished: ['structure', 'results'],
    official: [],
  };

  it.each(ALL.flatMap((status) => KINDS.map((kind) => [status, kind] as const)))(
    '[CN-24] an event that is %s takes %s of other timing systems, or says that it is closed',
    async (status, kind) => {
      const eventId = `ingest-${status}-${kind}`;
      await eventIn(f, eventId, status);
      const token = await createToken(f, 'operator', eventId);
      const answer = await f.ask('POST', `/api/v1/events/${eventId}/ingest/${kind}`, { token, body: BODIES[kind] });
      if (TAKEN[status].includes(kind)) expect(answer).toMatchObject({ status: 200, body: { imported: 1 } });
      else
        expect(answer).toMatchObject({
          status: 403,
          body: { code: 'INGEST_CLOSED', details: { allowed: TAKEN[status] } },
        });
    },
  );

  it('[P13] only operators of the event send structure and results', async () => {
    await eventIn(f, 'mine', 'running');
    await eventIn(f, 'theirs', 'running');
    const path = '/api/v1/events/mine/ingest/results';
    const stranger = await createToken(f, 'operator', 'theirs');
    const viewer = await createToken(f, 'viewer', 'mine');
    const statuses = [];
    for (const token of [null, 'wrong', stranger, viewer]) {
      statuses.push((await f.ask('POST', path, { token, body: BODIES.results })).status);
    }
    expect(statuses).toEqual([401, 401, 403, 403]);
  });
});

describe('the end of the feed', () => {
  it('[CN-15] [CN-16] comes at official: the status, nobody new during the grace, then 1000 with its reason', () =>
    withRelay({ 'official-grace-ms': '300' }, async (day) => {
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      await day.finish([1, 1_000_000]);
      await day.status('finished');
      const official = await day.status('official');
      expect(official.status).toBe(200);
      const told = performance.now();
      await spectator.until((it) => it.type === 'diff' && it.data.status === 'official');
      expect(spectator.closed()).toBeNull();
      const late = await rawUpgrade(day.port, feedPath('run'));
      expect(late).toMatchObject({ status: 410, body: { code: 'EVENT_OFFICIAL' } });
      expect(spectator.closed()).toBeNull();
      expect(await spectator.untilClosed()).toEqual({ code: 1000, reason: 'Event results are official' });
      expect(performance.now() - told).toBeGreaterThan(250);
      const statuses = spectator.messages.flatMap((it) => (it.type === 'diff' ? [it.data.status] : []));
      expect(statuses.at(-1)).toBe('official');
      expect(statuses.filter((it) => it !== undefined)).toEqual(['finished', 'official']);
    }));

  it('[CN-10] official results refuse spectators with 410, also after a restart of the desk', () =>
    withRelay({ 'official-grace-ms': '1' }, async (day) => {
      await day.status('finished');
      await day.status('official');
      const refused = await rawUpgrade(day.port, feedPath('run'));
      expect(refused).toMatchObject({ status: 410, body: { code: 'EVENT_OFFICIAL', retryable: false } });
    }));

  it('[CN-09] an event that becomes a draft again tells `refresh`, closes with 4404, and is unknown', async () => {
    const f = await startRelay({ flags: { 'spectator-gather-ms': '20' } });
    await createEvent(f, 'run', 'startlist');
    const spectator = await watch(f, 'run');
    await spectator.until(isFull);
    await move(f, 'run', 'draft');
    expect(await spectator.untilClosed()).toMatchObject({ code: 4404 });
    expect(spectator.messages.at(-1)).toEqual({ type: 'refresh' });
    expect((await rawUpgrade(f.port, feedPath('run'))).status).toBe(404);
    await move(f, 'run', 'startlist');
    const again = await watch(f, 'run');
    expect((await again.until(() => true)).type).toBe('full');
    await f.close();
    expect(f.defects).toEqual([]);
  });

  it('an event that is deleted closes its feed with 4404', () =>
    withRelay({}, async (day) => {
      const spectator = await watch(day, 'run');
      await spectator.until(isFull);
      await day.ask('DELETE', '/api/v1/events/run');
      expect(await spectator.untilClosed()).toMatchObject({ code: 4404 });
      expect((await rawUpgrade(day.port, feedPath('run'))).status).toBe(404);
    }));

  it('[CN-17] the relay’s end closes everybody with 1001 and leaves nothing running', async () => {
    const day = await raceDay({ flags: { 'official-grace-ms': '60000' } });
    await createEvent(day, 'soon');
    await createRace(day, 'soon');
    const all: readonly Spectator[] = [await watch(day, 'run'), await watch(day, 'soon')];
    await Promise.all(all.map((it) => it.until(isFull)));
    await day.status('finished');
    await day.status('official');
    await day.close();
    for (const it of all) expect(await it.untilClosed()).toMatchObject({ code: 1001 });
    expect(day.core.spectators.sockets()).toBe(0);
    expect(day.defects).toEqual([]);
  });

  it('[CN-14] who answers no ping is dropped and gives its place away', () =>
    withRelay({ 'spectator-ping-ms': '60', 'spectator-pong-ms': '40', 'spectator-limit': '2' }, async (day) => {
      const silent = await watch(day, 'run', false);
      const lively = await watch(day, 'run');
      expect((await rawUpgrade(day.port, feedPath('run'))).status).toBe(503);
      expect(await silent.untilClosed()).toMatchObject({ code: 1006 });
      const next = await watch(day, 'run');
      await next.until(isFull);
      expect(lively.closed()).toBeNull();
      expect(day.core.spectators.sockets()).toBe(2);
    }));
});
