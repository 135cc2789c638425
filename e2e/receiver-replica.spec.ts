import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { denyOpfs } from './support/deny-opfs.ts';
import { becomes, createReceiverWorld, expectEqualToRelay, holdsAtLeast, storage } from './support/receiver-world.ts';
import { askReplica } from './support/replica-line.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;

const openBrowser = async (stage: Stage) => {
  const { context, close } = await launchBrowser();
  stage.onEnd(close);
  return context;
};

/** Bytes of reads that the page got from the relay since this was called. */
const countBytes = (page: Page): (() => number) => {
  let bytes = 0;
  page.on('websocket', (socket) => {
    if (!socket.url().endsWith('/sync')) return;
    socket.on('framereceived', ({ payload }) => {
      if (typeof payload !== 'string') bytes += payload.length;
    });
  });
  return () => bytes;
};

const isComplete = (page: Page) => page.getByText(/^Complete: /).waitFor(PATIENCE);

describe('the receiver page keeps its reads', () => {
  it(
    '[RT-26] [RT-40] over a reload: it asks the relay only for the rest',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 30_000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (/Content Security Policy|Trusted Types/i.test(message.text())) complaints.push(message.text());
      });
      const first = countBytes(page);
      await page.goto(seat.link);
      await becomes(page, 'owner');
      await isComplete(page);
      await expectEqualToRelay(page, seat, world.filler);
      const all = first();
      expect(all).toBeGreaterThan(50_000);
      // a machine too busy to open OPFS in time takes the next: either way it is kept
      expect(await storage(page)).toMatch(/^(?:opfs|indexeddb)$/);
      await page.close();

      await world.filler.add(500);
      const again = await context.newPage();
      const rest = countBytes(again);
      await again.goto(seat.address);
      await isComplete(again);
      await expectEqualToRelay(again, seat, world.filler);
      expect(rest()).toBeGreaterThan(0);
      expect(rest()).toBeLessThan(all / 10);
      expect(complaints).toEqual([]);
    },
    STORY_MS,
  );

  it(
    '[P28] opens from a cold browser without relay and network, with every read',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 5000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      const page = await context.newPage();
      await page.goto(seat.link);
      await isComplete(page);
      await page.getByText('it opens without the relay too').waitFor(PATIENCE);
      await page.close();
      await world.relay.program.end('SIGKILL');

      const cold = await context.newPage();
      await cold.goto(seat.address);
      await becomes(cold, 'owner');
      await expectEqualToRelay(cold, seat, world.filler);
      await cold
        .getByText('5 000 reads')
        .or(cold.getByText(/5.000 reads/))
        .first()
        .waitFor(PATIENCE);
      expect(await askReplica(cold, seat.name, 'SELECT head::int, held::int FROM progress')).toEqual([
        { head: 5000, held: 5000 },
      ]);
    },
    STORY_MS,
  );
});

describe('two tabs of a receiver', () => {
  it(
    '[RT-41] the owner is closed in mid-ingest: the other takes over, nothing is lost, nothing double',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 60_000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      const owner = await context.newPage();
      await owner.goto(seat.link);
      await becomes(owner, 'owner');
      const other = await context.newPage();
      await other.goto(seat.address);
      await becomes(other, 'follower');
      // the follower shows the owner's session
      await other
        .getByText(/of 60.000 reads/)
        .first()
        .waitFor(PATIENCE);
      const adding = world.filler.add(60_000);
      await until('the owner stores what comes', async () => (await holdsAtLeast(other, seat, 60_001)) > 0);
      const closedAt = performance.now();
      await owner.close();
      await becomes(other, 'owner');
      const tookMs = performance.now() - closedAt;
      await adding;
      await expectEqualToRelay(other, seat, world.filler);
      await isComplete(other);
      process.stdout.write(`took over after ${Math.round(tookMs)} ms\n`);
    },
    STORY_MS,
  );

  it(
    '[RT-41] an owner that freezes gives it up, one that hangs is robbed; both follow once they run again',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 5000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      const first = await context.newPage();
      await first.goto(seat.link);
      await isComplete(first);
      const other = await context.newPage();
      await other.goto(seat.address);
      await becomes(other, 'follower');
      // what a browser says before it freezes a page; it cannot be made to freeze one that is in sight
      await first.evaluate(() => document.dispatchEvent(new Event('freeze')));
      await becomes(other, 'owner');
      await world.filler.add(2000);
      await expectEqualToRelay(other, seat, world.filler);
      await first.evaluate(() => document.dispatchEvent(new Event('resume')));
      await becomes(first, 'follower');
      await isComplete(first);

      const hanging = other.evaluate(() => {
        for (const end = performance.now() + 20_000; performance.now() < end; );
      });
      await becomes(first, 'owner');
      await world.filler.add(2000);
      await expectEqualToRelay(first, seat, world.filler);
      await hanging;
      await becomes(other, 'follower');
      await expectEqualToRelay(other, seat, world.filler);
    },
    STORY_MS,
  );
});

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

describe('a receiver whose storage is not as it was', () => {
  it(
    'drops the database of another version and builds its own',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 3000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
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
    },
    STORY_MS,
  );

  it(
    'makes anew what a kill left half made, in each place',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 3000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
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
      const stage = createStage();
      const world = await createReceiverWorld(stage, 3000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
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
      const stage = createStage();
      const world = await createReceiverWorld(stage, 3000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      const page = await context.newPage();
      const devtools = await context.newCDPSession(page);
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: world.relay.url, quotaSize: 20_000_000 });
      await page.goto(seat.link);
      await isComplete(page);
      expect(await storage(page)).toBe('memory');
      await page.getByText('Reads are in memory only').waitFor(PATIENCE);
      await expectEqualToRelay(page, seat, world.filler);
    },
    STORY_MS,
  );

  it(
    'stores nothing more once the browser’s quota is used up, says so, and goes on when there is space',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, 3000);
      const seat = await world.receiver('desk');
      const context = await openBrowser(stage);
      await seat.prepare(context);
      // what OPFS was granted once it keeps, and it is granted far more than it uses: there this would take a gigabyte
      await denyOpfs(context);
      const page = await context.newPage();
      await page.goto(seat.link);
      await isComplete(page);
      expect(await storage(page)).toBe('indexeddb');
      const devtools = await context.newCDPSession(page);
      const { usage } = await devtools.send('Storage.getUsageAndQuota', { origin: world.relay.url });
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: world.relay.url, quotaSize: usage + 2_000_000 });
      const isRefused = page.getByText(/storage for this page is used up/);
      await until(
        'nothing more is stored',
        async () => {
          if (world.filler.count() < 200_000) await world.filler.add(5000);
          return isRefused.isVisible();
        },
        PATIENCE.timeout,
      );
      const held = await holdsAtLeast(page, seat, 3000);
      expect(held).toBeLessThan(world.filler.count());
      await devtools.send('Storage.overrideQuotaForOrigin', { origin: world.relay.url });
      await expectEqualToRelay(page, seat, world.filler);
      await isRefused.waitFor({ ...PATIENCE, state: 'hidden' });
    },
    STORY_MS,
  );
});
