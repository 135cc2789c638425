import { OfficialBody, type OfficialReview } from '@baton/schema/http';
import { describe, expect, it } from 'vitest';
import { createMemoryDisk } from '../../src/storage/memory/memory-disk.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createToken, startRelay } from '../http/relay-fixture.ts';
import { type ResultsPage, raceDay } from './race-day.ts';

/** An event whose results have just become official: 2 won, then 1; 3 is on its way to nowhere. */
const officialDay = async (store = createMemoryStore()) => {
  const day = await raceDay({ store, flags: { 'official-grace-ms': '1' } });
  await day.finish([2, 1_700_000], [1, 1_800_000]);
  await day.status('finished');
  const frozen = await day.status('official');
  expect(frozen.status).toBe(200);
  return day;
};

describe('official results', () => {
  it('are what they were at the cut, with a hash over rows, rules and documents', async () => {
    const day = await officialDay();
    const page = await day.results();
    expect(page.data.map(({ bib, rank }) => [bib, rank])).toEqual([
      ['2', 1],
      ['1', 2],
    ]);
    const answer = await day.get('official');
    const body = OfficialBody.parse(answer.body);
    expect(body).toMatchObject({
      eventId: 'run',
      cut: { epochs: 1, reads: 2 },
      races: [{ raceId: day.raceId, rows: 2 }],
    });
    expect(answer.text).not.toMatch(/gate|mat|0580/);
    const again = await day.get('official', { 'If-None-Match': answer.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('do not change by later reads, edits or other systems; an operator sees what would', async () => {
    const day = await officialDay();
    const before = await day.results();
    const announced = (await day.get('announcer')).text;
    const first = (await day.get('official')).body;
    const lists = async () => [
      (await day.get(`startlist/${day.raceId}`)).body,
      (await day.get('races')).body,
      (await day.ask('GET', `/api/v1/races/${day.raceId}`, { token: null })).body,
    ];
    const [starters, races, race] = await lists();
    expect(starters).toMatchObject({ total: 3, data: [{ bib: '1', name: 'Runner 1' }, { bib: '2' }, { bib: '3' }] });
    await day.ask('PATCH', `/api/v1/races/${day.raceId}`, { body: { name: 'Another race' } });
    await day.ask('POST', '/api/v1/events/run/races', { body: { name: 'One more' } });
    await day.finish([3, 1_600_000]);
    await day.importCsv(`bib,name\n1,Another name`);
    expect(await day.results()).toEqual(before);
    expect((await day.get('announcer')).text).toBe(announced);
    expect((await day.get('official')).body).toEqual(first);
    expect(await lists()).toEqual([starters, races, race]);
    expect(race).toMatchObject({ name: expect.not.stringContaining('Another') });

    const operator = await createToken(day, 'operator', 'run');
    const review = (await day.ask('GET', '/api/v1/events/run/official', { token: operator })).body as OfficialReview;
    expect(review.wouldChange).toEqual([
      { raceId: day.raceId, changed: 2, added: 1, gone: 0, bibs: expect.arrayContaining(['1', '2', '3']) },
    ]);
    expect(review.clock).toEqual({ 'gate.mat': { 1: 2 } });
    const viewer = await createToken(day, 'viewer', 'run');
    const seen = await day.ask('GET', '/api/v1/events/run/official', { token: viewer });
    expect(seen.body).toEqual(first);
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('[P1] are the same after a restart, whatever came since', async () => {
    const disk = createMemoryDisk();
    const day = await officialDay(createMemoryStore(disk));
    const [page, official] = [await day.results(), (await day.get('official')).body];
    const starters = (await day.get(`startlist/${day.raceId}`)).body;
    const races = (await day.get('races')).body;
    await day.importCsv(`bib,name\n4,A late comer`);
    await day.ask('DELETE', `/api/v1/races/${day.raceId}`);
    await day.finish([3, 1_600_000]);
    await day.close();
    const after = await startRelay({ store: createMemoryStore(disk) });
    const get = async (path: string) => (await after.ask('GET', `/api/v1/events/run/${path}`, { token: null })).body;
    expect(await get(`results/${day.raceId}`)).toEqual(page);
    expect(await get('official')).toEqual(official);
    expect(await get(`startlist/${day.raceId}`)).toEqual(starters);
    expect(await get('races')).toEqual(races);
    expect(await get(`results/${day.raceId}?q=runner%201`)).toMatchObject({ total: 1, data: [{ bib: '1', rank: 2 }] });
    const race = await after.ask('GET', `/api/v1/races/${day.raceId}`, { token: null });
    expect([race.status, { races: [race.body] }]).toEqual([200, races]);
    expect(await after.ask('PATCH', `/api/v1/races/${day.raceId}`, { body: { name: 'x' } })).toMatchObject({
      status: 404,
    });
    const { body: late } = await after.ask('POST', '/api/v1/events/run/races', { body: { name: 'Next year' } });
    const askLate = (token?: null) =>
      after.ask('GET', `/api/v1/races/${(late as { raceId: string }).raceId}`, token === null ? { token } : {});
    expect([(await askLate(null)).status, (await askLate()).status]).toEqual([404, 200]);
    expect(await get('races')).toEqual(races);
    await after.ask('DELETE', '/api/v1/events/run');
    expect((await after.ask('GET', `/api/v1/races/${day.raceId}`, { token: null })).status).toBe(404);
    await after.close();
    expect(after.defects).toEqual([]);
  });

  it('are stored together with the status, or neither is', async () => {
    const store = createMemoryStore();
    let isFull = false;
    const commit: typeof store.commit = async (changes) =>
      isFull && changes.some(({ type }) => type === 'putFacts')
        ? { type: 'storage-full', message: 'full' }
        : store.commit(changes);
    const day = await raceDay({ store: { ...store, commit } });
    await day.finish([1, 1_000_000]);
    await day.status('finished');
    isFull = true;
    expect(await day.status('official')).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL' } });
    expect((await day.ask('GET', '/api/v1/events/run')).body).toMatchObject({ status: 'finished' });
    await day.finish([2, 900_000]);
    expect((await day.results()).total).toBe(2);
    isFull = false;
    expect((await day.status('official')).status).toBe(200);
    expect((await day.results()).total).toBe(2);
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it('are nobody’s before the event is official', async () => {
    const day = await raceDay();
    expect((await day.get('official')).status).toBe(404);
    await day.close();
  });

  it('have everything that was read before they were asked for', async () => {
    const day = await raceDay({ runners: 30, flags: { 'spectator-gather-ms': '5000' } });
    await day.results();
    for (let bib = 1; bib <= 30; bib++) await day.finish([bib, 1_000_000 + bib * 10]);
    await day.status('finished');
    await day.status('official');
    const page = (await day.results()) satisfies ResultsPage;
    expect(page.total).toBe(30);
    await day.close();
    expect(day.defects).toEqual([]);
  }, 20_000);
});
