import { AnnouncerRow, CategoryRow, OnCourseRow, Page, ResultRow, StartRow } from '@baton/schema/http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendLines, createEvent, createRace, createToken, seedStream } from '../http/relay-fixture.ts';
import { watch } from './feed-fixture.ts';
import { chipOf, isFull, lineOf, type ResultsPage, raceDay } from './race-day.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;

describe('lists for everybody', () => {
  let day: Day;
  beforeAll(async () => {
    day = await raceDay({ runners: 30 });
    for (let bib = 1; bib <= 20; bib++) await day.finish([bib, 2_000_000 - bib * 1000]);
  });
  afterAll(async () => {
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('are in the contract’s shapes, each with the cut at which it was so', async () => {
    const { raceId } = day;
    const lists = [
      [`results/${raceId}`, ResultRow],
      [`startlist/${raceId}`, StartRow],
      ['oncourse', OnCourseRow],
      ['categories', CategoryRow],
      ['announcer', AnnouncerRow],
    ] as const;
    for (const [path, row] of lists) {
      const answer = await day.get(path);
      expect(answer.status, path).toBe(200);
      expect(Page(row).safeParse(answer.body).success, path).toBe(true);
      expect(answer.body, path).toMatchObject({ hub: expect.any(String), version: expect.any(Number) });
      expect(answer.headers.get('cache-control')).toBe('public, max-age=1');
    }
  });

  it('are not sent again to who holds them, and are once they changed', async () => {
    for (const path of [`results/${day.raceId}`, `startlist/${day.raceId}`, 'announcer', 'oncourse', 'categories']) {
      const first = await day.get(path);
      const etag = first.headers.get('etag') ?? '';
      const same = await day.get(path, { 'If-None-Match': etag });
      expect([same.status, same.text], path).toEqual([304, '']);
      expect(same.headers.get('cache-control')).toBe('public, max-age=1');
    }
    const held = (await day.get(`results/${day.raceId}`)).headers.get('etag') ?? '';
    await day.finish([21, 3_000_000]);
    expect((await day.get(`results/${day.raceId}`, { 'If-None-Match': held })).status).toBe(200);
  });

  it('come in pages, by category and sex, and by what is searched', async () => {
    const all = await day.results();
    const pages = [
      await day.results('?limit=8'),
      await day.results('?limit=8&offset=8'),
      await day.results('?limit=8&offset=16'),
    ];
    expect(pages.flatMap(({ data }) => data)).toEqual(all.data);
    expect(pages.every(({ total }) => total === all.total)).toBe(true);
    const women = await day.results('?sex=F&limit=3');
    expect(women.data).toEqual(all.data.filter(({ sex }) => sex === 'F').slice(0, 3));
    expect(women.total).toBe(all.data.filter(({ sex }) => sex === 'F').length);
    const one = await day.results('?q=runner%2012');
    expect(one.data).toEqual(all.data.filter(({ bib }) => bib === '12'));
    const exact = await day.results('?bib=1');
    expect([exact.total, exact.data]).toEqual([1, all.data.filter(({ bib }) => bib === '1')]);
    expect(await day.results('?bib=1&sex=F')).toMatchObject({ total: 0, data: [] });
    expect(await day.results('?bib=nobody')).toMatchObject({ total: 0, hub: all.hub, version: all.version });
    expect((await day.get(`startlist/${day.raceId}?bib=3`)).body).toMatchObject({ total: 1, data: [{ bib: '3' }] });
    expect((await day.results('?detailed=false')).data.every(({ splits }) => splits.length === 0)).toBe(true);
    expect((await day.results('?offset=1000')).data).toEqual([]);
  });

  it('[P16] refuse what is no page, and a race that there is not', async () => {
    for (const query of ['?limit=-1', '?limit=x', '?limit=100001', '?offset=1.5', `?q=${'x'.repeat(201)}`]) {
      expect((await day.get(`results/${day.raceId}${query}`)).status, query).toBe(400);
    }
    expect((await day.get('results/0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9a99')).status).toBe(404);
    expect((await day.get('results/not-a-race')).status).toBe(400);
  });

  it('[P13] of a draft are its operators’ only, and kept by nobody', async () => {
    await createEvent(day, 'draft', 'draft');
    const { raceId } = await createRace(day, 'draft');
    const path = `/api/v1/events/draft/results/${raceId}`;
    expect((await day.ask('GET', path, { token: null })).status).toBe(404);
    const own = await day.ask('GET', path, { token: await createToken(day, 'operator', 'draft') });
    expect([own.status, own.headers.get('cache-control')]).toEqual([200, 'private, no-cache']);
  });
});

describe('a list of thousands', () => {
  it('is one cut, however it is asked for', async () => {
    const day = await raceDay({ runners: 2500 });
    const batch = Array.from({ length: 2500 }, (_, index) => [index + 1, 1_000_000 + index * 10] as const);
    for (let from = 0; from < batch.length; from += 500) await day.finish(...batch.slice(from, from + 500));
    const all = await day.results('?limit=100000');
    expect([all.total, all.data.length]).toEqual([2500, 2500]);
    expect(all.data.map(({ rank }) => rank)).toEqual(batch.map((_, index) => index + 1));
    const found = await day.results('?q=runner%20250');
    expect(found.data.map(({ bib }) => bib)).toEqual(['250', '2500']);
    await day.close();
    expect(day.defects).toEqual([]);
  });
});

describe('the announcer’s list', () => {
  it('[RT-43] is the first read of each chip, newest first, at most as long as asked, new with each epoch', async () => {
    const day = await raceDay({ runners: 40 });
    const announced = async (query = '') =>
      (await day.get(`announcer${query}`)).body as { data: readonly AnnouncerBody[]; total: number };
    for (let bib = 1; bib <= 30; bib++) await day.finish([bib, 1_000_000 + bib * 1000], [1, 1_000_500 + bib * 1000]);
    const list = await announced();
    expect(list.data).toHaveLength(25);
    expect((await announced('?limit=3')).data).toHaveLength(3);
    expect((await announced('?limit=5000')).data).toHaveLength(30);
    expect(new Set((await announced('?limit=100')).data.map(({ bib }) => bib)).size).toBe(30);
    const times = list.data.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(list.data[0]).toEqual({
      bib: expect.any(String),
      name: expect.any(String),
      raceId: day.raceId,
      at: expect.any(Number),
    });
    expect((await day.get('announcer?limit=0')).status).toBe(400);

    await seedStream(day, 'run', 'gate.mat', { 2: [] });
    expect((await announced()).data).toEqual([]);
    await appendLines(day.core, day.stream, 2, 1, ['noise', lineOf(7, 5_000_000), lineOf(7, 5_001_000)]);
    expect((await announced()).data).toMatchObject([{ bib: '7', name: 'Runner 7' }]);
    await day.close();
    expect(day.defects).toEqual([]);
  });

  interface AnnouncerBody {
    readonly bib: string | null;
    readonly name: string;
    readonly raceId: string | null;
    readonly at: number;
  }
});

/** Every text in an answer, keys included. */
const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, it]) => [key, ...textsIn(it)]);
};

describe('what is public', () => {
  it('[RT-43] names no chip, reader, forwarder, token, e-mail or year of birth, whatever came from readers and lists', async () => {
    const day = await raceDay({ runners: 5 });
    const { raceId } = day;
    const operator = await createToken(day, 'operator', 'run');
    await day.importCsv(`bib,name,club,sex,birthYear,chip\n77,"<script>alert(1)</script>",=1+1,F,1977,${chipOf(77)}`);
    const spectator = await watch(day, 'run');
    await spectator.until(isFull);
    await day.finish([1, 1_000_000], [77, 1_100_000], [999, 1_200_000]);
    await spectator.until(({ type }) => type === 'diff');
    await day.ask('PATCH', `/api/v1/streams/${day.stream}`, { body: { label: 'crew@example.org' } });
    const line = 'aa000580badc0ffe010126030710300000';
    await appendLines(day.core, day.stream, 1, 4, [line, 'noise of secret-reader', ' '.repeat(30)]);
    const bodies: unknown[] = [spectator.messages];
    const paths = [
      `results/${raceId}`,
      `results/${raceId}?q=0580`,
      `startlist/${raceId}`,
      'oncourse',
      'categories',
      'announcer?limit=100',
      'races',
      'official',
    ];
    const read = async (): Promise<void> => {
      for (const path of paths) bodies.push((await day.get(path)).body);
      bodies.push((await day.ask('GET', '/api/v1/events/run', { token: null })).body);
    };
    await read();
    await day.status('finished');
    await day.status('official');
    await read();
    const texts = bodies.flatMap(textsIn);
    const forbidden = /0580|badc0ffe|gate|secret-reader|@|1977|1990|bearer|streamId|forwarder|chip(?!Ms)|token|birth/i;
    expect(texts.filter((text) => forbidden.test(text))).toEqual([]);
    expect(texts).not.toContain(operator);
    expect(texts).toContain('<script>alert(1)</script>');
    expect(texts).toContain('Unknown');
    spectator.socket.close();
    await day.close();
    expect(day.defects).toEqual([]);
  });
});

it('a page and the feed meet at one version', async () => {
  const day = await raceDay({ runners: 60 });
  const spectator = await watch(day, 'run');
  await spectator.until(isFull);
  for (let bib = 1; bib <= 60; bib++) await day.finish([bib, 2_000_000 - bib * 10]);
  const page: ResultsPage = await day.results('?limit=60');
  await spectator.until((it) => it.type === 'diff' && it.data.version === page.version);
  expect(page.total).toBe(60);
  spectator.socket.close();
  await day.close();
});
