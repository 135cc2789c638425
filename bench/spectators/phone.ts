import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type Benchmark, type Figures, median, rounded } from '../support/measure.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { createFinishers } from './finishers.ts';

const RUNNERS = 600;
const FINISHED = 120;
const VISITS = 7;
/** What Lighthouse and the developer tools call slow 4G. */
const SLOW_4G = {
  offline: false,
  latency: 562.5,
  downloadThroughput: (1.6 * 1024 * 1024 * 0.9) / 8,
  uploadThroughput: (750 * 1024 * 0.9) / 8,
};
const SLOWER_CPU = 4;

/** Noted by the page itself, in ms since it was asked for: what is on the screen, not what a tool has heard of. */
const NOTE_FIRST_ROW = (): void => {
  const note = (): void => {
    if (document.querySelector('tbody tr') === null) return;
    looking.disconnect();
    requestAnimationFrame(() => setTimeout(() => Object.assign(window, { firstRow: performance.now() }), 0));
  };
  const looking = new MutationObserver(note);
  looking.observe(document, { childList: true, subtree: true });
  Object.assign(window, { shift: 0, largest: 0 });
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) Object.assign(window, { largest: it.startTime });
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const it of list.getEntries()) {
      if (Reflect.get(it, 'hadRecentInput') !== true) {
        Object.assign(window, { shift: Number(Reflect.get(window, 'shift')) + Number(Reflect.get(it, 'value')) });
      }
    }
  }).observe({ type: 'layout-shift', buffered: true });
};

interface Visit {
  readonly firstRowMs: number;
  /** When the largest thing on the screen was painted (LCP). */
  readonly largestMs: number;
  readonly requests: number;
  readonly bytes: number;
  readonly shift: number;
  /** Requests and bytes once the page listens to its feed. */
  readonly live: { readonly ms: number; readonly requests: number; readonly bytes: number };
}

const slowDown = async (page: Page): Promise<() => { readonly requests: number; readonly bytes: number }> => {
  const devtools = await page.context().newCDPSession(page);
  let [requests, bytes] = [0, 0];
  devtools.on('Network.requestWillBeSent', () => requests++);
  devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', SLOW_4G);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER_CPU });
  return () => ({ requests, bytes });
};

/** By the page's own count: a tool hears of them later, on a busy machine much later. */
const askedBy = (ms: number): { readonly requests: number; readonly bytes: number } => {
  const isTimed = (it: PerformanceEntry): it is PerformanceResourceTiming => it instanceof PerformanceResourceTiming;
  const asked = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type).filter(isTimed));
  const come = asked.filter((it) => it.responseEnd <= ms);
  return {
    requests: asked.filter((it) => it.startTime <= ms).length,
    bytes: come.reduce((sum, it) => sum + it.transferSize, 0),
  };
};

const visit = async (context: BrowserContext, address: string): Promise<Visit> => {
  const page = await context.newPage();
  await page.setViewportSize({ width: 360, height: 740 });
  const used = await slowDown(page);
  await page.addInitScript(NOTE_FIRST_ROW);
  await page.goto(address, { waitUntil: 'commit' });
  const noted = await page.waitForFunction(() => Reflect.get(window, 'firstRow'), undefined, {
    timeout: 60_000,
    polling: 50,
  });
  const firstRowMs = Number(await noted.jsonValue());
  await page.getByText(/^Updated /).waitFor({ timeout: 60_000 });
  const live = { ms: await page.evaluate(() => performance.now()), ...used() };
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null || performance.now() > 15_000);
  const [shift, largestMs] = await page.evaluate(() => [Reflect.get(window, 'shift'), Reflect.get(window, 'largest')]);
  const then = await page.evaluate(askedBy, firstRowMs);
  await page.close();
  return { firstRowMs, ...then, shift: Number(shift), largestMs: Number(largestMs), live };
};

/** Each visit by a browser that has never been there, then one by the last of them again. */
const visits = async (stage: Stage, count: number) => {
  const first: Visit[] = [];
  let again: Visit | null = null;
  for (let time = 0; time < count; time++) {
    const profile = await mkdtemp(join(tmpdir(), 'baton-phone-'));
    const context = await launchChromium(profile);
    try {
      first.push(await visit(context, `${stage.url}/e/${stage.eventId}`));
      if (time === count - 1) again = await visit(context, `${stage.url}/e/${stage.eventId}`);
    } finally {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    }
  }
  return { first, again };
};

const middle = (them: readonly Visit[], of: (it: Visit) => number): number => rounded(median(them.map(of)));

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  try {
    const finishers = await createFinishers(stage, RUNNERS);
    for (let runner = 0; runner < FINISHED; runner++) await finishers.next();
    await stage.api.must('GET', `/events/${stage.eventId}/results/${finishers.raceId}`);
    const { first, again } = await visits(stage, VISITS);
    finishers.peer.close();
    return {
      'first visit: ms until the first row is painted': middle(first, (it) => it.firstRowMs),
      'first visit: ms, the fastest': rounded(Math.min(...first.map((it) => it.firstRowMs))),
      'first visit: ms, the slowest': rounded(Math.max(...first.map((it) => it.firstRowMs))),
      'first visit: ms until the largest thing is painted': middle(first, (it) => it.largestMs),
      'first visit: requests begun by the first row': middle(first, (it) => it.requests),
      'first visit: KB received by the first row': middle(first, (it) => it.bytes / 1024),
      'first visit: layout shift': middle(first, (it) => it.shift),
      'first visit: ms until it says that it is up to date': middle(first, (it) => it.live.ms),
      'first visit: requests begun by then': middle(first, (it) => it.live.requests),
      'first visit: KB received by then': middle(first, (it) => it.live.bytes / 1024),
      'second visit: ms until the first row is painted': rounded(again?.firstRowMs ?? Number.NaN),
    };
  } finally {
    await stage.dispose();
  }
};

export const phone: Benchmark = {
  name: 'phone',
  method:
    `the page of an event with ${FINISHED} results in Chromium at 360 × 740, with slow 4G (562 ms, 1.5 Mbit/s) and a CPU ${SLOWER_CPU} times slower emulated; ` +
    `${VISITS} browsers that have never been there, medians; one of them again, from its worker`,
  run,
};
