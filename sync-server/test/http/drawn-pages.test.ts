import type { FullState } from '@baton/schema/feed';
import { describe, expect, it } from 'vitest';
import { createDrawnPages } from '../../src/http/drawn-pages.ts';
import type { FirstView } from '../../src/http/first-view.ts';

const PAGE = '<html lang="en"><title>x</title><div id="page"></div></html>';
const fullAt = (version: number, title: string): FullState =>
  ({ event: { eventId: 'run', title }, version }) as never as FullState;

const desk = (draw: (asked: Parameters<FirstView>[0]) => string = ({ full }) => `<p>${full.version}</p>`) => {
  let draws = 0;
  const errors: string[] = [];
  const firstView: FirstView = (asked) =>
    asked.search === '?bib=1'
      ? null
      : {
          key: `${asked.languages[0]} ${asked.search}`,
          draw: () => {
            draws++;
            return { language: asked.languages[0] ?? '', title: 'Run', html: draw(asked) };
          },
        };
  const pages = createDrawnPages({
    firstView: Promise.resolve(firstView),
    wordsOf: () => null,
    clock: { now: () => 0 },
    journal: { error: (message) => errors.push(message) },
  });
  const of = (version: number, search = '', language = 'en', isEvent = true, title = 'Run') =>
    pages.of(PAGE, isEvent, { full: fullAt(version, title), languages: [language], search });
  return { of, draws: () => draws, errors };
};

describe('a drawn page', () => {
  it('is made once for what it shows, where somebody looks, and a language', async () => {
    const { of, draws } = desk();
    const first = await of(1);
    expect(await of(1)).toBe(first);
    expect(await first.packed()).toBe(await first.packed());
    expect(draws()).toBe(1);
    for (const other of [await of(2), await of(1, '?race=a'), await of(1, '', 'de')]) expect(other).not.toBe(first);
    expect(draws()).toBe(4);
    expect(first.text).toContain('<div id="page"><p>1</p></div>');
  });

  it('has its data alone where nothing is drawn: on the announcer’s page, of one runner, without a first view', async () => {
    const { of, draws } = desk();
    const none = createDrawnPages({
      firstView: Promise.resolve(null),
      wordsOf: () => null,
      clock: { now: () => 0 },
      journal: { error: () => {} },
    });
    const pages = [
      await of(1, '', 'en', false),
      await of(1, '?bib=1'),
      await none.of(PAGE, true, { full: fullAt(1, 'Run'), languages: ['de'], search: '' }),
    ];
    for (const page of pages) {
      expect(page.text).toContain('<div id="page"></div><script type="application/json"');
      expect(page.isDrawn).toBe(false);
    }
    expect(draws()).toBe(0);
  });

  it('[P16] has its data alone where that is so long that drawing it would hold up others', async () => {
    const { of, draws } = desk();
    const long = await of(1, '', 'en', true, 'x'.repeat(130_000));
    expect(long.text).toContain('<div id="page"></div><script type="application/json"');
    expect(draws()).toBe(0);
  });

  it('is sent undrawn, and the log says why, when drawing it fails', async () => {
    const { of, errors } = desk(() => {
      throw new Error('a defect');
    });
    expect((await of(1)).text).toContain('<div id="page"></div><script type="application/json"');
    expect(errors).toEqual(['the first view of a page could not be drawn']);
  });

  it('goes when too many others have come; one that is asked for stays', async () => {
    const { of, draws } = desk(() => 'x'.repeat(1_000_000));
    await of(1);
    for (const version of [2, 3, 4, 5, 6]) {
      await of(version);
      await of(1);
    }
    expect(draws()).toBe(6);
    await of(2);
    expect(draws()).toBe(7);
  });
});
