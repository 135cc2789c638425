import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ParticipantId,
  participantIdFor,
  putChips,
  putParticipants,
  readHistory,
  readRoster,
  rosterDocName,
} from '@baton/schema/doc';
import { EventId, RaceId } from '@baton/schema/ids';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { encodeStateAsUpdate } from 'yjs';
import { accessibilityProblems } from './support/axe.ts';
import { openDocument } from './support/documents.ts';
import { createEvent, type Event } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { type Visitor, visit } from './support/visitor.ts';

const PATIENCE = { timeout: 20_000 };
const recorded = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../shared/data/rosters/${name}`, import.meta.url)));

interface Scene {
  readonly stage: Stage;
  readonly url: string;
  readonly event: Event;
  readonly raceId: RaceId;
  /** The roster as the relay gives it to a stock client. */
  readonly doc: Y.Doc;
  readonly passedOn: () => Promise<void>;
}

const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const raceId = RaceId.parse(await event.race('10 km'));
  const name = rosterDocName(EventId.parse(event.eventId));
  const { doc, passedOn } = await openDocument(relay.url, event.operatorToken, name, stage.onEnd);
  return { stage, url: relay.url, event, raceId, doc, passedOn };
};

const visitRoster = async ({ stage, url, event }: Scene): Promise<Visitor> => {
  const visitor = await visit(stage, `${url}/operate#token=${event.operatorToken}`);
  await visitor.page.getByRole('link', { name: 'Roster' }).click();
  return visitor;
};

const panel = (page: Page) => page.getByRole('dialog').first();
const rowOf = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

const add = async (page: Page, bib: string, first: string, last: string): Promise<void> => {
  await page.getByRole('button', { name: 'Add participant' }).click();
  await panel(page).getByLabel('Bib').fill(bib);
  await panel(page).getByLabel('First name').fill(first);
  await panel(page).getByLabel('Last name').fill(last);
  await panel(page).getByRole('button', { name: 'Add participant' }).click();
  await panel(page)
    .getByRole('heading', { name: `${bib} ${first} ${last}` })
    .waitFor(PATIENCE);
};

const close = (page: Page) => panel(page).getByRole('button', { name: 'Close' }).click();
const roster = ({ doc }: Scene) => readRoster(doc).roster;
const idOf = ({ raceId }: Scene, bib: string): ParticipantId => participantIdFor(raceId, bib);

describe('the roster of the operator page', () => {
  it('[RT-42] adds and edits participants, refuses what is none, and warns of a bib worn twice', async () => {
    const scene = await setScene();
    const { page, complaints } = await visitRoster(scene);
    await page.getByText('Nobody yet').waitFor(PATIENCE);
    await page.getByLabel('Race', { exact: true }).selectOption({ label: '10 km (0)' });
    await add(page, '12', 'Ada', 'Quick');
    await until('a chip can be scanned at once', () =>
      panel(page)
        .getByLabel('Scan or type a chip')
        .evaluate((field) => field === document.activeElement),
    );
    await panel(page).getByLabel('Year of birth').fill('nineteen');
    await panel(page).getByRole('button', { name: 'Save changes' }).click();
    await panel(page).getByText('Expected a year from 1850 to 2200').waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    await panel(page).getByLabel('Year of birth').fill('1990');
    await panel(page).getByLabel('Club').fill('AC Aarhus');
    await panel(page).getByRole('button', { name: 'Save changes' }).click();
    await until('the relay has the edit', () => roster(scene).participants.get(idOf(scene, '12'))?.birthYear === 1990);
    expect(roster(scene).participants.get(idOf(scene, '12'))).toMatchObject({
      bib: '12',
      firstName: 'Ada',
      lastName: 'Quick',
      club: 'AC Aarhus',
      raceId: scene.raceId,
    });
    await close(page);

    await page.getByRole('button', { name: 'Add participant' }).click();
    await panel(page).getByLabel('Bib').fill('12');
    await panel(page).getByRole('button', { name: 'Add participant' }).click();
    await page.getByRole('dialog', { name: 'Bib 12 is worn already' }).getByText('Ada Quick').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Save all the same' }).click();
    await until('both are there', () => roster(scene).participants.size === 2);
    await panel(page).getByText('bib worn twice').waitFor(PATIENCE);
    await panel(page).getByRole('button', { name: 'Remove participant…' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await until('one is left', () => roster(scene).participants.size === 1);
    await rowOf(page, 'Ada Quick').waitFor(PATIENCE);
    const author = readHistory(scene.doc, 'roster')[0]?.author;
    expect(author?.name).toBe('operator');
    expect(complaints).toEqual([]);
  });

  it('[RT-42] moves a chip only on yes, and keeps what officials decide with reason, author and time', async () => {
    const scene = await setScene();
    putParticipants(
      scene.doc,
      ['1', '2'].map((bib) => ({
        participantId: idOf(scene, bib),
        bib,
        lastName: `Runner${bib}`,
        raceId: scene.raceId,
      })),
    );
    putChips(scene.doc, [['058003700001', idOf(scene, '1')]]);
    const { page, complaints } = await visitRoster(scene);
    await rowOf(page, 'Runner2').click();
    await panel(page).getByLabel('Scan or type a chip').fill('no chip');
    await page.keyboard.press('Enter');
    await panel(page).getByText('Expected a chip of 12 hex digits').waitFor(PATIENCE);
    await panel(page).getByLabel('Scan or type a chip').fill('058003700001');
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: 'Move chip 058003700001?' });
    await question.getByText('It belongs to 1 Runner1.').waitFor(PATIENCE);
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(roster(scene).chips.get('058003700001')).toBe(idOf(scene, '1'));
    await panel(page).getByRole('button', { name: 'Add chip' }).click();
    await question.getByRole('button', { name: 'Move it' }).click();
    await until('the chip has moved', () => roster(scene).chips.get('058003700001') === idOf(scene, '2'));

    await panel(page).getByLabel('Status').selectOption('DSQ');
    await panel(page).getByRole('button', { name: 'Record correction' }).click();
    await panel(page).getByText('Say why').waitFor(PATIENCE);
    await panel(page).getByLabel('Reason').fill('short cut at 5 km');
    await panel(page).getByLabel('Time by hand').fill('1:75:00');
    await panel(page).getByRole('button', { name: 'Record correction' }).click();
    await panel(page).getByText('Expected h:mm:ss').waitFor(PATIENCE);
    await panel(page).getByLabel('Time by hand').fill('1:02:03.4');
    await panel(page).getByRole('button', { name: 'Record correction' }).click();
    await until('the correction is there', () => roster(scene).corrections.size === 1);
    const made = roster(scene).corrections.get(idOf(scene, '2'));
    expect(made).toMatchObject({ status: 'DSQ', manualMs: 3_723_400, reason: 'short cut at 5 km', author: 'operator' });
    expect(Math.abs((made?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    await close(page);
    await rowOf(page, 'Runner2').getByText('DSQ · 1:02:03.4').waitFor(PATIENCE);
    await page.getByLabel('Show').selectOption('DSQ');
    await page.getByText('1 of 2 participants').waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    await rowOf(page, 'Runner2').click();
    await panel(page).getByRole('button', { name: 'Take back…' }).click();
    await page.getByRole('button', { name: 'Take back', exact: true }).click();
    await until('it is taken back', () => roster(scene).corrections.size === 0);
    expect(complaints).toEqual([]);
  });

  it('[RT-42] imports recorded lists after a preview, takes them back as a whole, and imports nothing of a bad one', async () => {
    const scene = await setScene();
    const { page, complaints } = await visitRoster(scene);
    const choose = (name: string, buffer: Buffer) =>
      page.getByLabel('File').setInputFiles({ name, mimeType: 'text/plain', buffer });
    await page.getByRole('button', { name: 'Import…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a list' });
    await choose('people-100.ppl', recorded('people-100.ppl'));
    await dialog.getByText('Written in UTF-8.').waitFor(PATIENCE);
    expect(await dialog.getByLabel('Race', { exact: true }).inputValue()).toBe(scene.raceId);
    await dialog.getByText('Added: 100').waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(roster(scene).participants.size).toBe(0);
    await dialog.getByRole('button', { name: 'Import 100 rows' }).click();
    await dialog.getByText('Import of people-100.ppl: done').waitFor(PATIENCE);
    await until('all are there', () => roster(scene).participants.size === 100);
    await close(page);
    await page.getByLabel('Search').fill('mitchell');
    await page.getByText('3 of 100 participants').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Change all shown…' }).click();
    await page.getByLabel('DNS').check();
    await page.getByLabel('Reason').fill('bus was late');
    await page.getByRole('button', { name: 'Change 3' }).click();
    await until('three did not start', () => roster(scene).corrections.size === 3);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await until('they may have started', () => roster(scene).corrections.size === 0);
    await page.getByRole('button', { name: 'Import…' }).click();

    await choose('bibchip-100.txt', recorded('bibchip-100.txt'));
    await dialog.getByText('Chips given: 100').waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Import 100 rows' }).click();
    await dialog.getByText('Import of bibchip-100.txt: done').waitFor(PATIENCE);
    await until('all have chips', () => roster(scene).chips.size === 100);
    await dialog.getByRole('button', { name: 'Undo import' }).click();
    await dialog.getByText('Import of bibchip-100.txt: taken back').waitFor(PATIENCE);
    await until('the chips are gone, the people are not', () => roster(scene).chips.size === 0);
    expect(roster(scene).participants.size).toBe(100);

    await dialog.getByRole('button', { name: 'Import another list' }).click();
    await choose('bad.csv', Buffer.from('Bib,Name,Chip\n1,Ada,058003700001\n1,Bob,xyz\n,Cleo,\n'));
    await dialog.getByText('Nothing can be imported: 2 problems').waitFor(PATIENCE);
    expect(await dialog.getByRole('list', { name: 'Problems' }).getByRole('listitem').allTextContents()).toEqual([
      expect.stringContaining('Line 3'),
      expect.stringContaining('Line 4'),
    ]);
    expect(await dialog.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);

    await dialog.getByRole('button', { name: 'Another list' }).click();
    await dialog.getByLabel('Or paste the list').fill('Nr;Wer;Gruppe\n1;Ada Quick;Team A\n500;Zoë Neu;Team B\n');
    await dialog.getByRole('button', { name: 'Read the text' }).click();
    await dialog.getByLabel('Meaning of column 2, Wer').selectOption('Whole name');
    await dialog.getByLabel('Meaning of column 3, Gruppe').selectOption('Club');
    await dialog.getByText('Changed: 1').waitFor(PATIENCE);
    await dialog
      .getByText('1 Ada Quick: first name Patricia → empty, last name Mitchell → Ada Quick')
      .waitFor(PATIENCE);
    await dialog.getByText('Added: 1').waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Another list' }).click();
    await choose('alt.ppl', Buffer.from('7,M\xfcller,J\xf6rg\n', 'latin1'));
    await dialog.getByText('Written in Windows-1252.').waitFor(PATIENCE);
    await dialog.getByText('7 Jörg Müller').waitFor(PATIENCE);
    await dialog.getByRole('button', { name: 'Close' }).click();

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    const exported = readFileSync(await download.path());
    await page.getByRole('button', { name: 'Import…' }).click();
    await choose('roster.csv', exported);
    await dialog.getByText('nothing would change').waitFor(PATIENCE);
    expect(roster(scene).participants.size).toBe(100);
    expect(complaints).toEqual([]);
  });

  it('[P10] keeps both edits when two operators change two fields of one participant', async () => {
    const scene = await setScene();
    const id = idOf(scene, '1');
    putParticipants(scene.doc, [{ participantId: id, bib: '1', lastName: 'Runner', raceId: scene.raceId }]);
    const [ann, bob] = [await visitRoster(scene), await visitRoster(scene)];
    for (const { page } of [ann, bob]) await rowOf(page, 'Runner').click();
    await panel(ann.page).getByLabel('Club').fill('AC Ann');
    await panel(bob.page).getByLabel('First name').fill('Bob');
    await panel(bob.page).getByRole('button', { name: 'Save changes' }).click();
    await panel(ann.page).getByRole('heading', { name: '1 Bob Runner' }).waitFor(PATIENCE);
    expect(await panel(ann.page).getByLabel('Club').inputValue()).toBe('AC Ann');
    await panel(ann.page).getByRole('button', { name: 'Save changes' }).click();
    await until('both are in the document', () => {
      const found = roster(scene).participants.get(id);
      return found?.club === 'AC Ann' && found.firstName === 'Bob';
    });
    await until('Bob sees it', async () => (await panel(bob.page).getByLabel('Club').inputValue()) === 'AC Ann');
  });

  it('[RT-42] stays usable with 55,000 participants', async () => {
    const scene = await setScene();
    const count = 55_000;
    for (let from = 0; from < count; from += 1000) {
      const numbers = Array.from({ length: 1000 }, (_, at) => from + at + 1);
      putParticipants(
        scene.doc,
        numbers.map((n) => ({
          participantId: idOf(scene, String(n)),
          bib: String(n),
          firstName: `First${n % 311}`,
          lastName: `Last${n % 4001}`,
          club: `Club ${n % 503}`,
          sex: n % 2 === 0 ? ('F' as const) : ('M' as const),
          birthYear: 1950 + (n % 55),
          raceId: scene.raceId,
        })),
      );
      putChips(
        scene.doc,
        numbers.map((n) => [`0580037${n.toString(16).padStart(5, '0')}`, idOf(scene, String(n))] as const),
      );
    }
    await scene.passedOn();
    const began = performance.now();
    const { page, complaints } = await visitRoster(scene);
    await page.getByText('55,000 participants').waitFor({ timeout: 60_000 });
    await rowOf(page, 'Last1').first().waitFor(PATIENCE);
    const loaded = performance.now() - began;

    const rowsInPage = () => page.locator('.roster-sizer > tr').count();
    expect(await rowsInPage()).toBeLessThan(60);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('55001');
    const search = async (text: string): Promise<number> =>
      page.evaluate(async (query) => {
        const field = document.querySelector<HTMLInputElement>('#roster-search');
        if (field === null) throw new Error('no search');
        const start = performance.now();
        field.value = query;
        field.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
        return performance.now() - start;
      }, text);
    const times: Record<string, number> = {};
    const firstRow = () => page.locator('.roster-sizer > tr').first().textContent();
    for (const [text, found] of [
      ['54321', '54321First207 Last2308'],
      ['last77 first77', '77First77 Last77'],
      ['club 502', '502First191 Last502'],
      ['05800370d6d8', '55000First264 Last2987'],
    ] as const) {
      times[text] = Math.round(await search(text));
      expect(await firstRow()).toContain(found);
      expect(await rowsInPage()).toBeLessThan(60);
    }
    await search('');
    await page.locator('.roster-scroller').evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await rowOf(page, '55000').first().waitFor(PATIENCE);
    expect(await rowsInPage()).toBeLessThan(60);
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await panel(page).getByRole('heading', { name: '54999 First263 Last2986' }).waitFor(PATIENCE);
    await panel(page).getByLabel('Club').fill('Changed');
    const edited = performance.now();
    await panel(page).getByRole('button', { name: 'Save changes' }).click();
    await rowOf(page, 'Changed').waitFor({ ...PATIENCE, state: 'attached' });
    const shownAfterEdit = performance.now() - edited;
    const memory = await page.evaluate(() => {
      const { memory: heap } = performance as unknown as { memory?: { readonly usedJSHeapSize: number } };
      return heap?.usedJSHeapSize ?? 0;
    });
    process.stdout.write(
      `roster of ${count}: encoded ${encodeStateAsUpdate(scene.doc).length} bytes; list shown after ${Math.round(loaded)} ms ` +
        `(with the browser's start); search to next frame ${JSON.stringify(times)} ms; ` +
        `an edit shown after ${Math.round(shownAfterEdit)} ms; JS heap ${Math.round(memory / 1e6)} MB\n`,
    );
    expect(complaints).toEqual([]);
  }, 300_000);
});
