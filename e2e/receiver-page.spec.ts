import { readFileSync } from 'node:fs';
import {
  participantIdFor,
  putChips,
  putParticipants,
  readSelection,
  receiverDocName,
  rosterDocName,
} from '@baton/schema/doc';
import { EventId, NodeId, RaceId } from '@baton/schema/ids';
import { renderIpicoLine } from '@baton/schema/reads';
import { createApi } from '@baton/testkit/api';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityProblems } from './support/axe.ts';
import { openDocument } from './support/documents.ts';
import { createEvent, type Event } from './support/event.ts';
import { type Relay, startForwarder, startRelay } from './support/nodes.ts';
import { openRelayFiller } from './support/relay-filler.ts';
import { type ScriptedReader, startScriptedReader } from './support/scripted-reader.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { light, visit } from './support/visitor.ts';

const STREAM = 'mat-1.finish';
const START = Date.UTC(2026, 4, 17, 10);
const TABS = ['Overview', 'Reads', 'Results', 'Chips', 'SQL', 'Export'] as const;
const PATIENCE = { timeout: 60_000 };
/** A cold database takes seconds, and a minute on a busy machine. */
const OPENING = { timeout: 180_000 };
const STORY_MS = 420_000;

const NAMES = ['Ada Quick', '<img src=x onerror=alert(1)>', '=HYPERLINK("http://x")', 'Bo O’Neil'] as const;
const nameOf = (runner: number): string => `${NAMES[runner % NAMES.length]} ${runner}`;
const chipOf = (runner: number): string => `0580aa${runner.toString(16).padStart(6, '0')}`;

/** A read of a runner's chip, `ms` after the start by the reader's own clock. */
const crossing = (runner: number, ms: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: chipOf(runner),
    iCount: 1,
    qCount: 1,
    wallHundredths: Math.round((START + ms) / 10),
    extra: null,
    kind: 'RAW',
  });

interface Scene {
  readonly stage: Stage;
  readonly url: string;
  readonly relay: Relay;
  readonly event: Event;
  readonly raceId: string;
  readonly reader: ScriptedReader;
}

/** A relay, a race whose start is known, and a forwarder at one reader whose epoch belongs to it. */
const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const raceId = await event.race('10 km');
  const categories = [
    { categoryId: 'w', name: 'Women', sex: 'F' },
    { categoryId: 'm', name: 'Men', sex: 'M' },
  ];
  await event.operator.must('PATCH', `/races/${raceId}`, { startAt: '2026-05-17T10:00:00', categories });
  const reader = await startScriptedReader(stage.onEnd);
  await startForwarder(stage, {
    relay: relay.url,
    token: await event.token('forwarder', 'mat-1'),
    readers: [`finish=${reader.address}`],
    journal: stage.folder('journal'),
  });
  await reader.connected();
  await until('the relay knows the stream', async () => {
    const found = (await event.operator.must('GET', `/streams?eventId=${event.eventId}`)) as { streams: unknown[] };
    return found.streams.length > 0;
  });
  await event.map(STREAM, 1, raceId);
  return { stage, url: relay.url, relay, event, raceId, reader };
};

/** Of the filler's reads, whose chips come around every 997. */
const fillerChip = (runner: number): string => `0580${runner.toString(16).padStart(8, '0')}`;

const enterRunners = async (
  { stage, url, event, raceId: race }: Pick<Scene, 'stage' | 'url' | 'event' | 'raceId'>,
  count: number,
  chip = chipOf,
): Promise<void> => {
  const roster = await openDocument(url, event.operatorToken, rosterDocName(EventId.parse(event.eventId)), stage.onEnd);
  const raceId = RaceId.parse(race);
  const runners = Array.from({ length: count }, (_, at) => at);
  const idOf = (at: number) => participantIdFor(raceId, String(100 + at));
  putParticipants(
    roster.doc,
    runners.map((at) => ({
      participantId: idOf(at),
      bib: String(100 + at),
      lastName: nameOf(at),
      sex: at % 2 === 0 ? 'F' : 'M',
      raceId,
    })),
  );
  putChips(
    roster.doc,
    runners.map((at) => [chip(at), idOf(at)]),
  );
  await roster.passedOn();
};

const tab = async (page: Page, name: (typeof TABS)[number]): Promise<void> => {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
};

const gridRows = (page: Page): Locator => page.locator('.grid-sizer > .grid-row');
const cellsOf = async (row: Locator): Promise<readonly string[]> => row.locator('.grid-cell').allInnerTexts();

/** Texts of the rows in view that are cut short on a phone, where they have lines to wrap into. */
const cutOnPhone = async (page: Page): Promise<readonly string[]> => {
  const size = page.viewportSize() ?? { width: 1280, height: 900 };
  await page.setViewportSize({ width: 320, height: 640 });
  await page.locator('.grid-wraps').waitFor(PATIENCE);
  const cut = await gridRows(page)
    .locator('.grid-cell')
    .evaluateAll((cells) =>
      cells
        .filter((it) => it.scrollWidth > it.clientWidth || it.scrollHeight > it.clientHeight)
        .map((it) => it.textContent ?? ''),
    );
  await page.setViewportSize(size);
  await page.locator('.grid-wraps').waitFor({ ...PATIENCE, state: 'detached' });
  return cut;
};

/** What a click saves. */
const saved = async (
  page: Page,
  click: () => Promise<void>,
): Promise<{ readonly name: string; readonly text: string }> => {
  const [download] = await Promise.all([page.waitForEvent('download', PATIENCE), click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'latin1') };
};

const runSql = async (page: Page, sql: string): Promise<void> => {
  await page.getByLabel('Statement').fill(sql);
  await page.getByLabel('Statement').press('Control+Enter');
};

describe('the receiver page', () => {
  it(
    '[RT-28] stores what was chosen: mode, race, scope, streams',
    async () => {
      const { stage, url, event, raceId, reader } = await setScene();
      const token = await event.token('receiver', 'desk');
      await reader.sendLines([crossing(1, 1000)], 100);
      const { page, complaints } = await visit(stage, `${url}/receive#token=${token}`);
      await light(page, 'Live').waitFor(OPENING);
      const name = receiverDocName(EventId.parse(event.eventId), NodeId.parse('desk'));
      const { doc } = await openDocument(url, token, name, stage.onEnd);
      const stores = (wanted: unknown) =>
        until('the document holds what was chosen', () => {
          expect(readSelection(doc)).toEqual(wanted);
          return true;
        });

      await page.getByLabel('Race', { exact: true }).selectOption({ label: '10 km' });
      await stores({ mode: 'race', raceId, epochScope: 'all' });
      await page.getByLabel('Current only').check();
      await stores({ mode: 'race', raceId, epochScope: 'current' });
      await page.getByLabel('Single streams').check();
      await page.getByRole('checkbox', { name: STREAM }).check();
      await stores({ mode: 'manual', streams: [STREAM] });
      await page.getByLabel('A race').check();
      await stores({ mode: 'race', raceId, epochScope: 'current' });
      await page.getByText('complete to 1 of 1').waitFor(PATIENCE);
      await light(page, 'Complete').waitFor(PATIENCE);
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );

  it(
    'shows 15,000 reads from first to last, still while one reads, and those of one runner',
    async () => {
      const stage = createStage();
      const { url } = await startRelay(stage);
      const event = await createEvent(url);
      const raceId = await event.race('10 km');
      await enterRunners({ stage, url, event, raceId }, 50, fillerChip);
      const token = await event.token('forwarder', 'mat-2');
      const filler = await openRelayFiller(url, { eventId: event.eventId, nodeId: 'mat-2', token });
      stage.onEnd(filler.close);
      await filler.add(15_000);
      await event.map(filler.streamId, 1, raceId);
      const { page, complaints } = await visit(stage, `${url}/receive#token=${await event.token('receiver', 'desk')}`);
      await page.getByLabel('Race', { exact: true }).selectOption({ label: '10 km' });
      await page.getByText('complete to 15,000 of 15,000').waitFor({ timeout: 215_000 });

      await tab(page, 'Reads');
      await page.getByText('15,000 reads', { exact: true }).waitFor(PATIENCE);
      const row = (index: number) => page.locator(`[data-index="${index}"]`);
      await row(0).getByText('1/15,000').waitFor(PATIENCE);
      expect(await gridRows(page).count()).toBeLessThan(80);
      await row(0).focus();
      await filler.add(1);
      await row(0).getByText('1/15,001').waitFor(PATIENCE);
      const all = filler.count();
      await page.keyboard.press('End');
      await row(all - 1)
        .getByText('1/1', { exact: true })
        .waitFor(PATIENCE);
      expect(await cellsOf(row(all - 1))).toMatchObject({ 1: '100', 2: nameOf(0), 3: fillerChip(0) });
      const scroller = page.locator('.grid-scroller');
      await scroller.evaluate((it) => it.scrollTo(0, it.scrollHeight / 2));
      await until('the middle is shown', async () => {
        const shown = await gridRows(page).evaluateAll((rows) =>
          rows.map((it) => Number(it.getAttribute('data-index'))),
        );
        return shown.some((it) => it > all * 0.45 && it < all * 0.55);
      });
      await page
        .locator('.grid-waiting')
        .first()
        .waitFor({ ...PATIENCE, state: 'detached' });

      const before = await scroller.textContent();
      await filler.add(2);
      const fresh = page.getByRole('button', { name: '2 new reads' });
      await fresh.waitFor(PATIENCE);
      expect(await scroller.textContent()).toBe(before);
      await fresh.click();
      await row(0).getByText('1/15,003').waitFor(PATIENCE);
      await filler.add(1);
      await row(0).getByText('1/15,004').waitFor(PATIENCE);

      await page.getByLabel('Chip or bib').fill('107');
      await page.getByText('16 reads', { exact: true }).waitFor(PATIENCE);
      await row(0).getByText(nameOf(7)).waitFor(PATIENCE);
      await page.getByLabel('Chip or bib').fill(fillerChip(900));
      await page.getByText('15 reads', { exact: true }).waitFor(PATIENCE);
      await row(0).getByText('unknown').waitFor(PATIENCE);
      expect(new URL(page.url()).searchParams.get('who')).toBe(fillerChip(900));
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );

  it(
    '[P13] has the relay’s results, answers SQL, finds chips and saves files, also without the relay',
    async () => {
      const scene = await setScene();
      const { stage, url, relay, event, raceId, reader } = scene;
      await enterRunners(scene, 24);
      for (const status of ['startlist', 'running']) {
        await event.operator.must('PATCH', `/events/${event.eventId}/status`, { status });
      }
      const runners = Array.from({ length: 20 }, (_, at) => at);
      await reader.sendLines(
        [
          ...runners.map((at) => crossing(at, 2_000_000 + ((at * 7919) % 977) * 1000)),
          crossing(999, 2_100_000),
          'no read',
        ],
        1000,
      );
      const { page, context, complaints } = await visit(
        stage,
        `${url}/receive#token=${await event.token('receiver', 'desk')}`,
      );
      await page.setViewportSize({ width: 1280, height: 1500 });
      await page.getByLabel('Race', { exact: true }).selectOption({ label: '10 km' });
      await page.getByText('complete to 21 of 21').waitFor(OPENING);

      interface Result {
        readonly bib: string;
        readonly name: string;
        readonly rank: number | null;
        readonly gunMs: number | null;
        readonly sexRank: number | null;
      }
      const wanted = (await createApi(url, event.operatorToken).must(
        'GET',
        `/events/${event.eventId}/results/${raceId}?limit=100`,
      )) as { readonly data: readonly Result[] };
      expect(wanted.data).toHaveLength(20);
      const exported = await fetch(`${url}/api/v1/streams/${STREAM}/export.txt`, {
        headers: { authorization: `Bearer ${event.operatorToken}` },
      });
      const wantedText = Buffer.from(await exported.arrayBuffer()).toString('latin1');
      const exportedCsv = await fetch(`${url}/api/v1/streams/${STREAM}/export.csv`, {
        headers: { authorization: `Bearer ${event.operatorToken}` },
      });
      const wantedCsv = Buffer.from(await exportedCsv.arrayBuffer()).toString('latin1');
      await page.getByText('This page is kept on the device').waitFor(PATIENCE);
      const devtools = await context.newCDPSession(page);
      expect(await devtools.send('Page.getInstallabilityErrors')).toEqual({ installabilityErrors: [] });
      await relay.program.end('SIGKILL');
      await light(page, 'Offline').or(light(page, 'Connecting…')).waitFor(PATIENCE);
      await page.locator('.topbar').getByText('Relay unreachable since').waitFor(PATIENCE);

      await tab(page, 'Results');
      await page.getByText('20 results').waitFor(PATIENCE);
      await until('all rows are there', async () => (await gridRows(page).count()) === 20);
      const shown = await Promise.all((await gridRows(page).all()).map(cellsOf));
      expect(shown.map(([place, bib, name]) => [place, bib, name])).toEqual(
        wanted.data.map(({ rank, bib, name }) => [`${rank}.`, bib, name]),
      );
      expect(await cutOnPhone(page)).toEqual([]);
      await page.getByLabel('Sex').selectOption('F');
      await page.getByText('10 results').waitFor(PATIENCE);
      await page.getByLabel('Bib, name or club').fill('hyperlink 104');
      await page.getByText('Nobody fits').waitFor(PATIENCE);
      await page.getByLabel('Bib, name or club').fill('104');
      await page.getByText('1 result', { exact: true }).waitFor(PATIENCE);
      await gridRows(page).first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByRole('link', { name: 'All reads of bib 104' }).waitFor(PATIENCE);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

      await tab(page, 'SQL');
      await runSql(page, 'SELECT bib, name, rank, gun_ms, sex_rank FROM results ORDER BY rank, bib');
      await page.getByText('20 rows').waitFor(PATIENCE);
      expect(await page.locator('.grid-scroller img').count()).toBe(0);
      const csv = await saved(page, () => page.getByRole('button', { name: 'Download CSV' }).click());
      expect(csv.name).toBe('query.csv');
      const [head, ...rows] = Buffer.from(csv.text, 'latin1').toString('utf8').trimEnd().split('\r\n');
      expect(head).toBe('\uFEFFbib,name,rank,gun_ms,sex_rank');
      const inert = (name: string) => {
        const safe = name.startsWith('=') ? `'${name}` : name;
        return safe.includes('"') ? `"${safe.replaceAll('"', '""')}"` : safe;
      };
      const numbers = ({ rank, gunMs, sexRank }: Result) => `${rank},${gunMs},${sexRank}`;
      expect(rows).toEqual(wanted.data.map((it) => `${it.bib},${inert(it.name)},${numbers(it)}`));
      await runSql(page, 'DELETE FROM reads');
      await page.getByText('cannot execute DELETE in a read-only transaction').waitFor(PATIENCE);
      await runSql(page, `SELECT '<b id=bad>x</b>' AS "<i>name</i>"`);
      await page.getByText('<b id=bad>x</b>', { exact: true }).waitFor(PATIENCE);
      await page.getByText('<i>name</i>', { exact: true }).waitFor(PATIENCE);
      expect(await page.locator('#bad').count()).toBe(0);
      await runSql(page, 'SELECT nonsense');
      await page.getByText('column "nonsense" does not exist').waitFor(PATIENCE);
      expect(await page.getByLabel('Run before on this device').locator('option').count()).toBe(5);

      await tab(page, 'Chips');
      await page.getByText('1 chip.').waitFor(PATIENCE);
      await gridRows(page).getByText(chipOf(999)).click();
      await page.getByText('1 read', { exact: true }).waitFor(PATIENCE);
      expect(new URL(page.url()).search).toContain(`who=${chipOf(999)}`);

      await tab(page, 'Export');
      const lines = await saved(page, () => page.getByRole('button', { name: 'Save 21 reads' }).click());
      expect(lines.text).toBe(wantedText);
      await page.getByLabel('CSV', { exact: true }).check();
      const table = await saved(page, () => page.getByRole('button', { name: 'Save 21 reads' }).click());
      expect(table.text).toBe(wantedCsv);
      const results = await saved(page, () => page.getByRole('button', { name: 'Save results' }).click());
      expect(results.text.split('\r\n')).toHaveLength(22);

      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const name of TABS) {
          await tab(page, name);
          if (name === 'Reads' || name === 'Results' || name === 'Chips')
            await gridRows(page).first().waitFor(PATIENCE);
          expect(await accessibilityProblems(page), `${name}, ${colorScheme}`).toEqual([]);
        }
      }

      await page.close();
      const cold = await context.newPage();
      await cold.goto(`${url}/receive?view=results`);
      await until('the results come without a relay', async () => (await gridRows(cold).count()) > 10, OPENING.timeout);
      expect(await cellsOf(gridRows(cold).first())).toMatchObject({ 0: '1.', 1: wanted.data[0]?.bib });
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );
});
