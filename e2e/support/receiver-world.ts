import type { BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { launchBrowser } from './browser.ts';
import { createEvent, type Event } from './event.ts';
import { type Relay, startRelay } from './nodes.ts';
import { openRelayFiller, type RelayFiller } from './relay-filler.ts';
import { heldSum } from './replica-line.ts';
import { createStage, type Stage } from './stage.ts';
import { until } from './until.ts';

/** A relay with one stream of reads, and receivers that select it. */
export interface ReceiverWorld {
  readonly relay: Relay;
  readonly event: Event;
  readonly filler: RelayFiller;
  readonly receiver: (nodeId: string) => Promise<ReceiverSeat>;
}

/** One receiver: its link, and its selection already on every device that it opens on. */
export interface ReceiverSeat {
  /** Of the replica. */
  readonly name: string;
  readonly link: string;
  /** The page without a token in its address. */
  readonly address: string;
  readonly prepare: (context: BrowserContext) => Promise<void>;
}

export const createReceiverWorld = async (stage: Stage, reads: number): Promise<ReceiverWorld> => {
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const { eventId } = event;
  const forwarder = { eventId, nodeId: 'box', token: await event.token('forwarder', 'box') };
  const filler = await openRelayFiller(relay.url, forwarder);
  stage.onEnd(filler.close);
  await filler.add(reads);
  return {
    relay,
    event,
    filler,
    receiver: async (nodeId) => {
      const token = await event.token('receiver', nodeId);
      const selection = JSON.stringify({ mode: 'manual', streams: [filler.streamId] });
      const key = `baton.receive.selection.${eventId}.${nodeId}`;
      return {
        name: `${eventId}.${nodeId}`,
        link: `${relay.url}/receive#token=${token}`,
        address: `${relay.url}/receive`,
        prepare: async (context) => {
          await context.addInitScript(([at, value]) => localStorage.setItem(at ?? '', value ?? ''), [key, selection]);
        },
      };
    },
  };
};

const PATIENCE_MS = 150_000;

export const ownership = (page: Page): Promise<string | null> =>
  page.locator('[data-ownership]').first().getAttribute('data-ownership', { timeout: PATIENCE_MS });

export const storage = (page: Page): Promise<string | null> =>
  page.locator('[data-ownership]').first().getAttribute('data-storage', { timeout: PATIENCE_MS });

export const becomes = (page: Page, what: 'owner' | 'follower', timeoutMs = PATIENCE_MS): Promise<void> =>
  page.locator(`[data-ownership="${what}"]`).waitFor({ timeout: timeoutMs, state: 'attached' });

/** What the light in the top bar says once all that was selected is here. */
export const isComplete = (page: Page): Promise<void> =>
  page.locator('.topbar').getByText('Complete', { exact: true }).waitFor({ timeout: PATIENCE_MS });

/** A browser that ends with the stage. */
const openBrowser = async (stage: Stage): Promise<BrowserContext> => {
  const { context, close } = await launchBrowser();
  stage.onEnd(close);
  return context;
};

/** One receiver of a stream that has so many reads, and a browser in which its page is not open yet. */
export interface ReceiverScene {
  readonly world: ReceiverWorld;
  readonly seat: ReceiverSeat;
  readonly context: BrowserContext;
}

/** Call it inside a test. */
export const setReceiverScene = async (reads: number): Promise<ReceiverScene> => {
  const stage = createStage();
  const world = await createReceiverWorld(stage, reads);
  const seat = await world.receiver('desk');
  const context = await openBrowser(stage);
  await seat.prepare(context);
  return { world, seat, context };
};

/** Waits until so many reads are held, and says how many. */
export const holdsAtLeast = (page: Page, seat: ReceiverSeat, count: number): Promise<number> =>
  until(
    `${count} reads are held`,
    async () => {
      const held = await heldSum(page, seat.name);
      return held !== undefined && held.count >= count ? held.count : undefined;
    },
    PATIENCE_MS,
  );

/** Nothing is missing, nothing double, every byte as the reader said it. */
export const expectEqualToRelay = async (page: Page, seat: ReceiverSeat, filler: RelayFiller): Promise<void> => {
  const count = filler.count();
  await holdsAtLeast(page, seat, count);
  expect(await heldSum(page, seat.name)).toEqual({ count, last: count, hash: filler.hash() });
};
