import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupDocName } from '@baton/schema/doc';
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

const setScene = async () => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const lab = await startLabServer(stage, relay.port);
  const name = setupDocName(event.eventId as never);
  const owner = { role: 'operator', tokenId: 'ann' };
  const options = { token: event.operatorToken, name, owner };
  const alone = async (): Promise<BrowserContext> => {
    const context = await browser.person();
    stage.onEnd(() => context.close());
    return context;
  };
  return {
    stage,
    relay,
    event,
    lab,
    owner,
    options,
    alone,
    open: (at: BrowserContext) => openLab(at, lab.url, options),
  };
};

const faultIs = (page: LabPage, ...types: readonly string[]) =>
  page.shows(
    `not kept: ${types.join(' or ')}`,
    ({ keeping }) => keeping.type === 'not-kept' && types.includes(keeping.fault.type),
  );

/** Turns bits of every stored row, as a bad disk does. */
const damageRows = (page: LabPage, stores: readonly string[]): Promise<void> =>
  page.run(async (_lab, names) => {
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name ?? '');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      for (const store of names) {
        const tx = db.transaction(store, 'readwrite');
        await new Promise<void>((resolve, reject) => {
          tx.oncomplete = () => resolve();
          tx.onerror = () => reject(tx.error);
          tx.objectStore(store).openCursor().onsuccess = (event) => {
            const cursor = (event.target as IDBRequest<IDBCursorWithValue | null>).result;
            if (cursor === null) return;
            const { update, sum } = cursor.value as { update: Uint8Array; sum: number };
            cursor.update({ update: update.map((byte) => byte ^ 1), sum });
            cursor.continue();
          };
        });
      }
      db.close();
    }
  }, stores);

describe('storage that fails', () => {
  it('[P28] quota: says so before the next edit, edits go to the relay, and all is kept again when there is space', async () => {
    const { lab, alone, open, owner, options, relay, event, stage } = await setScene();
    const page = await open(await alone());
    await page.shows('saved', isSaved);
    const origin = new URL(lab.url).origin;
    await page.cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1000 });
    await page.edit('big', 'x'.repeat(150_000));
    await faultIs(page, 'quota');
    await page.edit('more', 1);
    await page.shows('the relay has them all the same', isSaved);
    const { doc } = await openDocument(relay.url, event.operatorToken, options.name, stage.onEnd);
    expect(doc.getMap('lab').get('more')).toBe(1);

    lab.cut();
    await page.shows('offline', (link) => link.type === 'offline');
    await page.edit('alone', 'y'.repeat(50_000));
    await page.shows('not on the device, and says so', (link) => link.unsaved && link.keeping.type === 'not-kept');
    await page.cdp.send('Storage.overrideQuotaForOrigin', { origin });
    await page.shows('kept once there is space', isOnDevice);
    expect((await page.run((tab, who) => tab.unsaved(who), owner))[0]?.[1]).toBe(1);
    expect(page.complaints).toEqual([]);
  });

  it('[P13] [P28] eviction under way: what is in memory is stored again, and a cleared or damaged cache changes nothing', async () => {
    const { lab, alone, open, owner } = await setScene();
    const context = await alone();
    const page = await open(context);
    await page.edit('a', 1);
    await page.shows('saved', isSaved);
    lab.cut();
    await page.shows('offline', (link) => link.type === 'offline');
    await page.edit('b', 2);
    await page.shows('kept', isOnDevice);
    const origin = new URL(lab.url).origin;
    await page.cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' });
    await until(
      'it is stored again',
      async () => (await page.run((tab, who) => tab.unsaved(who), owner))[0]?.[1] === 1,
    );
    await page.shows('kept', isOnDevice);
    await page.page.close();

    const again = await open(context);
    await again.shows('kept', isOnDevice);
    expect(await again.run((tab) => tab.json())).toEqual({ a: 1, b: 2 });
    lab.mend();
    await again.shows('saved', isSaved);
    await damageRows(again, ['state']);
    await again.page.close();
    const last = await open(context);
    await last.shows('saved', isSaved);
    expect(await converge([last])).toEqual({ a: 1, b: 2 });
  });

  it('[P28] an edit on the device that cannot be read any more is told, not dropped', async () => {
    const { lab, alone, open } = await setScene();
    const context = await alone();
    const page = await open(context);
    await page.shows('saved', isSaved);
    lab.cut();
    await page.shows('offline', (link) => link.type === 'offline');
    await page.edit('a', 1);
    await page.shows('kept', isOnDevice);
    await damageRows(page, ['outbox']);
    await page.page.close();
    const again = await open(context);
    await again.shows('told', ({ keeping }) => keeping.type === 'kept' && keeping.damaged === 1);
  });

  it('[P28] a browser that refuses storage: said at once, and edits go to the relay', async () => {
    const { stage, open } = await setScene();
    const profile = stage.folder('profile');
    mkdirSync(join(profile, 'Default'));
    const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };
    writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(blocked));
    const refusing = await launchKillable(profile);
    stage.onEnd(refusing.kill);
    const page = await open(refusing.context);
    const before = await faultIs(page, 'refused', 'failed');
    expect(before.unsaved).toBe(false);
    await page.edit('a', 1);
    const link = await page.shows('saved', isSaved);
    expect(link.keeping.type).toBe('not-kept');
    expect(page.complaints).toEqual([]);
  });

  it('[P28] a token that is revoked keeps what it could not deliver, until its bearer has a new one', async () => {
    const { stage, relay, lab, alone, open, event, options, owner } = await setScene();
    const context = await alone();
    const page = await open(context);
    await page.shows('saved', isSaved);
    lab.cut();
    await page.edit('a', 1);
    await page.shows('kept', isOnDevice);
    const { tokens } = (await event.admin.must('GET', `/tokens?eventId=${event.eventId}`)) as {
      tokens: readonly { tokenId: string; role: string }[];
    };
    for (const { tokenId, role } of tokens)
      if (role === 'operator') await event.admin.must('DELETE', `/tokens/${tokenId}`);
    lab.mend();
    const link = await page.shows('refused', ({ type }) => type === 'refused');
    expect(link).toMatchObject({ unsaved: true, keeping: { type: 'kept' } });
    await page.page.close();
    const again = await open(context);
    await again.shows('refused', ({ type, unsaved }) => type === 'refused' && unsaved);
    expect((await again.run((tab, who) => tab.unsaved(who), owner))[0]?.[1]).toBe(1);
    await again.page.close();

    const { token } = (await event.admin.must('POST', '/tokens', { role: 'operator', eventId: event.eventId })) as {
      token: string;
    };
    const renewed = { ...options, token, owner: { role: 'operator', tokenId: 'ann again' } };
    const anew = await openLab(context, lab.url, renewed);
    await anew.shows('saved', isSaved);
    expect((await anew.run((tab, who) => tab.leftBehind(who), renewed.owner))[0]?.[1]).toBe(1);
    await anew.run((tab, who) => tab.adopt(who), renewed.owner);
    await anew.shows('saved', isSaved);
    const { doc } = await openDocument(relay.url, token, options.name, stage.onEnd);
    expect(doc.getMap('lab').toJSON()).toEqual({ a: 1 });
    expect(await anew.run((tab, who) => tab.leftBehind(who), renewed.owner)).toEqual([]);
    await anew.run((tab, who) => {
      tab.close();
      return tab.forget(who);
    }, renewed.owner);
    expect(await anew.page.evaluate(async () => (await indexedDB.databases()).length)).toBe(1);
    await anew.run((tab, who) => tab.forgetOthers(who), renewed.owner);
    expect(await anew.page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  });

  it('[P12] [P18] 20,000 people imported offline in one edit reach the relay in frames that it takes', async () => {
    const { lab, alone, open, options, relay, event, stage } = await setScene();
    const page = await open(await alone());
    await page.shows('saved', isSaved);
    lab.cut();
    await page.shows('offline', (link) => link.type === 'offline');
    await page.run((tab) => tab.fill('runner-', 20_000));
    await page.shows('kept', isOnDevice);
    const frames: number[] = [];
    await page.cdp.send('Network.enable');
    page.cdp.on('Network.webSocketFrameSent', ({ response }) => frames.push(response.payloadData.length * 0.75));
    lab.mend();
    await page.shows('saved', isSaved);
    expect(Math.max(...frames)).toBeLessThan(1024 * 1024);
    const { doc } = await openDocument(relay.url, event.operatorToken, options.name, stage.onEnd);
    expect(doc.getMap('lab').size).toBe(20_000);
  });
});
