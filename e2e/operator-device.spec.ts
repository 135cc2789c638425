import { createApi } from '@baton/testkit/api';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchShared, type SharedBrowser } from './support/browser.ts';
import { createEvent } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

let browser: SharedBrowser;
beforeAll(async () => {
  browser = await launchShared();
});
afterAll(() => browser.close());

const PATIENCE = { timeout: 20_000 };

const light = (page: Page, word: string) => page.locator('.topbar').getByText(word, { exact: true });

const addRace = async (page: Page, name: string): Promise<void> => {
  await page.getByLabel('New race').fill(name);
  await page.getByRole('button', { name: 'Add race' }).click();
};

const databases = (page: Page): Promise<number> =>
  page.evaluate(async () => (await indexedDB.databases()).filter(({ name }) => name?.startsWith('baton/')).length);

const setScene = async () => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const context = await browser.person();
  stage.onEnd(() => context.close());
  const open = async (token: string | null): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`${relay.url}/operate?event=${event.eventId}${token === null ? '' : `#token=${token}`}`);
    await page.getByRole('link', { name: 'Races' }).click();
    return page;
  };
  return { stage, relay, event, context, open };
};

describe('the operator page on its device', () => {
  it('[P11] [P12] works on while the relay is gone, through a crash of the tab and a start without it, signs out only when nothing is lost, and gives an empty relay back what it keeps', async () => {
    const { stage, relay, event, context, open } = await setScene();
    const page = await open(event.operatorToken);
    await light(page, 'Saved').waitFor(PATIENCE);
    await page.getByText(/^This device: keeps this event/).waitFor(PATIENCE);
    await page.getByText('it opens without the relay too').waitFor(PATIENCE);
    await relay.program.end('SIGKILL');
    await addRace(page, 'Night run');
    await light(page, 'Saved on this device').waitFor(PATIENCE);

    await page.getByRole('button', { name: 'Sign out' }).click();
    const question = page.getByRole('dialog', { name: 'Sign out and lose edits?' });
    await question.getByText(/1 edit in the setup/).waitFor(PATIENCE);
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(await databases(page)).toBeGreaterThan(0);

    const crashed = new Promise((resolve) => page.once('crash', resolve));
    const cdp = await context.newCDPSession(page);
    cdp.send('Page.crash').catch(() => {}); // never answers: the page is gone
    await crashed;
    const again = await open(null);
    await again.getByText('Night run').first().waitFor(PATIENCE);
    await light(again, 'Saved on this device').waitFor(PATIENCE);
    const second = await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
    await light(again, 'Saved').waitFor({ timeout: 60_000 });
    await until('the API shows the race', async () => {
      const races = await event.operator.must('GET', `/events/${event.eventId}/races`);
      return JSON.stringify(races).includes('Night run');
    });

    await again.getByRole('button', { name: 'Sign out' }).click();
    await again.getByText('Operate an event').waitFor(PATIENCE);
    await until('the device keeps nothing', async () => (await databases(again)) === 0);

    // the relay's disk is lost: one without anything answers at its address
    const lost = await open(event.operatorToken);
    await lost.getByText('Night run').first().waitFor(PATIENCE);
    await light(lost, 'Saved').waitFor(PATIENCE);
    await second.program.end('SIGKILL');
    await startRelay(stage, { dataDir: stage.folder('empty'), port: relay.port });
    await lost.getByText('What this device keeps of the documents stays').waitFor({ timeout: 60_000 });
    const kept = await databases(lost);
    expect(kept).toBeGreaterThan(0);
    await event.admin.must('POST', '/events', {
      eventId: event.eventId,
      title: 'Harbour run',
      date: '2026-05-17',
      timezone: 'Europe/Copenhagen',
    });
    const token = await event.token('operator');
    await lost.close();
    const anew = await open(token);
    await light(anew, 'Saved').waitFor(PATIENCE);
    await anew.getByText('This device keeps a copy of this event that has more than the relay').waitFor(PATIENCE);
    expect(await databases(anew)).toBeGreaterThan(kept);
    await anew.getByRole('button', { name: 'Bring it back' }).click();
    const operator = createApi(relay.url, token);
    await until('the empty relay has the race again', async () => {
      const races = await operator.must('GET', `/events/${event.eventId}/races`);
      return JSON.stringify(races).includes('Night run');
    });
    await anew.getByText('This device keeps a copy of this event').waitFor({ ...PATIENCE, state: 'hidden' });
  });

  it('[P28] says that edits are not kept before the next one, and asks before the page throws them away', async () => {
    const { relay, event, context, open } = await setScene();
    const page = await open(event.operatorToken);
    await light(page, 'Saved').waitFor(PATIENCE);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin: relay.url, quotaSize: 100 });
    await relay.program.end('SIGKILL');
    await addRace(page, 'Lost run');
    await light(page, 'Unsaved – keep this page open').waitFor(PATIENCE);
    await light(page, 'Not kept on this device').waitFor(PATIENCE);
    await page.getByText('Your edits are not kept on this device').waitFor(PATIENCE);
    const asked = new Promise<string>((resolve) => {
      page.once('dialog', async (dialog) => {
        resolve(dialog.type());
        await dialog.accept();
      });
    });
    await page.close({ runBeforeUnload: true });
    expect(await asked).toBe('beforeunload');
  });
});
