import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvent, createToken } from '../http/relay-fixture.ts';
import { feedPath, rawUpgrade, watch } from './feed-fixture.ts';
import { fullOf, isFull, raceDay, resultsOf } from './race-day.ts';

type Day = Awaited<ReturnType<typeof raceDay>>;
let day: Day;
beforeAll(async () => {
  day = await raceDay({ flags: { 'spectator-limit': '5' } });
  await createEvent(day, 'secret', 'draft');
});
afterAll(async () => {
  await day.close();
  expect(day.defects).toEqual([]);
});

describe('who is not taken is told so before the upgrade', () => {
  it('[CN-08] an unknown event is 404 with the envelope', async () => {
    const answer = await rawUpgrade(day.port, feedPath('nowhere'));
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'NOT_FOUND', retryable: false });
    expect(answer.head).toContain('application/json');
  });

  it('[CN-09] a draft is the same answer, whoever asks, and so is an id that is none', async () => {
    const unknown = await rawUpgrade(day.port, feedPath('nowhere'));
    const operator = await createToken(day, 'operator', 'secret');
    expect(await rawUpgrade(day.port, feedPath('secret'))).toEqual(unknown);
    const withToken = await rawUpgrade(day.port, feedPath('secret'), { Authorization: `Bearer ${operator}` });
    expect(withToken).toEqual(unknown);
    expect(await rawUpgrade(day.port, feedPath('%2e%2e'))).toEqual(unknown);
  });

  it('a token in the URL is 401, a foreign origin 403', async () => {
    expect(await rawUpgrade(day.port, `${feedPath('run')}?token=x`)).toMatchObject({ status: 401 });
    const foreign = { Origin: 'https://evil.example' };
    expect(await rawUpgrade(day.port, feedPath('run'), foreign)).toMatchObject({ status: 403 });
    expect(await rawUpgrade(day.port, feedPath('run'))).toMatchObject({ status: 101 });
  });
});

describe('what a spectator is told', () => {
  it('[CN-02] the first message has event, races, categories and results in public shapes', async () => {
    const it = await watch(day, 'run');
    const full = fullOf(await it.until(() => true));
    expect(Object.keys(full).sort()).toEqual(
      ['asOf', 'categories', 'event', 'hub', 'oncourse', 'races', 'results', 'totals', 'version'].sort(),
    );
    expect(Object.keys(full.event).sort()).toEqual(
      ['date', 'eventId', 'location', 'status', 'statusChangedAt', 'timezone', 'title'].sort(),
    );
    expect(full.races).toMatchObject([{ raceId: day.raceId, name: '10 km', rankBy: expect.any(String) }]);
    expect(full.totals[day.raceId]).toEqual({ results: 0, oncourse: 0 });
    expect(JSON.stringify(full)).not.toMatch(/gate|mat|0580|@/);
    it.socket.close();
  });

  it('[CN-03] [CN-07] [CN-20] a read is one diff: the row as HTTP has it, below 500 bytes, a fraction of the first message', async () => {
    const spectator = await watch(day, 'run');
    await spectator.until(isFull);
    await day.finish([2, 1_800_000]);
    const diff = await spectator.until((it) => it.type === 'diff' && resultsOf(it).length > 0);
    const page = await day.results();
    expect(diff).toMatchObject({ type: 'diff', data: { raceId: day.raceId, total: 1 } });
    expect(resultsOf(diff)).toEqual(page.data);
    expect(page.data).toMatchObject([{ bib: '2', name: 'Runner 2', rank: 1, gunMs: 1_800_000, behindMs: 0 }]);
    expect(JSON.stringify(diff).length).toBeLessThan(500);
    const full = fullOf(spectator.messages[0]);
    expect(diff.type === 'diff' && diff.data.version).toBe(full.version + 1);
    expect(page.version).toBeGreaterThanOrEqual(full.version + 1);
    spectator.socket.close();
  });
});
