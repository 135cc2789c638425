import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  becomes,
  createReceiverWorld,
  expectEqualToRelay,
  holdsAtLeast,
  isComplete,
  setReceiverScene,
} from './support/receiver-world.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';
import { visit } from './support/visitor.ts';

const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;

/** Two tabs, no choice made yet, and two races: the reads are of the first. */
const openTwoTabs = async () => {
  const stage = createStage();
  const { event, filler, receiver } = await createReceiverWorld(stage, 500);
  const [ten, five] = [await event.race('10 km'), await event.race('5 km')];
  await event.map(filler.streamId, 1, ten);
  const seat = await receiver('desk');
  const { page: owner, context } = await visit(stage, seat.link);
  await becomes(owner, 'owner');
  const follower = await context.newPage();
  return { owner, follower, ten, five, openFollower: () => follower.goto(seat.address) };
};

const shows = (page: Page, raceId: string): Promise<true> =>
  until(
    'the race is shown',
    async () => (await page.getByLabel('Race', { exact: true }).inputValue()) === raceId || undefined,
  );

/** Lets a page do nothing, not even draw, until it is let go: it waits for an answer as no page should. */
const hang = async (page: Page): Promise<() => Promise<void>> => {
  let answer = (): void => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('**/held', (route) => held.then(() => route.fulfill({ status: 204 })));
  const hanging = page.evaluate(() => {
    const request = new XMLHttpRequest();
    request.open('GET', '/held', false);
    request.send();
  });
  return () => {
    answer();
    return hanging;
  };
};

describe('two tabs of a receiver', () => {
  it(
    '[RT-28] show the race whose session they show, also where the document does not come',
    async () => {
      const { owner, follower, ten, five, openFollower } = await openTwoTabs();
      // neither over the network nor from the other tab
      await follower.routeWebSocket(/\/docs\/.*receivers/, () => {});
      await owner.evaluate(() => {
        const post = BroadcastChannel.prototype.postMessage;
        BroadcastChannel.prototype.postMessage = function (message: unknown) {
          if (!this.name.startsWith('baton/docs/')) post.call(this, message);
        };
      });
      await openFollower();
      await becomes(follower, 'follower');
      await owner.getByLabel('Race', { exact: true }).selectOption(ten);
      await isComplete(follower);
      await shows(follower, ten);
      await owner.getByLabel('Race', { exact: true }).selectOption(five);
      await shows(follower, five);
      // and it is heard, though its document is not
      await follower.getByLabel('Race', { exact: true }).selectOption(ten);
      await shows(owner, ten);
      await isComplete(follower);
      expect(await follower.getByLabel('Race', { exact: true }).inputValue()).toBe(ten);
    },
    STORY_MS,
  );

  it(
    '[RT-28] one chooses single streams and none of them: the other shows no race',
    async () => {
      const { owner, follower, ten, openFollower } = await openTwoTabs();
      await openFollower();
      await becomes(follower, 'follower');
      await owner.getByLabel('Race', { exact: true }).selectOption(ten);
      await isComplete(follower);
      await follower.getByRole('radio', { name: 'Single streams' }).check();
      await owner.getByRole('radio', { name: 'Single streams', checked: true }).waitFor(PATIENCE);
      await owner.getByText('Nothing to receive yet').waitFor(PATIENCE);
      await follower.getByRole('radio', { name: 'Single streams', checked: true }).waitFor(PATIENCE);
    },
    STORY_MS,
  );

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

      const letGo = await hang(other);
      await becomes(first, 'owner');
      await world.filler.add(2000);
      await expectEqualToRelay(first, seat, world.filler);
      await letGo();
      await becomes(other, 'follower');
      await expectEqualToRelay(other, seat, world.filler);
    },
    STORY_MS,
  );
});
