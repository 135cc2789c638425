import { describe, it } from 'vitest';
import { becomes, expectEqualToRelay, holdsAtLeast, isComplete, setReceiverScene } from './support/receiver-world.ts';
import { until } from './support/until.ts';

const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;

describe('two tabs of a receiver', () => {
  it(
    '[P3] [P13] the owner is closed in mid-ingest: the other takes over, nothing is lost, nothing double',
    async () => {
      const { world, seat, context } = await setReceiverScene(30_000);
      const owner = await context.newPage();
      await owner.goto(seat.link);
      await becomes(owner, 'owner');
      const other = await context.newPage();
      await other.goto(seat.address);
      await becomes(other, 'follower');
      // the follower shows the owner's session
      await other
        .getByText(/of 30.000 reads/)
        .first()
        .waitFor(PATIENCE);
      const adding = world.filler.add(60_000);
      await until('the owner stores what comes', async () => (await holdsAtLeast(other, seat, 30_001)) > 0);
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
    '[P3] [P13] an owner that freezes gives it up, one that hangs is robbed; both follow once they run again',
    async () => {
      const { world, seat, context } = await setReceiverScene(5000);
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
