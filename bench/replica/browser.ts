import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launchChromium, rendererBytes } from '../support/chromium.ts';
import { type CountingServer, startCountingServer } from '../support/counting-server.ts';
import { folderBytes } from '../support/folder-size.ts';
import { type Benchmark, type Figures, rounded } from '../support/measure.ts';
import { CANDIDATES, type CandidateName, type PageReport, type PageTask } from './browser/candidate.ts';
import { buildPageFiles } from './page-files.ts';
import { openRaceWorld, type RaceWorld, RUNNERS } from './race-world.ts';

const READS = 100_000;
const PAGE_MS = 600_000;
const MB = 1e6;

const LABELS: Readonly<Record<CandidateName, string>> = {
  opfs: 'replica, OPFS',
  indexeddb: 'replica, IndexedDB',
  sqlite: 'sqlite-wasm, OPFS',
  pouchdb: 'PouchDB, IndexedDB',
};

interface Visit {
  readonly report: PageReport;
  readonly memory: number | null;
}

/** A page that fails says so at once, not after the longest wait. */
const reportOf = async (page: Page): Promise<PageReport> => {
  let limit: NodeJS.Timeout | undefined;
  const failed = new Promise<never>((_resolve, reject) => {
    page.on('pageerror', reject);
    page.on('console', (message) => {
      if (message.type() === 'error') reject(new Error(message.text()));
    });
    limit = setTimeout(() => reject(new Error(`the page was not done after ${PAGE_MS} ms`)), PAGE_MS);
  });
  try {
    return await Promise.race([page.evaluate(() => globalThis.report), failed]);
  } finally {
    clearTimeout(limit);
  }
};

/** One browser, from its start to its end; a second one in the same folder finds what the first stored. */
const visit = async (profile: string, url: string, task: PageTask): Promise<Visit> => {
  const context = await launchChromium(profile);
  try {
    const page = await context.newPage();
    await page.goto(`${url}/index.html#${encodeURIComponent(JSON.stringify(task))}`);
    const report = await reportOf(page);
    return { report, memory: await rendererBytes(profile) };
  } finally {
    await context.close();
  }
};

const storedBytes = async (profile: string): Promise<number> =>
  (await folderBytes(join(profile, 'Default', 'File System'))) +
  (await folderBytes(join(profile, 'Default', 'IndexedDB')));

const figuresOf = (label: string, cold: Visit, warm: Visit, server: CountingServer, stored: number): Figures => ({
  [`${label}: s from the page's load until open, cold`]: rounded(cold.report.openSeconds),
  [`${label}: s from open until all reads are held`]: rounded(
    (cold.report.heldSeconds ?? Number.NaN) - cold.report.openSeconds,
  ),
  [`${label}: s from open until results are answered`]: rounded(cold.report.answerSeconds - cold.report.openSeconds),
  [`${label}: s from the page's load until results are answered, warm`]: rounded(warm.report.answerSeconds),
  ...(cold.report.resultsMs === null
    ? {}
    : { [`${label}: kept results, first 50, p50 ms`]: rounded(cold.report.resultsMs) }),
  [`${label}: first at the finish straight from the reads, p50 ms`]: rounded(cold.report.answerMs),
  ...(cold.memory === null ? {} : { [`${label}: MB of the renderer, filled`]: Math.round(cold.memory / MB) }),
  ...(warm.memory === null ? {} : { [`${label}: MB of the renderer, warm`]: Math.round(warm.memory / MB) }),
  [`${label}: MB on disk`]: Math.round(stored / MB),
  [`${label}: MB that the browser counts`]: Math.round(cold.report.estimateMb),
  [`${label}: MB transferred from the relay, cold`]: rounded(server.relayBytes() / MB),
  [`${label}: MB transferred of code, gzip, both starts`]: rounded(server.fileBytes() / MB),
});

type Serve = Awaited<ReturnType<typeof buildPageFiles>>;

const measure = async ({ stage }: RaceWorld, files: Serve, candidate: CandidateName): Promise<Figures> => {
  const profile = await mkdtemp(join(tmpdir(), 'baton-bench-browser-'));
  const server = await startCountingServer(stage.url, files);
  const nodeId = `page-${candidate}`;
  const token = await stage.token('receiver', nodeId);
  const task = { candidate, token, eventId: stage.eventId, nodeId, reads: READS };
  try {
    const cold = await visit(profile, server.url, { ...task, start: 'cold' });
    const stored = await storedBytes(profile);
    const warm = await visit(profile, server.url, { ...task, start: 'warm' });
    if (warm.report.rows !== cold.report.rows) throw new Error(`${candidate} lost reads between two starts`);
    return figuresOf(LABELS[candidate], cold, warm, server, stored);
  } finally {
    server.close();
    await rm(profile, { recursive: true, force: true });
  }
};

const run = async (): Promise<Figures> => {
  const files = await buildPageFiles();
  const world = await openRaceWorld(READS);
  const figures: Record<string, number> = {};
  try {
    for (const candidate of CANDIDATES) Object.assign(figures, await measure(world, files, candidate));
  } finally {
    await world.stage.dispose();
  }
  return figures;
};

export const replicaBrowser: Benchmark = {
  name: 'replica-browser',
  method:
    `${READS} reads of ${RUNNERS} runners pulled by a page in Chromium, a fresh profile for each, from the same relay over the same WebSocket by the same pull ` +
    'client: the replica of the receiver in OPFS and in IndexedDB, with roll-ups and results; sqlite-wasm (OPFS by access handles, same columns and ' +
    'indexes, same SQL) and PouchDB (bulkDocs, one document a read, question answered in memory), both without roll-ups and results; ' +
    'warm: another browser on the same profile, nothing pulled',
  run,
};
