import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLines, createEvent, createRace, createToken, seedStream } from '../http/relay-fixture.ts';
import { feedPath, rawUpgrade, type Spectator, watch } from './feed-fixture.ts';
import { createMirror, rowsByBib } from './mirror.ts';
import { fullOf, isFull, lineOf, raceDay, resultsOf } from './race-day.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;

const hangUp = async (...them: readonly Spectator[]): Promise<void> => {
  for (const { socket } of them) socket.close();
  await Promise.all(them.map((it) => it.untilClosed()));
};

describe('the feed of an event', () => {
  let day: Day;
  beforeAll(async () => {
    day = await raceDay();
    await createEvent(day, 'secret', 'draft');
  });
  afterAll(async () => {
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('[CN-08] refuses an unknown event with 404 and the envelope, before the upgrade', async () => {
    const answer = await rawUpgrade(day.port, feedPath('nowhere'));
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND', retryable: false });
    expect(answer.head).toContain('application/json');
  });

  it('[CN-09] refuses a draft in the same words, whoever asks, and an id that is none, too', async () => {
    const unknown = await rawUpgrade(day.port, feedPath('nowhere'));
    const operator = await createToken(day, 'operator', 'secret');
    expect(await rawUpgrade(day.port, feedPath('secret'))).toEqual(unknown);
    const withToken = await rawUpgrade(day.port, feedPath('secret'), { Authorization: `Bearer ${operator}` });
    expect(withToken).toEqual(unknown);
    expect(await rawUpgrade(day.port, feedPath('%2e%2e'))).toEqual(unknown);
  });

  it('[SX-17] refuses a token in the URL with 401 and a foreign origin with 403, before the upgrade', async () => {
    expect(await rawUpgrade(day.port, `${feedPath('run')}?token=x`)).toMatchObject({ status: 401 });
    const foreign = { Origin: 'https://evil.example' };
    expect(await rawUpgrade(day.port, feedPath('run'), foreign)).toMatchObject({ status: 403 });
    expect(await rawUpgrade(day.port, feedPath('run'))).toMatchObject({ status: 101 });
  });

  it('[CN-02] tells event, races, categories and results first, in public shapes', async () => {
    const spectator = await watch(day, 'run');
    const full = fullOf(await spectator.until(() => true));
    expect(Object.keys(full).sort()).toEqual(
      ['asOf', 'categories', 'event', 'hub', 'oncourse', 'races', 'results', 'totals', 'version'].sort(),
    );
    expect(Object.keys(full.event).sort()).toEqual(
      ['date', 'eventId', 'location', 'status', 'statusChangedAt', 'timezone', 'title'].sort(),
    );
    expect(full.races).toMatchObject([{ raceId: day.raceId, name: '10 km', rankBy: expect.any(String) }]);
    expect(full.totals[day.raceId]).toEqual({ results: 0, oncourse: 0 });
    expect(JSON.stringify(full)).not.toMatch(/gate|mat|0580|@|1990/);
    await hangUp(spectator);
  });

  it('[CN-03] [CN-07] tells of a read in one diff: the rows as HTTP has them, with the next version', async () => {
    const spectator = await watch(day, 'run');
    const { version } = fullOf(await spectator.until(isFull));
    await day.finish([2, 1_800_000]);
    const diff = await spectator.until((it) => it.type === 'diff' && resultsOf(it).length > 0);
    const page = await day.results();
    expect(diff).toMatchObject({ type: 'diff', data: { raceId: day.raceId, total: 1, version: version + 1 } });
    expect(resultsOf(diff)).toEqual(page.data);
    expect(page.data).toMatchObject([{ bib: '2', name: 'Runner 2', rank: 1, gunMs: 1_800_000, behindMs: 0 }]);
    expect(page).toMatchObject({ version: version + 1, hub: fullOf(spectator.messages[0]).hub });
    await hangUp(spectator);
  });

  it('[CN-07] tells whose ranks a new result moves', async () => {
    const spectator = await watch(day, 'run');
    await spectator.until(isFull);
    await day.finish([1, 1_700_000]);
    const diff = await spectator.until((it) => it.type === 'diff' && resultsOf(it).length > 0);
    const ranks = resultsOf(diff).map(({ bib, rank, behindMs }) => [bib, rank, behindMs]);
    expect(ranks).toEqual([
      ['1', 1, 0],
      ['2', 2, 100_000],
    ]);
    await hangUp(spectator);
  });

  it('[CN-18] gives who comes back the state with all that came meanwhile', async () => {
    const before = await watch(day, 'run');
    const old = fullOf(await before.until(isFull));
    await hangUp(before);
    await day.finish([3, 1_750_000]);
    const again = await watch(day, 'run');
    const full = fullOf(await again.until(() => true));
    expect(full.results.map(({ bib }) => bib)).toEqual(['1', '3', '2']);
    expect(full.version).toBeGreaterThan(old.version);
    await hangUp(again);
  });

  it('[CN-13] ignores what a spectator sends, and closes at a frame over 4 KiB', async () => {
    const spectator = await watch(day, 'run');
    await spectator.until(isFull);
    for (const junk of ['hello', '{"type":"subscribe"}', '\u0000', 'x'.repeat(4096)]) spectator.socket.send(junk);
    spectator.socket.send(new Uint8Array([1, 2, 3]));
    await day.finish([1, 1_600_000]);
    await day.status('finished');
    await day.status('running');
    await spectator.until((it) => it.type === 'diff' && it.data.status === 'running');
    expect(spectator.messages.filter((it) => it.type === 'diff' && it.data.status === undefined).length).toBeLessThan(
      2,
    );
    expect(spectator.closed()).toBeNull();
    spectator.socket.send('x'.repeat(4097));
    expect(await spectator.untilClosed()).toMatchObject({ code: 4413 });
  });

  it('[CN-05] tells a status in a diff', async () => {
    const spectator = await watch(day, 'run');
    const { version } = fullOf(await spectator.until(isFull));
    await day.status('finished');
    const diff = await spectator.until((it) => it.type === 'diff');
    expect(diff).toMatchObject({ type: 'diff', data: { status: 'finished', version: version + 1 } });
    await day.status('running');
    await hangUp(spectator);
  });

  it('[CN-22] takes everything when nobody watches', async () => {
    await createEvent(day, 'lonely');
    const { raceId } = await createRace(day, 'lonely');
    const told = await day.ask('POST', '/api/v1/events/lonely/ingest/results', {
      body: { results: [{ raceId, bib: '7', timeMs: 1000 }] },
    });
    expect(told.status).toBe(200);
    const page = await day.ask('GET', `/api/v1/events/lonely/results/${raceId}`, { token: null });
    expect(page.body).toMatchObject({ data: [{ bib: '7', gunMs: 1000 }] });
    expect(day.defects).toEqual([]);
  });

  it('[RN-26] counts spectators among the sockets', async () => {
    const spectator = await watch(day, 'run');
    const metrics = await day.ask('GET', '/metrics');
    expect(metrics.text).toContain('baton_sockets{role="spectator"} 1');
    await hangUp(spectator);
  });
});

describe('the size of a message', () => {
  it('[CN-20] of somebody who passed six points is below 500 bytes, with all of them in it', async () => {
    const day = await raceDay({ runners: 40 });
    const points = ['5 km', '10 km', 'Half way', '25 km', '30 km', '40 km'].map((name) => ({
      pointId: randomUUID(),
      name,
      kind: 'split',
    }));
    const finish = { pointId: randomUUID(), name: 'Finish', kind: 'finish' };
    await day.ask('PATCH', `/api/v1/races/${day.raceId}`, { body: { points: [...points, finish] } });
    const mats = [...points, finish].map(async ({ pointId }, at) => {
      const stream = await seedStream(day, 'run', `gate.point-${at}`, { 1: [] });
      await day.ask('PATCH', `/api/v1/streams/${stream}`, { body: { pointId } });
      await day.ask('PUT', `/api/v1/streams/${stream}/epochs/1/race`, { body: { raceId: day.raceId } });
      return stream;
    });
    const streams = await Promise.all(mats);
    const others = Array.from({ length: 39 }, (_, index) => index + 2);
    for (const [at, stream] of streams.entries()) {
      const lines = others.map((bib) => lineOf(bib, 1_000_000 * (at + 1) + bib * 10));
      await appendLines(day.core, stream, 1, 1, lines);
    }
    await day.results();
    const spectator = await watch(day, 'run');
    const mirror = createMirror(day.raceId);
    await spectator.until(isFull);
    // the first at each point: everybody else is moved there
    for (const [at, stream] of streams.entries()) {
      await appendLines(day.core, stream, 1, 40, [lineOf(1, 1_000_000 * (at + 1) - 5000)]);
      const { version } = await day.results();
      await spectator.until((it) => it.type !== 'refresh' && (it.data.version ?? 0) >= version);
    }
    for (const message of spectator.messages) {
      mirror.apply(message);
      if (message.type === 'diff') expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(500);
    }
    const page = await day.results();
    expect(page.data[0]).toMatchObject({ bib: '1', splits: points.map(({ name }) => ({ name, rank: 1 })) });
    expect(mirror.rows()).toEqual(rowsByBib(page.data));
    spectator.socket.close();
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('[CN-20] of one result is below 500 bytes, and less than a fifth of the whole, also where it moves everybody behind', async () => {
    const day = await raceDay({ runners: 60 });
    const first = Array.from({ length: 58 }, (_, index) => [index + 1, 2_000_000 + index * 1000] as const);
    await day.finish(...first);
    const spectator = await watch(day, 'run');
    const full = await spectator.until(isFull);
    await day.finish([59, 3_000_000]);
    const last = await spectator.until((it) => resultsOf(it).some(({ bib }) => bib === '59'));
    await day.finish([60, 1_999_990]);
    const leader = await spectator.until((it) => it.type === 'diff' && resultsOf(it).some(({ bib }) => bib === '60'));
    expect(leader).toMatchObject({ data: { moved: { rank: [[1, 1]], behindMs: 10 }, total: 60 } });
    for (const diff of [last, leader]) {
      const size = JSON.stringify(diff).length;
      expect(size).toBeLessThan(500);
      expect(size).toBeLessThan(JSON.stringify(full).length / 5);
    }
    spectator.socket.close();
    await day.close();
    expect(day.defects).toEqual([]);
  });
});

describe('the places of an event', () => {
  it('[CN-11] [CN-12] end at the limit with 503, one that leaves is given again, and each event has its own', async () => {
    const day = await raceDay({ flags: { 'spectator-limit': '3' } });
    await createEvent(day, 'other');
    const all = [await watch(day, 'run'), await watch(day, 'run'), await watch(day, 'run')];
    const full = await rawUpgrade(day.port, feedPath('run'));
    expect(full.status).toBe(503);
    expect(full.body).toMatchObject({
      code: 'CONNECTION_LIMIT_REACHED',
      retryable: true,
      details: { maxConnections: 3 },
    });

    const stranger = await watch(day, 'other');
    await stranger.until(isFull);
    await Promise.all(all.map((it) => it.until(isFull)));
    await day.finish([1, 1_000_000]);
    await Promise.all(all.map((it) => it.until((message) => message.type === 'diff')));
    expect(stranger.messages.map(({ type }) => type)).toEqual(['full']);

    const [first] = all;
    if (first === undefined) throw new Error('nobody is there');
    await hangUp(first);
    const next = await watch(day, 'run');
    expect((await next.until(() => true)).type).toBe('full');
    await hangUp(next, stranger, ...all.slice(1));
    await day.close();
    expect(day.defects).toEqual([]);
  });
});

describe('who follows', () => {
  it('[CN-01] gets the whole first and then every change, whenever in a heavy ingest it came', async () => {
    const day = await raceDay({ runners: 40 });
    const spectators: Spectator[] = [];
    let at = 900_000;
    let random = 7;
    const next = (below: number): number => {
      random = (random * 48_271) % 2_147_483_647;
      return random % below;
    };
    for (let round = 0; round < 50; round++) {
      at += 10;
      const reads = Array.from({ length: 4 }, () => [1 + next(40), at + 1000 * next(600)] as const);
      const joining = watch(day, 'run');
      await day.finish(...reads);
      spectators.push(await joining);
    }
    const page = await day.results();
    const mirrors = await Promise.all(
      spectators.map(async (spectator) => {
        await spectator.until((it) => it.type !== 'refresh' && (it.data.version ?? 0) >= page.version);
        const mirror = createMirror(day.raceId);
        for (const message of spectator.messages) mirror.apply(message);
        return mirror;
      }),
    );
    expect(spectators.every(({ messages }) => messages[0]?.type === 'full')).toBe(true);
    for (const mirror of mirrors) {
      expect(mirror.total()).toBe(page.total);
      expect(mirror.rows()).toEqual(rowsByBib(page.data));
    }
    await hangUp(...spectators);
    await day.close();
    expect(day.defects).toEqual([]);
  });
});
