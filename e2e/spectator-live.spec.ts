import { openNetworkGate } from '@baton/testkit/network-gate';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BROWSER_FLAGS, executable } from './support/browser.ts';
import { type Relay, startRelay } from './support/nodes.ts';
import {
  addSpectatorWorld,
  noticeNetwork,
  openSpectatorWorld,
  type SpectatorWorld,
  type Watcher,
  watch,
} from './support/spectator-world.ts';
import { createSharedStage, createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 30_000 };

/** For stories that leave it alone, each with an event of its own. */
const shared = createSharedStage();
let relay: Relay;
let browser: Browser;
beforeAll(async () => {
  [relay, browser] = await Promise.all([
    startRelay(shared, { args: ['--official-grace-ms', '300'] }),
    chromium.launch({ executablePath: executable(), headless: true, args: [...BROWSER_FLAGS] }),
  ]);
});
afterAll(() => browser.close());

const cell = (page: Page, name: string) => page.getByRole('cell', { name });
const updated = (page: Page) => page.getByText(/^Updated \d\d:\d\d:\d\d$/).first();
const stale = (page: Page) => page.getByText(/^What you see is from /);

const running = async (world: Promise<SpectatorWorld> = addSpectatorWorld(relay)): Promise<SpectatorWorld> => {
  await (await world).status('startlist', 'running');
  return world;
};

const watching = async (stage: Stage, address: string): Promise<Watcher> => {
  const watcher = await watch(browser, stage, address);
  await updated(watcher.page).waitFor(PATIENCE);
  return watcher;
};

describe('results as they come', () => {
  it('[CN-03] are on the screen within 2 s, over the socket: nothing is asked for', async () => {
    const stage = createStage();
    const world = await running();
    const { page, asked, complaints, sockets } = await watching(stage, world.address);
    await page.getByText('No results yet').waitFor(PATIENCE);
    const before = asked.length;
    await world.results(['1', 2_345_670]);
    const told = performance.now();
    await cell(page, '39:05.7').waitFor(PATIENCE);
    const shownAfter = performance.now() - told;
    await world.results(['2', 2_300_000], ['3', 2_400_000]);
    await cell(page, '38:20.0').waitFor(PATIENCE);
    await page.getByText('<b>Bold</b>').waitFor(PATIENCE);
    const places = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.textContent ?? ''));
    expect(places.map((it) => /^\d\.|Ada|Bo|Cy/.exec(it)?.[0])).toEqual(['1.', '2.', '3.']);
    expect(places[0]).toContain('Bo Slow');
    expect(asked.slice(before).filter((it) => it.includes('/results/'))).toEqual([]);
    expect(shownAfter).toBeLessThan(2000);
    expect(sockets()).toBe(1);
    expect(await page.title()).toBe('Harbour run 2026 · Live results');
    expect(complaints).toEqual([]);
  });

  it('[CN-18] are old and say so while there is no network, and whole again when it is back', async () => {
    const stage = createStage();
    const world = await running();
    await world.results(['1', 2_345_670]);
    const gate = await openNetworkGate(world.relay.port, stage.onEnd);
    const { page } = await watching(stage, world.address.replace(world.relay.url, gate.url));
    await cell(page, 'Ada Quick').waitFor(PATIENCE);
    gate.cut();
    await page.getByText(/^Last update /).waitFor(PATIENCE);
    await stale(page).waitFor(PATIENCE);
    await world.results(['2', 2_300_000]);
    expect(await cell(page, 'Bo Slow').count()).toBe(0);
    gate.mend();
    await noticeNetwork(page);
    await cell(page, 'Bo Slow').waitFor(PATIENCE);
    await updated(page).waitFor(PATIENCE);
    await until('the notice is gone', async () => (await stale(page).count()) === 0);
  });

  it('[CN-17][CN-18] go on after the relay was started again', async () => {
    const stage = createStage();
    const world = await running(openSpectatorWorld(stage));
    await world.results(['1', 2_345_670]);
    const { page, sockets } = await watching(stage, world.address);
    await cell(page, 'Ada Quick').waitFor(PATIENCE);
    await world.relay.program.end('SIGTERM');
    await page.getByText(/^Last update /).waitFor(PATIENCE);
    await startRelay(stage, { dataDir: world.relay.dataDir, port: world.relay.port });
    await updated(page).waitFor(PATIENCE);
    await world.results(['2', 2_300_000]);
    await cell(page, 'Bo Slow').waitFor(PATIENCE);
    expect(sockets()).toBeGreaterThan(1);
  });

  it('[CN-11] are asked for where the relay takes no more sockets, and come by themselves once it does', async () => {
    const stage = createStage();
    const world = await running(openSpectatorWorld(stage, { args: ['--spectator-limit', '1'] }));
    const first = await watching(stage, world.address);
    const second = await watch(browser, stage, world.address);
    await updated(second.page).waitFor(PATIENCE);
    await world.results(['1', 2_345_670]);
    await cell(second.page, '39:05.7').waitFor(PATIENCE);
    expect(second.asked.some((it) => it.endsWith(`/results/${world.raceId}`))).toBe(true);
    await first.page.context().close();
    const tried = second.sockets();
    await noticeNetwork(second.page);
    await until('a socket was tried again', () => second.sockets() > tried);
    await world.results(['2', 2_300_000]);
    await cell(second.page, 'Bo Slow').waitFor(PATIENCE);
  });
});

describe('an event from beginning to end', () => {
  it('[CN-05][CN-15][CN-16] is followed through all states, and closes cleanly when it is official', async () => {
    const stage = createStage();
    const world = await addSpectatorWorld(relay);
    const { page, sockets, complaints } = await watch(browser, stage, world.address);
    await page.getByText('There is no such event').waitFor(PATIENCE);
    await world.status('startlist');
    await page.reload();
    await page.getByRole('heading', { name: '10 km: Start list' }).waitFor(PATIENCE);
    await cell(page, 'Dee Last').waitFor(PATIENCE);
    await world.status('running');
    await page.getByText('Live · unofficial', { exact: true }).waitFor(PATIENCE);
    await world.results(['1', 2_345_670]);
    await cell(page, '39:05.7').waitFor(PATIENCE);
    await page.getByText('Unofficial: places and times can still change').waitFor(PATIENCE);
    await world.status('finished');
    await page.getByText('Finished · unofficial', { exact: true }).waitFor(PATIENCE);
    const closed = sockets();
    await world.status('official');
    await page.getByText('Official results', { exact: true }).waitFor(PATIENCE);
    await page.getByText(/^Final · as of /).waitFor(PATIENCE);
    await cell(page, '39:05.7').waitFor(PATIENCE);
    expect(await page.getByText('Unofficial: places').count()).toBe(0);
    expect(await stale(page).count()).toBe(0);
    expect(sockets()).toBe(closed);
    expect(complaints).toEqual([]);
    await page.reload();
    await page.getByText(/^Final · as of /).waitFor(PATIENCE);
    await cell(page, '39:05.7').waitFor(PATIENCE);
  });

  it('[CN-09] is gone when it is a draft again, and comes back when it is published', async () => {
    const stage = createStage();
    const world = await addSpectatorWorld(relay);
    await world.status('startlist');
    const { page } = await watching(stage, world.address);
    await world.status('draft');
    await page.getByText('There is no such event').waitFor(PATIENCE);
    await world.status('startlist');
    // it looks for the event by itself each 30 s, and at once where the browser tells of a network
    await noticeNetwork(page);
    await page.getByRole('heading', { name: '10 km: Start list' }).waitFor(PATIENCE);
  });
});
