import {
  mapEpoch,
  participantIdFor,
  putChip,
  putParticipants,
  putRace,
  readSetup,
  rosterDocName,
  setupDocName,
} from '@baton/schema/doc';
import { EventId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { textOf } from '@baton/testkit/api';
import { openNetworkGate } from '@baton/testkit/network-gate';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { accessibilityProblems } from './support/axe.ts';
import { launchShared, type SharedBrowser } from './support/browser.ts';
import { openDocument } from './support/documents.ts';
import { createEvent, type Event } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { light } from './support/visitor.ts';

const PATIENCE = { timeout: 15_000 };
const STREAM = StreamId.parse('mat-1.finish');

let browser: SharedBrowser;
beforeAll(async () => {
  browser = await launchShared();
});
afterAll(() => browser.close());

interface Scene {
  readonly stage: Stage;
  readonly url: string;
  readonly port: number;
  readonly event: Event;
  readonly raceId: RaceId;
}

const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const { url, port } = await startRelay(stage);
  const event = await createEvent(url);
  return { stage, url, port, event, raceId: RaceId.parse(await event.race('10 km')) };
};

interface Operator {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: readonly string[];
}

/** An operator with a name and a profile of their own, at the races. */
const operator = async ({ stage, event, ...scene }: Scene, label: string, url = scene.url): Promise<Operator> => {
  const { eventId } = event;
  const context = await browser.person();
  stage.onEnd(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  const token = textOf(await event.admin.must('POST', '/tokens', { role: 'operator', eventId, label }), 'token');
  await page.goto(`${url}/operate#token=${token}`);
  await light(page, 'Saved').waitFor(PATIENCE);
  await openPart(page, 'Races');
  return { page, context, complaints };
};

/** The tab's name ends with the number of conflicts while there are some. */
const openPart = (page: Page, part: string): Promise<void> =>
  page
    .getByRole('navigation', { name: 'Parts of the event' })
    .getByRole('link', { name: new RegExp(`^${part}`) })
    .click();

const nameField = (page: Page, race: string): Locator =>
  page.getByRole('region', { name: race, exact: true }).getByLabel('Name', { exact: true });

const rename = async (page: Page, from: string, to: string): Promise<void> => {
  await nameField(page, from).fill(to);
  await nameField(page, from).press('Enter');
  await page.getByRole('heading', { name: to, exact: true }).waitFor(PATIENCE);
};

const conflictNotice = (page: Page, text: string): Locator => page.getByText(text, { exact: true });

const conflict = (page: Page, title: string): Locator => page.getByRole('listitem', { name: title });

/** On the narrowest phone, in the dark or by day: nothing for axe to say, and nothing beside the screen. */
const expectAccessible = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
  await page.setViewportSize({ width: 320, height: 900 });
  await page.emulateMedia({ colorScheme });
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  await page.setViewportSize({ width: 1280, height: 900 });
};

const noComplaints = (...visitors: readonly Operator[]): void =>
  expect(visitors.flatMap((it) => it.complaints)).toEqual([]);

describe('operators together', () => {
  it('[P10][RT-29] one race renamed by two apart: both see both names, one click decides for everybody, and undo asks again', async () => {
    const scene = await setScene();
    const gate = await openNetworkGate(scene.port, scene.stage.onEnd);
    const [ada, ben, cleo] = await Promise.all([
      operator(scene, 'Ada'),
      operator(scene, 'Ben', gate.url),
      operator(scene, 'Cleo'),
    ]);
    gate.cut();
    await light(ben.page, 'Offline').waitFor(PATIENCE);
    await rename(ada.page, '10 km', 'Ten');
    await rename(ben.page, '10 km', 'Zehn');
    await ben.page.getByText('Nobody else is here').waitFor(PATIENCE);
    await light(ada.page, 'Saved').waitFor(PATIENCE);
    gate.mend();

    for (const { page } of [ada, ben, cleo]) {
      await conflictNotice(page, '1 conflict to decide').waitFor(PATIENCE);
      await page.getByRole('button', { name: 'Review' }).click();
      const card = page.locator('.conflict');
      await card.getByText('“Ten”', { exact: true }).waitFor(PATIENCE);
      await card.getByText('“Zehn”', { exact: true }).waitFor(PATIENCE);
      expect(await card.textContent()).toMatch(/Stands now.*Was overruled/);
      expect(await card.textContent()).toMatch(/Ada, \d.*Ben, \d|Ben, \d.*Ada, \d/);
    }
    await expectAccessible(cleo.page, 'dark');

    await cleo.page.getByRole('button', { name: /: “Zehn”, by Ben/ }).click();
    for (const { page } of [ada, ben, cleo]) {
      await page.getByRole('heading', { name: 'No conflicts' }).waitFor(PATIENCE);
      await openPart(page, 'Races');
      await page.getByRole('heading', { name: 'Zehn', exact: true }).waitFor(PATIENCE);
    }
    await cleo.page.getByRole('button', { name: /^Undo: / }).click();
    await conflictNotice(ada.page, '1 conflict to decide').waitFor(PATIENCE);
    noComplaints(ada, ben, cleo);
  });

  it('[RT-29] undo takes back only one’s own, the history tells both, and an edit of it can be taken back', async () => {
    const scene = await setScene();
    const [ada, ben] = await Promise.all([operator(scene, 'Ada'), operator(scene, '<b>Ben</b>')]);
    await rename(ada.page, '10 km', 'Ten');
    await ben.page.getByRole('heading', { name: 'Ten', exact: true }).waitFor(PATIENCE);
    await ben.page.getByLabel('New race').fill('5 km');
    await ben.page.getByRole('button', { name: 'Add race' }).click();
    await ada.page.getByRole('heading', { name: '5 km', exact: true }).waitFor(PATIENCE);

    await ada.page.getByRole('link', { name: 'Races' }).focus();
    await ada.page.keyboard.press('Control+z');
    await ada.page.getByText(/^Undone: Race “(Ten|10 km)”: name\.$/).waitFor(PATIENCE);
    await ben.page.getByRole('heading', { name: '10 km', exact: true }).waitFor(PATIENCE);
    await ben.page.getByRole('heading', { name: '5 km', exact: true }).waitFor(PATIENCE);
    await ada.page.keyboard.press('Control+Shift+z');
    await ben.page.getByRole('heading', { name: 'Ten', exact: true }).waitFor(PATIENCE);

    await openPart(ben.page, 'History');
    const entries = ben.page.locator('.history-entry');
    const renamed = entries.filter({ hasText: 'name changed from “10 km” to “Ten”' });
    await renamed.first().waitFor(PATIENCE);
    expect(await renamed.first().locator('.history-who strong').textContent()).toBe('Ada');
    const added = entries.filter({ hasText: 'Race “5 km”: added' });
    expect(await added.locator('.history-who strong').textContent()).toBe('<b>Ben</b>');
    await ben.page.getByLabel('Who', { exact: true }).selectOption('Ada');
    expect(await added.count()).toBe(0);
    await ben.page.getByLabel('Search').fill('nothing like it');
    await ben.page.getByText('No edit is like that').waitFor(PATIENCE);
    await ben.page.getByLabel('Search').fill('to “Ten”');
    await expectAccessible(ben.page, 'light');
    await entries
      .first()
      .getByRole('button', { name: /^Take back: / })
      .click();
    await ada.page.getByRole('heading', { name: '10 km', exact: true }).waitFor(PATIENCE);
    noComplaints(ada, ben);
  });

  it('[RT-29] shows who is here and what they edit, and nobody who has gone', async () => {
    const scene = await setScene();
    const ada = await operator(scene, 'Ada Lovelace');
    await ada.page.getByText('Nobody else is here').waitFor(PATIENCE);
    const ben = await operator(scene, 'Ben');
    const second = await ben.context.newPage();
    await second.goto(`${scene.url}/operate`);
    await light(second, 'Saved').waitFor(PATIENCE);

    await ada.page.getByText('1 other here').waitFor(PATIENCE);
    await ben.page.getByText('2 others here').waitFor(PATIENCE);
    await second.getByText('2 others here').waitFor(PATIENCE);
    await nameField(ben.page, '10 km').focus();
    await ada.page.getByText('Ben is editing').waitFor(PATIENCE);
    await ada.page.getByText('1 other here').click();
    await ada.page.getByText('editing Race “10 km”: name').waitFor(PATIENCE);
    await rename(ada.page, '10 km', 'Ten');
    await ben.page.getByRole('heading', { name: 'Ten', exact: true }).waitFor(PATIENCE);

    await second.close();
    await ben.page.close();
    await ada.page.getByText('Nobody else is here').waitFor(PATIENCE);
    expect(await ada.page.getByText('Ben is editing').count()).toBe(0);
    noComplaints(ada, ben);
  });

  it('[P10] one chip on two people and two races for one epoch are shown with names, and decided', async () => {
    const scene = await setScene();
    const { url, event, stage, raceId } = scene;
    const eventId = EventId.parse(event.eventId);
    const five = RaceId.parse('0b9d1c36-35a6-4c3e-9a07-6d9b34a1f001');
    const [first, second] = [participantIdFor(raceId, '1'), participantIdFor(raceId, '2')];
    const setup = await openDocument(url, event.operatorToken, setupDocName(eventId), stage.onEnd);
    const roster = await openDocument(url, event.operatorToken, rosterDocName(eventId), stage.onEnd);
    for (const { doc } of [setup, roster]) doc.gc = false; // a stock client throws overruled values away
    putRace(setup.doc, { raceId: five, name: '5 km' });
    putParticipants(roster.doc, [
      { participantId: first, bib: '1', firstName: 'Cleo', lastName: 'Dee', raceId },
      { participantId: second, bib: '2', firstName: '<i>Eve</i>', raceId },
    ]);
    /** Makes two changes, of which neither knows of the other. */
    const apart = (doc: Y.Doc, one: (doc: Y.Doc) => void, other: (doc: Y.Doc) => void): void => {
      const away = new Y.Doc({ gc: false });
      Y.applyUpdate(away, Y.encodeStateAsUpdate(doc));
      one(doc);
      other(away);
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(away));
    };
    const pair = { streamId: STREAM, epoch: 3 };
    apart(
      setup.doc,
      (doc) => mapEpoch(doc, pair, raceId),
      (doc) => mapEpoch(doc, pair, five),
    );
    apart(
      roster.doc,
      (doc) => putChip(doc, '0580aa', first),
      (doc) => putChip(doc, '0580aa', second),
    );
    await Promise.all([setup.passedOn(), roster.passedOn()]);

    const { page, complaints } = await operator(scene, 'Ada');
    await conflictNotice(page, '2 conflicts to decide').waitFor(PATIENCE);
    await openPart(page, 'History');
    const epoch = conflict(page, `Epoch 3 of ${STREAM}: race`);
    for (const text of ['“10 km”', '“5 km”']) await epoch.getByText(text, { exact: true }).waitFor(PATIENCE);
    const chip = conflict(page, 'Chip 0580aa: holder');
    for (const text of ['Cleo Dee, bib 1', '<i>Eve</i>, bib 2']) {
      await chip.getByText(text, { exact: true }).waitFor(PATIENCE);
    }
    await page.locator('.history-who').filter({ hasText: 'A program' }).first().waitFor(PATIENCE);
    await epoch.getByRole('button', { name: /“5 km”/ }).click();
    await chip.getByRole('button', { name: /Cleo Dee/ }).click();
    await page.getByRole('heading', { name: 'No conflicts' }).waitFor(PATIENCE);
    await until(
      'the relay passed the choice on',
      () => readSetup(setup.doc).setup.epochRaces.get(pairKey(STREAM, 3)) === five,
    );
    await until('and the holder', () => roster.doc.getMap('chips').get('0580aa') === first);
    expect(complaints).toEqual([]);
  });
});
