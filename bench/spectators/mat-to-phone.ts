import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type Benchmark, type Figures, quantile, rounded } from '../support/measure.ts';
import { addRace } from '../support/race-receiver.ts';
import { openReader } from '../support/reader.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { importRunners, lineAt } from './finishers.ts';

const WARM_UP = 10;
const READS = 300;
/** Not a multiple of what the relay gathers: reads come at any moment of it. */
const EVERY_MS = 230;
const PATIENCE_MS = 60_000;
const GUN = Date.UTC(2026, 3, 12, 9);

/** Each runner is faster than all before: a new first row of the list. */
const lineOf = (bib: number): string => lineAt(bib, (GUN + 3_600_000) / 10 - bib * 7);

/** The page notes when each bib is on the screen first, by the machine's clock. */
const NOTE_ROWS = (): void => {
  const seen: Record<string, number> = {};
  Object.assign(window, { seen });
  const look = (): void => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('tbody .result-link')];
    const fresh = links.map((it) => new URL(it.href).searchParams.get('bib') ?? '').filter((bib) => !(bib in seen));
    if (fresh.length === 0) return;
    requestAnimationFrame(() =>
      setTimeout(() => {
        for (const bib of fresh) seen[bib] ??= performance.timeOrigin + performance.now();
      }, 0),
    );
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
};

const seenBy = (page: Page): Promise<Readonly<Record<string, number>>> =>
  page.evaluate(() => Reflect.get(window, 'seen'));

const send = async (mat: Socket): Promise<ReadonlyMap<string, number>> => {
  const sentAt = new Map<string, number>();
  for (let bib = 1; bib <= WARM_UP + READS; bib++) {
    sentAt.set(String(bib), performance.timeOrigin + performance.now());
    mat.write(`${lineOf(bib)}\r\n`);
    await wait(EVERY_MS);
  }
  return sentAt;
};

/** The forwarder's first session makes its stream. */
const untilKnown = async (stage: Stage, streamId: string): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const known = JSON.stringify(await stage.api.must('GET', `/streams?eventId=${stage.eventId}`));
    if (known.includes(`"${streamId}"`)) return;
    if (performance.now() > end) throw new Error(`the relay never heard of ${streamId}`);
    await wait(100);
  }
};

/** A race whose finish is a mat of a real forwarder. */
const prepare = async (stage: Stage, readerPort: number): Promise<void> => {
  for (const status of ['startlist', 'running'])
    await stage.api.must('PATCH', `/events/${stage.eventId}/status`, { status });
  const raceId = await addRace(stage, '10 km');
  await stage.api.must('PATCH', `/races/${raceId}`, { startAt: '2026-04-12T09:00:00' });
  await importRunners(stage, raceId, WARM_UP + READS);
  const forwarder = stage.start([
    ...['forward', '--relay', stage.url, '--token', await stage.token('forwarder', 'f1')],
    ...['--reader', `mat=127.0.0.1:${readerPort}`, '--journal', stage.folder('journal')],
  ]);
  await forwarder.line(/^forwarding/);
  await untilKnown(stage, 'f1.mat');
  await stage.api.must('PUT', '/streams/f1.mat/epochs/1/race', { raceId });
};

const measure = async (page: Page, mat: Socket): Promise<readonly number[]> => {
  const sentAt = await send(mat);
  const last = String(WARM_UP + READS);
  await page.waitForFunction((bib) => bib in Reflect.get(window, 'seen'), last, { timeout: PATIENCE_MS });
  const seen = await seenBy(page);
  // one that came together with a faster one is there as well: a list holds the first fifty
  return [...sentAt].slice(WARM_UP).map(([bib, at]) => (seen[bib] ?? Number.NaN) - at);
};

const run = async (): Promise<Figures> => {
  const stage = await openStage();
  const reader = await openReader();
  const profile = await mkdtemp(join(tmpdir(), 'baton-phone-'));
  try {
    await prepare(stage, reader.port);
    const context = await launchChromium(profile);
    const page = await context.newPage();
    await page.addInitScript(NOTE_ROWS);
    await page.goto(`${stage.url}/e/${stage.eventId}`);
    await page.getByText(/^Updated /).waitFor({ timeout: PATIENCE_MS });
    const delays = await measure(page, await reader.client);
    await context.close();
    const missing = delays.filter(Number.isNaN).length;
    if (missing > 0) throw new Error(`${missing} reads never came to the screen`);
    return {
      'line on TCP to row on the screen, p50 ms': rounded(quantile(delays, 0.5)),
      'line on TCP to row on the screen, p99 ms': rounded(quantile(delays, 0.99)),
    };
  } finally {
    reader.close();
    await stage.dispose();
    await rm(profile, { recursive: true, force: true });
  }
};

export const matToPhone: Benchmark = {
  name: 'mat-to-phone',
  method:
    `reader, forwarder, relay and Chromium as real processes; ${READS} finishers, one each ${EVERY_MS} ms, after ${WARM_UP} to warm up, each the new first; ` +
    'from the write at the reader to the frame that shows the row',
  run,
};
