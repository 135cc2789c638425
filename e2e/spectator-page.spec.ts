import { renderIpicoLine } from '@baton/schema/reads';
import { openNetworkGate } from '@baton/testkit/network-gate';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityProblems, FOR_THUMBS } from './support/axe.ts';
import { BROWSER_FLAGS, executable } from './support/browser.ts';
import { type Relay, startForwarder, startRelay } from './support/nodes.ts';
import { qualityProblems, watchShifts } from './support/page-quality.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { addSpectatorWorld, noticeNetwork, type SpectatorWorld, watch } from './support/spectator-world.ts';
import { createSharedStage, createStage } from './support/stage.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 30_000 };

/** Each story has an event of its own on it. */
const shared = createSharedStage();
let relay: Relay;
let browser: Browser;
beforeAll(async () => {
  [relay, browser] = await Promise.all([
    startRelay(shared),
    chromium.launch({ executablePath: executable(), headless: true, args: [...BROWSER_FLAGS] }),
  ]);
});
afterAll(() => browser.close());

const cell = (page: Page, name: string) => page.getByRole('cell', { name });
const star = (page: Page, bib: string) => page.getByRole('button', { name: `Bib ${bib} as a favourite` });

/** Keeps what is asked for at such addresses from the page until it is called. */
const hold = async (page: Page, addresses: RegExp): Promise<() => void> => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(addresses, (route) => held.then(() => route.continue()));
  return release;
};

/** What a browser would show, noted instead: by the page's worker, or by the page where that is not there yet. */
const noteNotifications = (): void => {
  const shown: string[] = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title: string) => void shown.push(title);
  class Notification {
    static permission = 'granted';
    static requestPermission = async (): Promise<string> => 'granted';
    constructor(title: string) {
      shown.push(title);
    }
  }
  Object.assign(window, { shown, Notification });
};

const running = async (runners?: number): Promise<SpectatorWorld> => {
  const world = await addSpectatorWorld(relay, runners === undefined ? {} : { runners });
  await world.status('startlist', 'running');
  return world;
};

describe('what somebody looks for', () => {
  it('is found by bib and name, page by page, and stays current', async () => {
    const stage = createStage();
    const world = await running(320);
    await world.results(...Array.from({ length: 300 }, (_, at) => [String(at + 1), 2_000_000 + at * 1000] as const));
    const { page, asked } = await watch(browser, stage, world.address);
    await page.getByText('300 runners').waitFor(PATIENCE);
    expect(await page.locator('tbody tr').count()).toBe(50);
    expect(asked.filter((it) => it.includes('/results/'))).toEqual([]);
    await page.getByText('50 of 300 shown').waitFor(PATIENCE);
    // what is loaded later, and rows that change in their places, move nothing on the screen
    const shifted = await watchShifts(page);
    await page.reload();
    await page.getByText('50 of 300 shown').waitFor(PATIENCE);
    for (let bib = 1; bib <= 10; bib++) await world.results([String(bib), 2_000_000 + (bib - 1) * 1000 + 100]);
    await cell(page, '33:29.1').waitFor(PATIENCE);
    expect(await shifted()).toBeLessThan(0.02);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('150 of 300 shown').waitFor(PATIENCE);

    await page.getByRole('searchbox').fill('runner 29');
    await page.getByText('11 runners').waitFor(PATIENCE);
    expect(new URL(page.url()).searchParams.get('q')).toBe('runner 29');
    await cell(page, '38:10.0').waitFor(PATIENCE);
    await world.results(['291', 1_000_000]);
    await cell(page, '16:40.0').waitFor(PATIENCE);
    await page.getByRole('searchbox').fill('');
    await page.getByText('300 runners').waitFor(PATIENCE);
    await until('the new winner leads', async () =>
      ((await page.locator('tbody tr').first().textContent()) ?? '').includes('Runner 291'),
    );
  });

  it('is kept as a favourite on the device: with times, and an offer to be told', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670], ['2', 2_400_000]);
    const { page } = await watch(browser, stage, world.address);
    await page.getByRole('link', { name: /^Favourites/ }).click();
    await page.getByText('No favourites yet').waitFor(PATIENCE);
    expect(await page.getByRole('button', { name: 'Tell me about my favourites' }).count()).toBe(0);
    await page.goBack();
    await star(page, '2').click();
    expect(await star(page, '2').getAttribute('aria-pressed')).toBe('true');
    await page.reload();
    const answer = await hold(page, /[?&]bib=2/);
    await page.getByRole('link', { name: 'Favourites 1' }).click();
    // before the relay has said so, nobody says that there is no time
    await cell(page, 'Loading…').waitFor(PATIENCE);
    answer();
    await cell(page, '40:00.0').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Tell me about my favourites' }).waitFor(PATIENCE);
    await world.results(['2', 2_200_000]);
    await cell(page, '36:40.0').waitFor(PATIENCE);

    await page.getByRole('link', { name: 'Bo Slow' }).click();
    await page.getByRole('heading', { name: 'Bo Slow' }).waitFor(PATIENCE);
    await page.getByText('36:40.0').first().waitFor(PATIENCE);
    expect(new URL(page.url()).searchParams.get('bib')).toBe('2');
    await page.goBack();
    await star(page, '2').click();
    await page.getByText('No favourites yet').waitFor(PATIENCE);
  });

  it('is told about in a notification while the page is open', async () => {
    const stage = createStage();
    const world = await running();
    const { page } = await watch(browser, stage, world.address, {
      permissions: ['notifications'],
      before: noteNotifications,
    });
    await page.getByRole('link', { name: 'Start list' }).click();
    await star(page, '1').click();
    await page.getByRole('link', { name: 'Favourites 1' }).click();
    await page.getByRole('button', { name: 'Tell me about my favourites' }).click();
    await page.getByText('Notifications are on while this page is open.').waitFor(PATIENCE);
    const shown = () => page.evaluate((): readonly string[] => Reflect.get(window, 'shown'));
    await until('nothing is known of the favourite yet', async () => cell(page, 'Not seen at a mat yet').isVisible());
    await world.results(['1', 2_345_670]);
    await until('it was told', async () => (await shown()).includes('Ada Quick has finished'));
    await world.status('finished', 'official');
    await until('that it is official, too', async () => (await shown()).includes('Results are official'));
  });
});

const ROOTS = 'h1, nav, input, table, tbody tr';

describe('what somebody sees first', () => {
  it('[CN-18] comes drawn in the page, before any script, and the page goes on from there', async () => {
    const stage = createStage();
    const world = await running(60);
    await world.results(...Array.from({ length: 60 }, (_, at) => [String(at + 1), 2_000_000 + at * 1000] as const));
    // a page does not wait long for results that are still being computed
    await until('the rows are in the page', async () =>
      (await (await fetch(world.address)).text()).includes('Runner 20'),
    );
    const phone = { viewport: { width: 360, height: 740 }, serviceWorkers: 'block' } as const;
    const { page, asked, complaints } = await watch(browser, stage, 'about:blank', phone);
    const shifted = await watchShifts(page);
    const release = await hold(page, /\.js$/);
    await page.goto(world.address, { waitUntil: 'commit' });
    await cell(page, 'Ada Quick').waitFor(PATIENCE);
    await page.getByText(/^As of \d\d:\d\d:\d\d, updating…$/).waitFor(PATIENCE);
    expect(await page.title()).toBe('Harbour run 2026 · Live results');
    expect(await page.locator('tbody tr').count()).toBe(20);
    // with its styles: a name is no underlined link
    const underlined = (it: Element): string => getComputedStyle(it).textDecorationLine;
    expect(await page.locator('.result-link').first().evaluate(underlined)).toBe('none');
    expect(asked).toEqual([]);
    const marked = await page.evaluate((roots) => {
      const them = document.querySelectorAll(roots);
      for (const it of them) Object.assign(it, { isDrawn: true });
      return them.length;
    }, ROOTS);
    release();
    await page.getByText(/^Updated /).waitFor(PATIENCE);
    await page.getByText('50 of 60 shown').waitFor(PATIENCE);
    const left = await page.evaluate(
      (roots) => [...document.querySelectorAll(roots)].filter((it) => Reflect.has(it, 'isDrawn')).length,
      ROOTS,
    );
    expect(left).toBe(marked);
    expect(await shifted()).toBeLessThan(0.02);

    // what is typed before the page listens is looked for
    await page.unroute(/\.js$/);
    const begin = await hold(page, /\.js$/);
    await page.goto(world.address, { waitUntil: 'commit' });
    await page.getByRole('searchbox').fill('runner 4');
    begin();
    await page.getByText('10 runners').waitFor(PATIENCE);
    expect(await page.getByRole('searchbox').inputValue()).toBe('runner 4');
    expect(complaints).toEqual([]);
  });
});

describe('on the device', () => {
  it('opens without a network with what was known last, and says how old it is', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670]);
    const gate = await openNetworkGate(world.relay.port, stage.onEnd);
    const address = world.address.replace(world.relay.url, gate.url);
    const { page } = await watch(browser, stage, address);
    await cell(page, '39:05.7').waitFor(PATIENCE);
    await page.getByText('it opens without a connection').waitFor({ timeout: 60_000 });
    const manifest = await page.locator('link[rel=manifest]').getAttribute('href');
    expect(await (await page.request.get(`${gate.url}${manifest}`)).json()).toMatchObject({
      start_url: '/',
      display: 'standalone',
      icons: [{ sizes: '192x192' }, { sizes: '512x512' }, { purpose: 'maskable' }],
    });
    await page.reload();
    await cell(page, '39:05.7').waitFor(PATIENCE);
    gate.cut();
    await page.reload();
    await cell(page, '39:05.7').waitFor(PATIENCE);
    await page.getByText(/^Last update /).waitFor(PATIENCE);
    await page.getByText(/^What you see is from /).waitFor(PATIENCE);
    // the kept page is nobody's: an event that was never looked at shows nothing of another
    await page.goto(`${gate.url}/e/other`);
    await page.getByText('No connection').waitFor(PATIENCE);
    expect(await page.content()).not.toContain('Ada Quick');
    await page.goBack();
    await cell(page, '39:05.7').waitFor(PATIENCE);
    gate.mend();
    await noticeNetwork(page);
    await page.getByText(/^Updated /).waitFor({ timeout: 60_000 });
  });

  it('speaks the language of the browser, or the one that is chosen', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670]);
    const { page } = await watch(browser, stage, world.address, { locale: 'de-DE' });
    await page.getByText('Live · inoffiziell', { exact: true }).waitFor(PATIENCE);
    await cell(page, '39:05,7').waitFor(PATIENCE);
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByRole('button', { name: 'English' }).click();
    await cell(page, '39:05.7').waitFor(PATIENCE);
    await page.reload();
    await page.getByText('Live · unofficial', { exact: true }).waitFor(PATIENCE);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  });
});

const GUN = Date.UTC(2026, 4, 17, 10);
const chipOf = (runner: number): string => `0580aa${runner.toString(16).padStart(6, '0')}`;
const crossing = (runner: number, ms: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: chipOf(runner),
    iCount: 1,
    qCount: 1,
    wallHundredths: (GUN + ms) / 10,
    extra: null,
    kind: 'RAW',
  });

describe('the announcer’s page', () => {
  it('[RT-43] shows who came by first, newest first, and names no chip, reader or forwarder', async () => {
    const stage = createStage();
    const world = await running();
    const reader = await startScriptedReader(stage.onEnd);
    await startForwarder(stage, {
      relay: world.relay.url,
      token: await world.event.token('forwarder', 'mat-1'),
      readers: [`finish=${reader.address}`],
      journal: stage.folder('journal'),
    });
    await reader.connected();
    const { page, complaints } = await watch(browser, stage, `${world.address}/announcer`);
    await page.getByText('Nobody has come by yet').waitFor(PATIENCE);
    const heard: Promise<string>[] = [];
    page.on('response', (response) => heard.push(response.text().catch(() => '')));
    await reader.sendLines([crossing(1, 1_000_000), crossing(9, 1_001_000)], 2000);
    await until('both are announced', async () => (await page.locator('.announced').count()) === 2);
    await reader.sendLines([crossing(1, 1_100_000)], 2000);
    await page.locator('.announced').first().getByText('Unknown runner').waitFor(PATIENCE);
    expect(await page.locator('.announced').count()).toBe(2);
    const said = `${(await Promise.all(heard)).join('\n')}${await page.content()}`.toLowerCase();
    for (const secret of [chipOf(1), chipOf(9), 'mat-1', 'mat-1.finish', 'forwarder', world.event.operatorToken]) {
      expect(said.includes(secret.toLowerCase()), `a public answer holds ${secret}`).toBe(false);
    }
    expect(complaints).toEqual([]);
  });
});

describe('for everybody', () => {
  it('is accessible on each part, light and dark, from 320 px to a projector', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670], ['2', 2_400_000]);
    await world.oncourse('3');
    const parts = [
      '',
      '?part=oncourse',
      '?part=start',
      '?part=favourites',
      '?bib=1',
      '?bib=404',
      '?q=nobody',
      '/announcer',
    ];
    const { page, complaints } = await watch(browser, stage, world.address, { reducedMotion: 'reduce' });
    const check = async (what: string): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await accessibilityProblems(page, FOR_THUMBS), `${colorScheme} ${what}`).toEqual([]);
      }
    };
    for (const part of parts) {
      await page.goto(`${world.address}${part}`);
      await page
        .getByText(/^Updated /)
        .first()
        .waitFor(PATIENCE);
      await page.locator('.skeleton').waitFor({ ...PATIENCE, state: 'detached' });
      await check(part);
      expect(await qualityProblems(page), part).toEqual([]);
      for (const width of [320, 820, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, `${part} at ${width} px`).toBeLessThanOrEqual(width);
      }
    }
    await page.goto(relay.url);
    await page.getByRole('link', { name: 'Harbour run 2026' }).first().waitFor(PATIENCE);
    await check('events');
    await page.goto(`${relay.url}/e/nothing`);
    await page.getByText('There is no such event').waitFor(PATIENCE);
    await check('unknown');
    expect(complaints).toEqual([]);
  });

  it('is used with the keyboard alone, and shared as a link and a QR code', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670]);
    const { page } = await watch(browser, stage, world.address);
    await cell(page, '39:05.7').waitFor(PATIENCE);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.getByRole('link', { name: 'Ada Quick' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Ada Quick' }).waitFor(PATIENCE);
    await until('the heading has the focus', () =>
      page.evaluate(() => document.activeElement?.textContent === 'Ada Quick'),
    );
    await page.getByRole('button', { name: 'Share' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: 'QR code of this page’s address' }).waitFor(PATIENCE);
    expect(await page.getByLabel('Link').inputValue()).toBe(page.url());
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ ...PATIENCE, state: 'detached' });
  });
});
