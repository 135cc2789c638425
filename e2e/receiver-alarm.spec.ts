import { participantIdFor, putChips, putParticipants, rosterDocName } from '@baton/schema/doc';
import { EventId, RaceId } from '@baton/schema/ids';
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { launchBrowser } from './support/browser.ts';
import { openDocument } from './support/documents.ts';
import { becomes, createReceiverWorld, type ReceiverWorld } from './support/receiver-world.ts';
import { createStage, type Stage } from './support/stage.ts';

const READS = 3000;
const RUNNERS = 30;
const PATIENCE = { timeout: 150_000 };
const STORY_MS = 400_000;
const HASH = /"hash":"[0-9a-f]{64}"/g;
const OTHER_HASH = `"hash":"${'ab'.repeat(32)}"`;

/** The stream's first epoch belongs to a race, and some of its chips to runners. */
const openRace = async (stage: Stage, { relay, event, filler }: ReceiverWorld): Promise<RaceId> => {
  const raceId = RaceId.parse(await event.race('10 km'));
  await event.operator.must('PATCH', `/races/${raceId}`, { startAt: '2026-05-17T08:00:00' });
  await event.map(filler.streamId, 1, raceId);
  const name = rosterDocName(EventId.parse(event.eventId));
  const roster = await openDocument(relay.url, event.operatorToken, name, stage.onEnd);
  const runners = Array.from({ length: RUNNERS }, (_, at) => ({ at, id: participantIdFor(raceId, `${100 + at}`) }));
  putParticipants(
    roster.doc,
    runners.map(({ at, id }) => ({ participantId: id, bib: `${100 + at}`, lastName: `Runner ${at}`, raceId })),
  );
  putChips(
    roster.doc,
    runners.map(({ at, id }) => [`0580${at.toString(16).padStart(8, '0')}`, id]),
  );
  await roster.passedOn();
  return raceId;
};

/** What pages of this browser hear of hashes is not what the relay says, for as long as `isOn`. */
const lieAboutHashes = async (context: BrowserContext): Promise<{ isOn: boolean }> => {
  const lie = { isOn: true };
  await context.routeWebSocket(/\/sync/, (page) => {
    const relay = page.connectToServer();
    relay.onMessage((message) =>
      page.send(typeof message === 'string' && lie.isOn ? message.replace(HASH, OTHER_HASH) : message),
    );
  });
  return lie;
};

const open = async (page: Page, view: string): Promise<void> => {
  await page.getByRole('navigation').getByRole('link', { name: view, exact: true }).click();
};

const rows = (page: Page) => page.locator('.grid-sizer > .grid-row');

describe('two tabs of a receiver', () => {
  it(
    '[P3] [P13] one that follows has every view; it tells of an epoch that is not the relay’s, and its button repairs it',
    async () => {
      const stage = createStage();
      const world = await createReceiverWorld(stage, READS);
      const { event, filler, relay } = world;
      const raceId = await openRace(stage, world);
      const { context, close } = await launchBrowser();
      stage.onEnd(close);
      const key = `baton.receive.selection.${event.eventId}.desk`;
      const selection = JSON.stringify({ mode: 'race', raceId, epochScope: 'all' });
      await context.addInitScript(([at, value]) => localStorage.setItem(at ?? '', value ?? ''), [key, selection]);
      const lie = await lieAboutHashes(context);

      const owner = await context.newPage();
      await owner.goto(`${relay.url}/receive#token=${await event.token('receiver', 'desk')}`);
      await becomes(owner, 'owner');
      const other = await context.newPage();
      await other.goto(`${relay.url}/receive`);
      await becomes(other, 'follower');
      await other.getByText('complete to 3,000 of 3,000').waitFor(PATIENCE);

      await open(other, 'Reads');
      await other.getByText('3,000 reads', { exact: true }).waitFor(PATIENCE);
      await rows(other).first().getByText('1/3,000').waitFor(PATIENCE);
      await filler.add(1);
      await rows(other).first().getByText('1/3,001').waitFor(PATIENCE);
      await open(other, 'Results');
      await other.getByText(`${RUNNERS} results`).waitFor(PATIENCE);
      await rows(other).getByText('Runner 0', { exact: true }).waitFor(PATIENCE);
      await open(other, 'SQL');
      await other.getByLabel('Statement').fill('SELECT bib, rank FROM results ORDER BY rank LIMIT 7');
      await other.getByLabel('Statement').press('Control+Enter');
      await other.getByText('7 rows').waitFor(PATIENCE);
      await open(other, 'Overview');

      filler.seal();
      const line = other.locator('.progress-line[data-check="mismatch"]');
      await line.getByText('Pulled again 1 time.').waitFor(PATIENCE); // once by itself
      await owner.locator('.progress-line[data-check="mismatch"]').waitFor(PATIENCE);
      await line.getByText('What is held here is not what the relay sealed.').waitFor(PATIENCE);
      expect(await line.getByText('complete to 3,001 of 3,001').isVisible()).toBe(true);

      lie.isOn = false;
      await line.getByRole('button', { name: /^Repair/ }).click();
      await other.getByRole('button', { name: 'Drop and pull again' }).click();
      for (const page of [other, owner]) {
        await page
          .locator('.progress-line[data-check="match"]')
          .getByText('count and hash are the relay’s')
          .waitFor(PATIENCE);
        expect(await page.locator('[data-check="mismatch"]').count()).toBe(0);
      }
      await open(other, 'Results');
      await other.getByText(`${RUNNERS} results`).waitFor(PATIENCE);
    },
    STORY_MS,
  );
});
