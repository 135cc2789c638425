import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseAst } from 'vite';
import { afterEach, describe, expect, it } from 'vitest';
import { agoText, clockText, countText, dateText, momentText, raceTimeText } from '../../src/spectator/local-text.ts';
import { PART_ENGLISH } from '../../src/spectator/part-words.ts';
import { languageFor, say, speak } from '../../src/spectator/words.ts';
import { GERMAN } from '../../src/spectator/words-de.ts';
import { ENGLISH } from '../../src/spectator/words-en.ts';

const FOLDER = fileURLToPath(new URL('../../src/spectator/', import.meta.url));
const english: Readonly<Record<string, string>> = { ...ENGLISH, ...PART_ENGLISH };
const german: Readonly<Record<string, string>> = GERMAN;

afterEach(() => speak('en'));

const gaps = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

describe('the tables of words', () => {
  it('have the same names, each with a text, and the same gaps to fill', () => {
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    for (const [word, text] of Object.entries(english)) {
      expect(text.trim(), word).not.toBe('');
      expect(german[word]?.trim(), word).not.toBe('');
      expect(gaps(german[word] ?? ''), word).toEqual(gaps(text));
    }
  });

  it('hold nothing that is never said', () => {
    const sources = readdirSync(FOLDER)
      .filter((it) => /\.tsx?$/.test(it) && !/words(?:-(?:de|en))?\.ts$/.test(it))
      .map((it) => readFileSync(`${FOLDER}${it}`, 'utf8'))
      .join('\n');
    // said by what the relay calls them
    const byValue = ['draft', 'startlist', 'running', 'finished', 'official', 'F', 'M', 'X', 'DNS', 'DNF', 'DSQ'];
    const unsaid = Object.keys(english).filter((word) => !byValue.includes(word) && !sources.includes(`'${word}'`));
    expect(unsaid).toEqual([]);
  });

  it('have no name twice, once for the first screen and once for later', () => {
    expect(Object.keys(ENGLISH).filter((word) => word in PART_ENGLISH)).toEqual([]);
  });
});

describe('languages', () => {
  it('are chosen by what somebody reads, in that order; English otherwise', () => {
    expect(languageFor(['fr-FR', 'de-AT', 'en'])).toBe('de');
    expect(languageFor(['en-US', 'de'])).toBe('en');
    expect(languageFor(['fr', 'dex'])).toBe('en');
    expect(languageFor([])).toBe('en');
  });

  it('change texts, numbers, days and times', async () => {
    const day = Date.UTC(2026, 4, 17, 8, 30, 5);
    expect([say('showMore'), countText(55_000), raceTimeText(2_345_670)]).toEqual(['Show more', '55,000', '39:05.7']);
    expect(dateText('2026-05-17')).toMatch(/^Sunday,? 17 May 2026$/);
    await speak('de');
    expect([say('showMore'), countText(55_000), raceTimeText(2_345_670)]).toEqual([
      'Mehr anzeigen',
      '55.000',
      '39:05,7',
    ]);
    expect(dateText('2026-05-17')).toBe('Sonntag, 17. Mai 2026');
    expect(clockText(day, 'Europe/Copenhagen')).toBe('10:30:05');
    expect(agoText(day - 130_000, day)).toBe('2 min');
    expect(momentText(day, day + 3 * 86_400_000)).toMatch(/^1[67]\. Mai, /);
  });

  it('fill gaps with what was given, as it is', () => {
    expect(say('bibOf', { bib: '<b>{n}</b>' })).toBe('Bib <b>{n}</b>');
    expect(say('bibOf')).toBe('Bib {bib}');
  });

  it('show what is no date or zone as well as they can', () => {
    expect(dateText('soon')).toBe('soon');
    expect(clockText(0, 'Mars/Olympus')).toMatch(/^\d\d:\d\d:\d\d$/);
  });
});

type Node = Readonly<Record<string, unknown>> & { readonly type: string };
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Attributes that people read or hear. */
const SPOKEN = new Set(['aria-label', 'title', 'alt', 'placeholder', 'label', 'legend', 'name']);
/** Names of form fields are no texts. */
const FIELD = /^[a-z]+$/;

/** Words in markup that no table has. */
const hardCoded = (node: unknown, found: string[] = []): readonly string[] => {
  if (Array.isArray(node)) for (const it of node) hardCoded(it, found);
  if (!isNode(node)) return found;
  if (node.type === 'JSXText' && /\p{L}/u.test(textOf(node['value']))) found.push(textOf(node['value']).trim());
  if (node.type === 'JSXAttribute' && isNode(node['name']) && SPOKEN.has(textOf(node['name']['name']))) {
    const value = isNode(node['value']) ? textOf(node['value']['value']) : '';
    if (/\p{L}/u.test(value) && !FIELD.test(value)) found.push(value);
  }
  for (const child of Object.values(node)) hardCoded(child, found);
  return found;
};

const parsed = (source: string): unknown => parseAst(source, { lang: 'tsx' });

describe('the page', () => {
  it('has no texts outside the tables', () => {
    const files = readdirSync(FOLDER).filter((it) => it.endsWith('.tsx'));
    expect(files.length).toBeGreaterThan(15);
    const found = files.flatMap((file) =>
      hardCoded(parsed(readFileSync(`${FOLDER}${file}`, 'utf8'))).map((text) => `${file}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  it('would be caught with one', () => {
    expect(hardCoded(parsed('const a = <p title="A title">Some <b>text</b></p>;'))).toEqual([
      'A title',
      'Some',
      'text',
    ]);
    expect(hardCoded(parsed('const a = <p class="row" title={say("x")}>{b} · 5</p>;'))).toEqual([]);
  });
});
