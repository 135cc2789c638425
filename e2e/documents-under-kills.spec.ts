import { setupDocName } from '@baton/schema/doc';
import { createSeededRandom, freshSeed } from '@baton/testkit';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchShared, type SharedBrowser } from './support/browser.ts';
import { converge, isOnDevice, isSaved, type LabPage, openLab } from './support/document-lab.ts';
import { openDocument } from './support/documents.ts';
import { createEvent } from './support/event.ts';
import { launchKillable } from './support/killable-browser.ts';
import { startLabServer } from './support/lab-server.ts';
import { startRelay } from './support/nodes.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';

let browser: SharedBrowser;
beforeAll(async () => {
  browser = await launchShared();
});
afterAll(() => browser.close());

const EVERY_MS = 8;

const setScene = async () => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const lab = await startLabServer(stage, relay.port);
  const name = setupDocName(event.eventId as never);
  const owner = { role: 'operator', tokenId: 'ann' };
  const options = { token: event.operatorToken, name, owner };
  return { stage, relay, event, lab, owner, options, open: (at: BrowserContext) => openLab(at, lab.url, options) };
};

/** Keys `prefix1` to `prefix<count>` that are missing. */
const missing = (content: Record<string, unknown>, prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`).filter((key) => !(key in content));

const shownAtLeast = (page: LabPage, where: 'device' | 'relay', count: number): Promise<boolean> =>
  until(`${count} edits are shown as saved: ${where}`, () => page.shown()[where] >= count);

/** At any instant, not only between edits. */
const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('documents under kills', () => {
  it('[P12] a browser is killed at random while offline edits go on; every edit shown as kept is at the relay afterwards', async () => {
    const { stage, lab, open, event, relay, options } = await setScene();
    const random = createSeededRandom(freshSeed());
    const profile = stage.folder('profile');
    const shown = new Map<string, number>();
    lab.cut();
    for (const prefix of ['a', 'b', 'c']) {
      const killed = await launchKillable(profile);
      stage.onEnd(killed.kill);
      const page = await open(killed.context);
      await page.run((tab, [wanted, everyMs]) => tab.keepEditing(wanted, everyMs), [prefix, EVERY_MS] as [
        string,
        number,
      ]);
      await shownAtLeast(page, 'device', 5);
      await moment(random.next() * 150);
      await killed.kill();
      shown.set(prefix, page.shown().device);
    }
    lab.mend();
    const last = await launchKillable(profile);
    stage.onEnd(last.kill);
    const page = await open(last.context);
    // a database that is slow to open is opened later: until then the page says that it keeps nothing
    await page.shows('everything is at the relay', (link) => isSaved(link) && link.keeping.type === 'kept');
    const { doc } = await openDocument(relay.url, event.operatorToken, options.name, stage.onEnd);
    const content = doc.getMap('lab').toJSON();
    const lost = [...shown].map(([prefix, count]) => ({ prefix, count, missing: missing(content, prefix, count) }));
    expect(lost).toEqual([...shown].map(([prefix, count]) => ({ prefix, count, missing: [] })));
    expect(await page.run((tab) => tab.json())).toEqual(content);
  });

  it('[P12] a tab crashes mid-edit; the other tab of the same person, offline too, has its edits and delivers them', async () => {
    const { stage, lab, open, owner } = await setScene();
    const context = await browser.person();
    stage.onEnd(() => context.close());
    const [one, two] = [await open(context), await open(context)];
    for (const page of [one, two]) await page.shows('saved', isSaved);
    const ids = await Promise.all([one, two].map(({ run }) => run((tab) => tab.clientId())));
    expect(ids[0]).not.toBe(ids[1]);
    const writers = (): Promise<readonly (string | undefined)[]> =>
      two.page.evaluate(async () => ((await navigator.locks.query()).held ?? []).map(({ clientId }) => clientId));
    const [writer, ...more] = await writers();
    expect(more).toEqual([]);
    // a headless browser freezes no page: the announcement is made here, the lock is the real one
    await one.page.evaluate(() => document.dispatchEvent(new Event('freeze')));
    await until('a frozen tab has handed the writing over', async () => {
      const [next] = await writers();
      return next !== undefined && next !== writer;
    });
    await one.page.evaluate(() => document.dispatchEvent(new Event('resume')));

    lab.cut();
    for (const page of [one, two]) await page.shows('offline', (link) => link.type === 'offline');
    await two.edit('of two', 2);
    await until('tab one sees it', async () => (await one.run((tab) => tab.json()))['of two'] === 2);
    await one.run((tab, everyMs) => tab.keepEditing('one', everyMs), EVERY_MS);
    await shownAtLeast(one, 'device', 10);
    const crashed = new Promise((resolve) => one.page.once('crash', resolve));
    one.cdp.send('Page.crash').catch(() => {}); // never answers: the page is gone
    await crashed;
    const count = one.shown().device;
    await two.shows('the edits of both wait', isOnDevice);
    await until('the writer is tab two', async () =>
      two.page.evaluate(async () => (await navigator.locks.query()).held?.length === 1),
    );

    lab.mend();
    await two.shows('saved', isSaved);
    const three = await open(context);
    const content = await converge([two, three]);
    expect(missing(content, 'one', count)).toEqual([]);
    expect(content['of two']).toBe(2);
    await until(
      'nothing waits on the device',
      async () => (await two.run((tab, who) => tab.unsaved(who), owner)).length === 0,
    );
  });

  it('[P11] the relay is killed mid-edit, with the page or without it; every edit shown as saved is there', async () => {
    const { stage, relay, open, event, options } = await setScene();
    const context = await browser.person();
    stage.onEnd(() => context.close());
    const random = createSeededRandom(freshSeed());
    let running = relay;
    for (const prefix of ['a', 'b']) {
      const page = await open(context);
      await page.shows('saved', isSaved);
      await page.run((tab, [wanted, everyMs]) => tab.keepEditing(wanted, everyMs), [prefix, EVERY_MS] as [
        string,
        number,
      ]);
      await shownAtLeast(page, 'relay', 10);
      await moment(random.next() * 150);
      await running.program.end('SIGKILL');
      const { relay: onRelay } = page.shown();
      const alone = prefix === 'b';
      if (!alone) await page.page.close(); // nobody is left who could send them again
      const onDevice = page.shown().device;
      running = await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
      const { doc } = await openDocument(relay.url, event.operatorToken, options.name, stage.onEnd);
      expect(missing(doc.getMap('lab').toJSON(), prefix, onRelay)).toEqual([]);
      const again = alone ? page : await open(context);
      await until(
        'what was kept on the device follows',
        () => missing(doc.getMap('lab').toJSON(), prefix, onDevice).length === 0,
      );
      await again.page.close();
    }
  });
});
