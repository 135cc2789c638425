import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FullData } from '../../src/spectator/feed-body.ts';
import type { firstView } from '../../src/spectator/first-view.tsx';
import type { ResultRow } from '../../src/spectator/public-body.ts';

const outDir = mkdtempSync(join(tmpdir(), 'baton-first-view-'));
afterAll(() => rmSync(outDir, { recursive: true }));

/** As the relay loads it. */
let view: typeof firstView;
beforeAll(async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const configFile = join(root, 'vite.first-view.config.ts');
  vi.stubEnv('NODE_ENV', 'production');
  await build({ root, configFile, mode: 'production', logLevel: 'silent', build: { outDir } }).finally(() =>
    vi.unstubAllEnvs(),
  );
  view = (await import(/* @vite-ignore */ pathToFileURL(join(outDir, 'first-view.mjs')).href)).firstView;
}, 120_000);

const AT = Date.UTC(2026, 4, 17, 22, 30);

const rowOf = (bib: number, more: Partial<ResultRow> = {}): ResultRow => ({
  raceId: 'r',
  bib: String(bib),
  name: `Runner ${bib}`,
  club: 'Harbour',
  category: 'open',
  sex: 'F',
  status: null,
  rank: bib,
  categoryRank: bib,
  sexRank: bib,
  gunMs: 2_345_670 + bib * 1000,
  chipMs: null,
  behindMs: bib * 1000,
  splits: [],
  updatedAt: AT - 1000,
  ...more,
});

const fullOf = (results: readonly ResultRow[], more: Partial<FullData['event']> = {}): FullData => ({
  hub: 'h',
  version: 3,
  event: {
    eventId: 'run',
    title: 'Harbour run',
    date: '2026-05-17',
    timezone: 'Asia/Tokyo',
    location: 'The quay',
    status: 'running',
    ...more,
  },
  races: [
    { raceId: 'r', name: '10 km', startAt: null, points: [], categories: [{ categoryId: 'open', name: 'Open' }] },
    { raceId: 's', name: '5 km', startAt: null, points: [], categories: [] },
  ],
  results,
  oncourse: [],
  totals: { r: { results: 120, oncourse: 0 }, s: { results: 0, oncourse: 0 } },
  asOf: AT,
  venue: null,
});

const ask = (full: unknown, more: { search?: string; languages?: readonly string[]; now?: number } = {}) =>
  view({ full, search: '', languages: ['en-GB'], now: AT, ...more });

const draw = (...args: Parameters<typeof ask>) => {
  const found = ask(...args);
  if (found === null) throw new Error('nothing is drawn');
  return found.draw();
};

/** What a reader of the HTML sees, without what is marked up. */
const textIn = (html: string): string => html.replace(/<[^>]*>/g, '|');

describe('what is seen of an event first', () => {
  it('[CN-18] are its first rows and how old they are, at the event’s place', () => {
    const { html, title, language } = draw(fullOf([rowOf(1), rowOf(2, { status: 'DNF', rank: null })]));
    expect([title, language]).toEqual(['Harbour run 2026 · Live results', 'en']);
    const text = textIn(html);
    for (const part of ['Live · unofficial', 'Runner 1', '39:06.7', 'DNF', '120 runners', '2 of 120 shown']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('|As of 07:30:00, updating…|');
    expect(html.match(/<tr/g)).toHaveLength(3);
  });

  it('says the day of rows that are not of today there', () => {
    const later = draw(fullOf([rowOf(1)]), { now: AT + 86_400_000 });
    expect(textIn(later.html)).toContain('|As of 18 May, 07:30:00, updating…|');
    const [early, late] = [ask(fullOf([])), ask(fullOf([]), { now: AT + 86_400_000 })];
    expect(early?.key).not.toBe(late?.key);
  });

  it('is in the first language of the reader that the page speaks, whoever was drawn for before', () => {
    const full = fullOf([rowOf(1)]);
    const german = ask(full, { languages: ['fr', 'de-AT', 'en'] });
    const english = ask(full, { languages: ['*'] });
    expect(german?.key).not.toBe(english?.key);
    const drawn = [german?.draw(), english?.draw(), german?.draw()];
    expect(drawn.map((it) => it?.language)).toEqual(['de', 'en', 'de']);
    expect(textIn(drawn[0]?.html ?? '')).toContain('39:06,7');
    expect(textIn(drawn[1]?.html ?? '')).toContain('39:06.7');
    expect(drawn[2]).toEqual(drawn[0]);
  });

  it('holds names as text, whatever is in them', () => {
    const hostile = [
      `</script><script>alert(1)</script>`,
      `"><img src=x onerror="x">'`,
      '\u202eevil\u2066',
      'long '.repeat(2000),
      '&amp;',
      '',
    ];
    const rows = hostile.map((name, at) => rowOf(at + 1, { name, club: name, category: name }));
    const full = fullOf(rows, { title: `${hostile[0]}`, location: `${hostile[1]}` });
    const { html, title } = draw(full);
    expect(title).toBe(`${hostile[0]} 2026 · Live results`);
    const tags = html.match(/<[a-z][^<]*?>/gi) ?? [];
    expect(tags.length).toBeGreaterThan(100);
    expect(tags.filter((it) => /^<(?:script|style|img src=x)|\s(?:on\w+|style)=|javascript:/i.test(it))).toEqual([]);
    expect(html).toContain('&lt;/script>');
    expect(html).toContain('&amp;amp;');
    expect(html).toContain(`>${hostile[2]}<`);
    expect(html).toContain(hostile[3]);
    expect(textIn(html)).toContain('|Bib 6|');
  });

  it('is of the race and the part that the address means, under the links of that address', () => {
    const full = fullOf([rowOf(1)]);
    expect(draw(full, { search: '?race=s&x=1' }).html).toContain('href="/e/run?race=s&amp;part=oncourse"');
    expect(draw(full, { search: '?part=start' }).html).toMatch(
      /class="tab" href="[^"]*part=start" aria-current="page"/,
    );
    expect(ask(full, { search: '?x=1' })?.key).toBe(ask(full)?.key);
  });

  it.each(['?bib=1', '?q=ada', '?category=open', '?sex=F', '?race=none'])('%s is the page’s own to draw', (search) => {
    expect(ask(fullOf([rowOf(1)]), { search })).toBeNull();
  });

  it('is nothing of what is no event', () => {
    for (const full of [null, {}, { ...fullOf([]), races: 'none' }]) expect(ask(full)).toBeNull();
  });
});
