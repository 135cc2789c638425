import { type SeededRandom, withSeed } from '@baton/testkit';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { denyOpfs } from './support/deny-opfs.ts';
import { launchKillable } from './support/killable-browser.ts';
import {
  becomes,
  createReceiverWorld,
  expectEqualToRelay,
  type ReceiverSeat,
  storage,
} from './support/receiver-world.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

/** Kills in each storage mode; `BATON_KILL_ROUNDS=30 npx vitest run e2e/receiver-kill.spec.ts` is the long run. */
const ROUNDS = Number(process.env['BATON_KILL_ROUNDS'] ?? 2);
const ROUND_MS = 90_000;
/** One database is killed so often; then it is let finish, and the next receiver begins. */
const CHAIN = 5;
const READS = 20_000;
const MORE = 4000;

interface Scene {
  readonly seat: ReceiverSeat;
  readonly profile: string;
  readonly mode: 'opfs' | 'indexeddb';
}

const openPage = async (stage: Stage, { seat, profile, mode }: Scene) => {
  const browser = await launchKillable(profile);
  stage.onEnd(browser.kill);
  await seat.prepare(browser.context);
  if (mode === 'indexeddb') await denyOpfs(browser.context);
  const page = await browser.context.newPage();
  await page.goto(seat.link);
  return { page, kill: browser.kill };
};

/** Some time into the first open, or some time into the ingest after it. */
const waitForItsMoment = async (page: Page, random: SeededRandom, isFirst: boolean): Promise<void> => {
  if (isFirst) {
    await page.locator('[data-ownership]').first().waitFor({ state: 'attached', timeout: ROUND_MS });
  } else await becomes(page, 'owner');
  const moment = performance.now() + random.int(0, isFirst ? 3000 : 1500);
  await until('the moment of the kill', () => performance.now() >= moment);
};

const runChain = async (stage: Stage, mode: Scene['mode'], kills: number, random: SeededRandom): Promise<void> => {
  const world = await createReceiverWorld(stage, READS);
  const seat = await world.receiver('desk');
  const scene = { seat, profile: stage.folder('profile'), mode };
  for (let round = 0; round < kills; round++) {
    const { page, kill } = await openPage(stage, scene);
    const adding = world.filler.add(MORE);
    await waitForItsMoment(page, random, round === 0);
    await kill();
    await adding;
  }
  const { page, kill } = await openPage(stage, scene);
  await becomes(page, 'owner');
  expect(await storage(page)).toBe(mode);
  await expectEqualToRelay(page, seat, world.filler);
  await kill();
};

describe('Chromium is killed at random moments of an ingest', () => {
  it.each(['opfs', 'indexeddb'] as const)(
    '[P3] [P13] with %s: it opens or is rebuilt, and ends equal to the relay',
    async (mode) => {
      const stage = createStage();
      await withSeed(async (random) => {
        for (let left = ROUNDS; left > 0; left -= CHAIN) {
          await runChain(stage, mode, Math.min(CHAIN, left), random);
          process.stdout.write(`${mode}: ${ROUNDS - left + Math.min(CHAIN, left)} kills\n`);
        }
      });
    },
    (ROUNDS + 2) * ROUND_MS,
  );
});
