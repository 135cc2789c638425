import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { createEvent } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 20_000 };
const BUILT = fileURLToPath(new URL('../web/dist/', import.meta.url));

interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** Somebody with a browser of their own, who has opened the address. */
const visit = async (stage: Stage, address: string): Promise<Visitor> => {
  const { context, close } = await launchBrowser();
  stage.onEnd(close);
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (/Content Security Policy|Trusted Types/i.test(message.text())) complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  await page.goto(address);
  return { context, page, complaints };
};

const light = (page: Page, word: string) => page.locator('.topbar').getByText(word, { exact: true });
const isKept = (page: Page) => page.getByText('it opens without the relay too').waitFor(PATIENCE);
const unanswered = (page: Page) => page.getByText('the relay does not answer').first();

/** Survives everything but loading the page anew. */
const mark = (page: Page) => page.evaluate(() => Object.assign(window, { marked: true }));
const isMarked = (page: Page) => page.evaluate(() => 'marked' in window);

/** Every text that this browser keeps for the relay's pages, wherever browsers keep things. */
const everythingKept = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const texts = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), document.cookie];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const response = await cache.match(request);
        texts.push(request.url, await (response?.text() ?? ''));
      }
    }
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    for (const { name } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name ?? ''));
      for (const store of database.objectStoreNames) {
        const rows = await done(database.transaction(store).objectStore(store).getAll());
        const text = (_: string, value: unknown) =>
          ArrayBuffer.isView(value) ? new TextDecoder('latin1').decode(value) : value;
        texts.push(name ?? '', JSON.stringify(rows, text));
      }
      database.close();
    }
    return texts;
  });

/** Addresses in the cache of the worker. */
const cached = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const urls: string[] = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname);
    }
    return urls;
  });

/** What a later build would put there: another page under another revision, and a worker that says so. */
const deploy = (folder: string): void => {
  const page = join(folder, 'operate.html');
  writeFileSync(page, readFileSync(page, 'utf8').replace('<head>', '<head><meta name="build" content="next" />'));
  const worker = join(folder, 'sw.js');
  writeFileSync(
    worker,
    readFileSync(worker, 'utf8').replace(
      /"revision":"[0-9a-f]{32}"(?=,"url":"operate\.html")/,
      `"revision":"${'f'.repeat(32)}"`,
    ),
  );
};
const isNext = async (page: Page): Promise<boolean> => (await page.locator('meta[name=build]').count()) === 1;

describe('the operator page without the relay', () => {
  it('[P28] opens after the first visit, says what it does not know, and goes on by itself', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url, 'Harbour <b>run</b>');
    const { context, page, complaints } = await visit(stage, `${relay.url}/operate#token=${event.operatorToken}`);
    await light(page, 'Saved').waitFor(PATIENCE);
    await isKept(page);
    const devtools = await context.newCDPSession(page);
    const { errors, url } = await devtools.send('Page.getAppManifest');
    expect([errors, new URL(url).pathname]).toEqual([[], '/operate.webmanifest']);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    expect(installabilityErrors).toEqual([]);
    const files = await cached(page);
    expect(files).toContain('/operate.html');
    expect(files.filter((it) => !/^\/(?:operate\.html|assets\/[\w.-]+)$/.test(it))).toEqual([]);
    await page.close();

    await relay.program.end('SIGKILL');
    const cold = await context.newPage();
    await cold.goto(`${relay.url}/operate`);
    await cold.getByRole('heading', { name: 'Harbour <b>run</b>' }).waitFor(PATIENCE);
    await unanswered(cold).waitFor(PATIENCE);
    await light(cold, 'Saved').waitFor({ state: 'hidden' });
    await cold.getByRole('link', { name: 'Access' }).click();
    await cold.getByText('Needs the relay').waitFor(PATIENCE);
    expect(await cold.getByRole('button', { name: 'Make invitation' }).isDisabled()).toBe(true);
    // a device without any network at all, in the middle of the page
    await context.setOffline(true);
    await cold.reload();
    await cold.getByRole('heading', { name: 'Harbour <b>run</b>' }).waitFor(PATIENCE);
    await context.setOffline(false);

    await mark(cold);
    await startRelay(stage, { port: relay.port, dataDir: relay.dataDir });
    await light(cold, 'Saved').waitFor(PATIENCE);
    await unanswered(cold).waitFor({ ...PATIENCE, state: 'hidden' });
    await cold.getByText('this page', { exact: true }).waitFor(PATIENCE);
    expect(await isMarked(cold)).toBe(true);
    expect(complaints).toEqual([]);

    // what the relay answers is not the worker's: a token in the address is refused as ever
    const refused = await cold.goto(`${relay.url}/operate?token=${event.operatorToken}`);
    expect(refused?.status()).toBe(401);
    const elsewhere = await cold.goto(`${relay.url}/api/v1/me`);
    expect([elsewhere?.status(), elsewhere?.fromServiceWorker()]).toEqual([401, false]);
  });

  it('offers a new version and loads it in the tab that takes it, in no other and never by itself', async () => {
    const stage = createStage();
    const folder = stage.folder('pages');
    cpSync(BUILT, folder, { recursive: true });
    const relay = await startRelay(stage, { args: ['--pages-dir', folder] });
    const event = await createEvent(relay.url);
    const { context, page } = await visit(stage, `${relay.url}/operate#token=${event.operatorToken}`);
    await isKept(page);
    const other = await context.newPage();
    await other.goto(`${relay.url}/operate?event=${event.eventId}&view=races`);
    await other.getByLabel('New race').fill('half typed');
    await mark(page);
    await mark(other);

    deploy(folder);
    // what happens when somebody comes back to the tab
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    for (const it of [page, other]) await it.getByText('A new version is ready').waitFor(PATIENCE);
    expect([await isMarked(page), await isMarked(other), await isNext(page)]).toEqual([true, true, false]);

    // also beside a tab that asks the relay something all the time
    const asking = other.evaluate(async () => {
      const answers: number[] = [];
      while (answers.length < 300) answers.push((await fetch('/api/v1/me')).status);
      return new Set(answers).size;
    });
    await page.getByRole('button', { name: 'Load it now' }).click();
    await page.locator('meta[name=build]').waitFor({ ...PATIENCE, state: 'attached' });
    await light(page, 'Saved').waitFor(PATIENCE);
    await other.getByText('This tab has an older version').waitFor(PATIENCE);
    expect([await isMarked(page), await isMarked(other)]).toEqual([false, true]);
    expect([await asking, await other.getByLabel('New race').inputValue()]).toEqual([1, 'half typed']);
  });
});

/** The dark modules that the page has drawn. */
const drawnModules = async (page: Page, size: number): Promise<readonly (readonly boolean[])[]> => {
  const path = (await page.locator('.qr-ink').getAttribute('d')) ?? '';
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
    for (let at = 0; at < Number(run); at++) modules[Number(y)]![Number(x) + at] = true;
  }
  return modules;
};

describe('an invitation', () => {
  it('[P17] lets somebody in by link and QR code until it is revoked; signing out leaves nothing behind', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const ann = await visit(stage, `${relay.url}/operate#token=${event.operatorToken}`);
    await isKept(ann.page);
    await ann.page.getByRole('link', { name: 'Access' }).click();
    await ann.page.getByLabel('Name (optional)').fill('Bob, finish');
    await ann.page.getByLabel('Holds').selectOption('8h');
    await ann.page.getByRole('button', { name: 'Make invitation' }).click();
    const link = await ann.page.getByLabel(/^Invitation link/).inputValue();
    const { pathname, search, hash } = new URL(link);
    expect([pathname, search]).toEqual(['/operate', '']);
    const secret = new URLSearchParams(hash.slice(1)).get('token') ?? '';
    expect(secret).toMatch(/^[\w-]{43}$/);
    const code = encode(link, { ecc: 'M', border: 4 });
    expect(await drawnModules(ann.page, code.size)).toEqual(code.data);

    const bob = await visit(stage, link);
    await light(bob.page, 'Saved').waitFor(PATIENCE);
    await bob.page.locator('.topbar').getByText('Bob, finish').waitFor(PATIENCE);
    expect(bob.page.url()).toBe(`${relay.url}/operate`);

    await ann.page.getByRole('button', { name: 'Done, hide it' }).click();
    expect(await ann.page.content()).not.toContain(secret);
    const line = ann.page.getByRole('row', { name: /Bob, finish/ });
    await line.getByText('Connected', { exact: true }).waitFor(PATIENCE);
    await line.getByRole('button', { name: 'Revoke…' }).click();
    await ann.page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await bob.page.getByText('the token was revoked or has expired').waitFor(PATIENCE);
    expect((await everythingKept(bob.page)).join('\n')).not.toContain(secret);

    await ann.page.getByLabel('For', { exact: true }).selectOption('receiver');
    await ann.page.getByLabel('Node name').fill('desk');
    await ann.page.getByRole('button', { name: 'Make invitation' }).click();
    await bob.page.goto(await ann.page.getByLabel(/^Invitation link/).inputValue());
    await bob.page.locator('.topbar').getByText('desk').waitFor(PATIENCE);
    expect(bob.page.url()).toBe(`${relay.url}/receive`);

    expect((await everythingKept(ann.page)).join('\n')).toContain(event.operatorToken);
    await ann.page.getByRole('button', { name: 'Sign out' }).click();
    await ann.page.getByRole('heading', { name: 'Operate an event' }).waitFor(PATIENCE);
    await until('the device has let go of the documents', () =>
      ann.page.evaluate(async () => (await indexedDB.databases()).length === 0),
    );
    const left = (await everythingKept(ann.page)).join('\n');
    for (const gone of [event.operatorToken, secret, 'Harbour run']) expect(left).not.toContain(gone);
    expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  });
});
