import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { becomes, expectEqualToRelay, isComplete, setReceiverScene, storage } from './support/receiver-world.ts';
import { askReplica } from './support/replica-line.ts';

const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;

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

describe('the receiver page keeps its reads', () => {
  it(
    '[P3] [P13] over a reload: it asks the relay only for the rest',
    async () => {
      const { world, seat, context } = await setReceiverScene(30_000);
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
      const { world, seat, context } = await setReceiverScene(5000);
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
