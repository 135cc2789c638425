import type { CDPSession, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { denyOpfs } from './support/deny-opfs.ts';
import {
  becomes,
  expectEqualToRelay,
  holdsAtLeast,
  isComplete,
  type ReceiverSeat,
  type ReceiverWorld,
  setReceiverScene,
  storage,
} from './support/receiver-world.ts';
import { until } from './support/until.ts';
import { light } from './support/visitor.ts';

const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;

/** Every database that this origin has, by name. */
const databases = (page: Page) =>
  page.evaluate(async () => {
    const found: string[] = [];
    const visit = async (folder: FileSystemDirectoryHandle, path: string, depth: number): Promise<void> => {
      for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        found.push(`${path}${name}`);
        if (handle.kind === 'directory' && depth > 0) {
          await visit(handle as FileSystemDirectoryHandle, `${path}${name}/`, depth - 1);
        }
      }
    };
    await visit(await navigator.storage.getDirectory(), '', 2);
    return found.sort();
  });

const isRefused = (page: Page) => page.getByText(/nothing more is stored here/);

/** Where the log of a database found no space, it is opened anew; what cannot be then stays, and reads are in memory. */
const isLeftAlone = (page: Page) => page.getByText(/too little space is left to open what is kept there, which stays/);

/** Reads come until the browser refuses to keep them, and the page has said so. */
const useUpQuota = async (page: Page, { relay, filler }: ReceiverWorld, devtools: CDPSession): Promise<void> => {
  const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin: relay.url });
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: relay.url, quotaSize: usage + 2_000_000 });
  const holdsAll = () =>
    page.getByText(`complete to ${filler.count().toLocaleString('en')} of`, { exact: false }).isVisible();
  // Chromium goes by what it found free for up to half a minute: reads come slowly, until it has looked again
  await until(
    'it says so',
    async () => {
      if (await holdsAll()) await filler.add(200);
      return isRefused(page).or(isLeftAlone(page)).first().isVisible();
    },
    PATIENCE.timeout,
  );
};

/**
 * It says so, holds what it has, claims no more, and goes on once there is space: by itself, or in memory meanwhile and on the device
 * when the page is loaded again. Which of the two, Chromium decides by the write that it refuses first.
 */
const expectQuotaIsKept = async (page: Page, world: ReceiverWorld, seat: ReceiverSeat): Promise<void> => {
  const place = await storage(page);
  const devtools = await page.context().newCDPSession(page);
  const raiseQuota = () => devtools.send('Storage.overrideQuotaForOrigin', { origin: world.relay.url });
  await useUpQuota(page, world, devtools);
  if (await isLeftAlone(page).isVisible()) {
    expect(await storage(page)).toBe('memory');
    await expectEqualToRelay(page, seat, world.filler);
    await raiseQuota();
    await page.goto(seat.address);
    await isComplete(page);
    expect(await storage(page)).toBe(place);
  } else {
    await light(page, 'Complete').waitFor({ ...PATIENCE, state: 'hidden' });
    await holdsAtLeast(page, seat, 3000);
    await raiseQuota();
  }
  await expectEqualToRelay(page, seat, world.filler);
  await isRefused(page).waitFor({ ...PATIENCE, state: 'hidden' });
  await isComplete(page);
};

describe('a receiver whose storage is not as it was', () => {
  it(
    '[P28] drops the database of another version and builds its own, which goes on when its quota was used up and is raised',
    async () => {
      const { world, seat, context } = await setReceiverScene(3000);
      const page = await context.newPage();
      await page.goto(`${world.relay.url}/operate`);
      const old = `baton-replicas/${seat.name}/pglite-0.4.0-s1-a`;
      await page.evaluate(async (path) => {
        let folder = await navigator.storage.getDirectory();
        for (const name of path.split('/')) folder = await folder.getDirectoryHandle(name, { create: true });
        await folder.getFileHandle('state.txt', { create: true });
      }, old);
      expect(await databases(page)).toContain(old);
      await page.goto(seat.link);
      await isComplete(page);
      await expectEqualToRelay(page, seat, world.filler);
      const now = await databases(page);
      expect(now).not.toContain(old);
      expect(now.filter((it) => it.endsWith('.sound'))).toHaveLength(1);
      // to a file that is new or grew, Chromium grants and counts more than it takes; opened again it has what it takes
      await page.goto(seat.address);
      await isComplete(page);
      expect(await storage(page)).toBe('opfs');
      await expectQuotaIsKept(page, world, seat);
    },
    STORY_MS,
  );

  it(
    'makes anew what a kill left half made, in each place',
    async () => {
      const { world, seat, context } = await setReceiverScene(3000);
      const page = await context.newPage();
      await page.goto(seat.link);
      await becomes(page, 'owner');
      const [mark] = (await databases(page)).filter((it) => it.endsWith('.sound'));
      await page.goto(`${world.relay.url}/operate`);
      await page.evaluate(async (path) => {
        let folder = await navigator.storage.getDirectory();
        const names = path.split('/');
        for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
        await folder.removeEntry(names.at(-1) ?? '');
        const database = await folder.getDirectoryHandle((names.at(-1) ?? '').replace('.sound', ''));
        const state = await (await database.getFileHandle('state.txt')).createWritable();
        await state.write('{"root":{"type":"directory","children":{}},"pool":[]}');
        await state.close();
      }, mark ?? '');
      await page.goto(seat.address);
      await isComplete(page);
      await expectEqualToRelay(page, seat, world.filler);
      expect(await storage(page)).toBe('opfs');
    },
    STORY_MS,
  );

  it(
    'says that it has no storage, and works from memory',
    async () => {
      const { world, seat, context } = await setReceiverScene(3000);
      await context.addInitScript(() => {
        const denied = () => Promise.reject(new DOMException('no storage for you', 'SecurityError'));
        Object.defineProperty(StorageManager.prototype, 'getDirectory', { value: denied });
        Object.defineProperty(IDBFactory.prototype, 'databases', { value: denied });
      });
      const page = await context.newPage();
      await page.goto(seat.link);
      await isComplete(page);
      expect(await storage(page)).toBe('memory');
      await page.getByText('Reads are in memory only').waitFor(PATIENCE);
      await page.getByText(/no storage for you/).waitFor(PATIENCE);
      await expectEqualToRelay(page, seat, world.filler);
    },
    STORY_MS,
  );

  it(
    'says that the quota is too small for any database, and works from memory',
    async () => {
      const { world, seat, context } = await setReceiverScene(3000);
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: world.relay.url, quotaSize: 3_000_000 });
      await page.goto(seat.link);
      await isComplete(page);
      expect(await storage(page)).toBe('memory');
      await page.getByText('Reads are in memory only').waitFor(PATIENCE);
      await expectEqualToRelay(page, seat, world.filler);
    },
    STORY_MS,
  );

  it(
    '[P28] with IndexedDB: says that the browser’s quota is used up, claims no more than it holds, and goes on when there is space',
    async () => {
      const { world, seat, context } = await setReceiverScene(3000);
      await denyOpfs(context);
      const page = await context.newPage();
      await page.goto(seat.link);
      await isComplete(page);
      expect(await storage(page)).toBe('indexeddb');
      await expectQuotaIsKept(page, world, seat);
    },
    STORY_MS,
  );
});
