import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FullState } from '@baton/schema/feed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { raceDay } from '../spectators/race-day.ts';
import { createEvent } from './relay-fixture.ts';

const PAGE = '<!doctype html><html lang="en"><head><title>x</title></head><div id="page"></div></html>';

const rowsIn = (text: string): FullState | null => {
  const [, found] = /<script type="application\/json" id="first-rows">(.*?)<\/script>/.exec(text) ?? [];
  return found === undefined ? null : JSON.parse(found);
};

let pagesDir = '';
beforeEach(() => {
  pagesDir = mkdtempSync(join(tmpdir(), 'baton-first-'));
  writeFileSync(join(pagesDir, 'index.html'), PAGE);
});
afterEach(() => rmSync(pagesDir, { recursive: true }));

it('[CN-18] an event’s page comes with its first rows, of the race that is looked at, and never with a draft’s', async () => {
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
  expect(day.defects).toEqual([]);
});

/** As the pages' build makes one, and short. */
const FIRST_VIEW = `export const firstView = ({ full, languages, search }) => ({
  key: languages[0] + search,
  draw: () => ({
    language: languages[0],
    title: full.event.title,
    html: '<main>' + full.results.map((row) => row.bib).join(',') + ' ' + search + '</main>',
  }),
});`;

describe('what is seen of an event first', () => {
  it('[CN-18] is drawn on the relay, in a language of the reader, and the same again until something changes', async () => {
    writeFileSync(join(pagesDir, 'first-view.mjs'), FIRST_VIEW);
    mkdirSync(join(pagesDir, 'assets'));
    for (const name of ['words-12345678.js', 'words-de-a2345678.js']) writeFileSync(join(pagesDir, 'assets', name), '');
    const day = await raceDay({ runners: 3, http: { pagesDir } });
    await day.finish([2, 1_000_000]);
    await day.results();
    const open = (path: string, headers: Readonly<Record<string, string>> = {}) =>
      day.askAsIs('GET', path, { token: null, headers });
    const answer = await open('/e/run?race=x', { 'Accept-Language': 'en;q=0.5, de' });
    expect(answer.text).toContain('<html lang="de">');
    expect(answer.text).toContain('<div id="page"><main>2 ?race=x</main></div>');
    expect(answer.text.match(/(?<=modulepreload" crossorigin href=")[^"]+/g)).toEqual(['/assets/words-de-a2345678.js']);
    expect(answer.headers.get('vary')).toMatch(/Accept-Encoding.*Accept-Language/);
    expect(answer.headers.get('cache-control')).toBe('no-cache');

    const etag = answer.headers.get('etag') ?? '';
    const ask = () => open('/e/run?race=x', { 'Accept-Language': 'en;q=0.5, de', 'If-None-Match': etag });
    expect([(await ask()).status, (await ask()).text]).toEqual([304, '']);
    await day.finish([1, 900_000]);
    await day.results();
    const then = await ask();
    expect([then.status, then.text.includes('<main>1,2 ?race=x</main>')]).toEqual([200, true]);

    await createEvent(day, 'hidden', 'draft');
    // what devices keep, too, is the page and nobody's rows
    for (const path of ['/', '/e/hidden', '/e/unknown', '/index.html']) {
      const page = await open(path);
      expect(page.text, path).toBe(PAGE);
      expect(page.headers.get('vary') ?? '', path).not.toContain('Language');
    }
    expect((await open('/e/run/announcer')).text).toContain('<div id="page"></div><script');
    await day.close();
    expect(day.defects).toEqual([]);
  });

  it.each([
    ['cannot be read', 'export const firstView = ('],
    ['exports something else', 'export const other = 1;'],
  ])('is left to the page where the build’s file %s, and the log says so', async (_what, text) => {
    writeFileSync(join(pagesDir, 'first-view.mjs'), text);
    const day = await raceDay({ http: { pagesDir } });
    const page = await day.askAsIs('GET', '/e/run', { token: null });
    expect(page.text).toContain('<div id="page"></div><script');
    await day.close();
    expect(day.defects).toHaveLength(1);
    expect(day.defects[0]).toMatchObject({ message: expect.stringContaining('build them again') });
  });
});
