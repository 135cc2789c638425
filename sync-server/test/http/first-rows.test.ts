import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FullState } from '@baton/schema/feed';
import { expect, it } from 'vitest';
import { raceDay } from '../spectators/race-day.ts';
import { createEvent } from './relay-fixture.ts';

const PAGE = '<!doctype html><title>x</title><div id="page"></div>';

const rowsIn = (text: string): FullState | null => {
  const [, found] = /<script type="application\/json" id="first-rows">(.*?)<\/script><div id="page">/.exec(text) ?? [];
  return found === undefined ? null : JSON.parse(found);
};

it('[CN-18] an event’s page comes with its first rows, of the race that is looked at, and never with a draft’s', async () => {
  const pagesDir = mkdtempSync(join(tmpdir(), 'baton-first-'));
  writeFileSync(join(pagesDir, 'index.html'), PAGE);
  const day = await raceDay({ runners: 30, http: { pagesDir }, flags: { 'official-grace-ms': '1' } });
  for (let bib = 1; bib <= 25; bib++) await day.finish([bib, 1_000_000 + bib * 1000]);
  await day.importCsv('bib,name\n1,</script><b>Bold</b>');
  const page = await day.results('?limit=20');
  const open = (path: string) => day.askAsIs('GET', path, { token: null });
  const answer = await open('/e/run');
  expect(answer.headers.get('cache-control')).toBe('no-cache');
  const first = rowsIn(answer.text);
  expect(first).toMatchObject({ event: { eventId: 'run', status: 'running' }, hub: page.hub, oncourse: [] });
  expect(first?.results).toEqual(page.data);
  expect(first?.totals[day.raceId]?.results).toBe(25);
  expect(answer.text).not.toContain('</script><b>');
  expect(answer.text).not.toMatch(/0580|gate|mat/);

  await day.ask('POST', '/api/v1/events/run/races', { body: { name: '0 first' } });
  await day.results();
  expect(rowsIn((await open('/e/run')).text)?.results).toEqual([]);
  expect(rowsIn((await open(`/e/run/announcer?race=${day.raceId}`)).text)?.results).toHaveLength(20);

  await createEvent(day, 'hidden', 'draft');
  for (const path of ['/', '/e/hidden', '/e/unknown']) expect((await open(path)).text).toBe(PAGE);

  await day.status('finished');
  await day.status('official');
  const official = rowsIn((await open(`/e/run?race=${day.raceId}`)).text);
  expect(official).toMatchObject({ event: { status: 'official' } });
  expect(official?.results).toEqual(page.data);
  await day.close();
  rmSync(pagesDir, { recursive: true });
  expect(day.defects).toEqual([]);
});
