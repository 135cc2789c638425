import { readSetup, type Setup, setupDocName } from '@baton/schema/doc';
import { EventId, NodeId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { wallMs, wallOf } from '@baton/schema/results';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { accessibilityProblems } from './support/axe.ts';
import { openDocument } from './support/documents.ts';
import { createEvent, type Event } from './support/event.ts';
import { ADMIN_TOKEN, type Relay, startForwarder, startRelay } from './support/nodes.ts';
import { startScriptedReader } from './support/scripted-reader.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { light, type Visitor, visit } from './support/visitor.ts';

const PATIENCE = { timeout: 20_000 };

interface Scene {
  readonly stage: Stage;
  readonly relay: Relay;
  readonly event: Event;
  readonly raceId: RaceId;
  /** The set-up as a program follows it: what the page wrote and the relay passed on. */
  readonly setup: () => Setup;
}

const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const raceId = RaceId.parse(await event.race('10 km'));
  const name = setupDocName(EventId.parse(event.eventId));
  const { doc } = await openDocument(relay.url, event.operatorToken, name, stage.onEnd);
  return { stage, relay, event, raceId, setup: () => readSetup(doc).setup };
};

const openPart = async ({ stage, relay, event }: Scene, part: string): Promise<Visitor> => {
  const visitor = await visit(stage, `${relay.url}/operate#token=${event.operatorToken}`);
  await light(visitor.page, 'Saved').waitFor(PATIENCE);
  await visitor.page.getByRole('link', { name: part, exact: true }).click();
  return visitor;
};

const raceCard = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** On the narrowest phone, in the dark or by day: nothing for axe to say, and nothing beside the screen. */
const expectAccessible = async (page: Page, colorScheme: 'light' | 'dark'): Promise<void> => {
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 900 });
  await page.emulateMedia({ colorScheme });
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  if (desk !== null) await page.setViewportSize(desk);
};

const focusIsOn = (page: Page, label: string): Promise<boolean> =>
  page.evaluate((wanted) => document.activeElement?.getAttribute('aria-label') === wanted, label);

const typeInto = async (page: Page, label: string, text: string): Promise<void> => {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.keyboard.press('Enter');
};

describe('the operator’s races', () => {
  it('[RT-29] are set up by hand: start, course, categories and rules; document and API follow', async () => {
    const scene = await setScene();
    const { event, raceId, setup } = scene;
    const { page, complaints } = await openPart(scene, 'Races');
    const race = () => setup().races.get(raceId);

    await page.getByLabel('Gun start').fill('25:00');
    await page.keyboard.press('Tab');
    await page.getByText('expected a time of day such as').waitFor(PATIENCE);
    await typeInto(page, 'Gun start', '10:00:03,5');
    await until('the start is in the document', () => race()?.startAt === '2026-05-17T10:00:03.5');
    await page.getByRole('button', { name: 'Gun now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(race()?.startAt).toBe('2026-05-17T10:00:03.5');

    for (const name of ['Finish', 'Start', '5 km']) await typeInto(page, 'Name of a new timing point', name);
    await page.getByLabel('Kind of Start').selectOption('start');
    await page.getByText('There are points behind the finish.').waitFor(PATIENCE);
    await page.getByLabel('Name of timing point 1').press('Alt+ArrowDown');
    await page.getByRole('button', { name: 'Move Finish down' }).click();
    // at the end of the course that button cannot be pressed any more: the focus went to its neighbour
    await until('the focus is there', () => focusIsOn(page, 'Move Finish up'));
    await until('the course is in the document', () => {
      expect(race()?.points.map((it) => [it.name, it.kind])).toEqual([
        ['Start', 'start'],
        ['5 km', 'split'],
        ['Finish', 'finish'],
      ]);
      return true;
    });

    await page.getByText('Categories · none').click();
    await page.getByRole('button', { name: 'Add 14 age groups' }).click();
    await typeInto(page, 'Name of category 14', 'Veterans');
    await typeInto(page, 'Oldest age of Women 20–29', '34');
    await page.getByText('“Women 20–29” and “Women 30–39” overlap (women 30–34)').waitFor(PATIENCE);
    await typeInto(page, 'Name of a new category', 'Everybody');
    await page.getByRole('button', { name: 'Remove category Women under 20' }).click();
    await until('the categories are in the document', () => {
      const categories = race()?.categories ?? [];
      expect(categories).toHaveLength(14);
      expect(categories[0]).toMatchObject({ categoryId: 'Women 20–29', sex: 'F', ageFrom: 20, ageTo: 34 });
      expect(categories[12]).toMatchObject({ categoryId: 'Men 70+', name: 'Veterans', sex: 'M', ageFrom: 70 });
      expect(categories[13]).toMatchObject({ name: 'Everybody', sex: null, ageFrom: null, ageTo: null });
      return true;
    });

    await typeInto(page, 'Duplicate window (s)', '4000');
    await page.getByText('expected seconds from 0 to 3600').waitFor(PATIENCE);
    await typeInto(page, 'Duplicate window (s)', '2,5');
    await typeInto(page, 'Minimum lap (min)', '12:30');
    await page.getByLabel('Chip time').check();
    await until('the rules are in the document', () => {
      expect(setup().rules).toEqual({ dedupWindowMs: 2500, minLapMs: 750_000, startWindowMs: 600_000, rankBy: 'chip' });
      return true;
    });

    await page.getByRole('button', { name: 'Duplicate 10 km' }).click();
    await until('its copy is in the document', () => setup().races.size === 2);
    await light(page, 'Saved').waitFor(PATIENCE);
    const { races } = (await event.operator.must('GET', `/events/${event.eventId}/races`)) as {
      races: { name: string; startAt: string | null; points: unknown[]; categories: unknown[] }[];
    };
    expect(races.map((it) => [it.name, it.startAt, it.points.length, it.categories.length])).toEqual([
      ['10 km', '2026-05-17T10:00:03.5', 3, 14],
      ['10 km copy', null, 3, 14],
    ]);
    await expectAccessible(page, 'light');

    const before = Date.now();
    await raceCard(page, '10 km copy').getByRole('button', { name: 'Gun now' }).click();
    const started = await until(
      'the gun went',
      () => [...setup().races.values()].find((it) => it.raceId !== raceId)?.startAt ?? false,
    );
    const wall = wallOf('Europe/Copenhagen');
    const at = wallMs(started, wall) ?? 0;
    expect(at).toBeGreaterThan(wall(before) - 10);
    expect(at).toBeLessThanOrEqual(wall(Date.now()));
    expect(complaints).toEqual([]);
  });

  it('[RT-29] merge what two operators change of one race at once, one of them without a network', async () => {
    const scene = await setScene();
    const { raceId, setup, event } = scene;
    const ann = await openPart(scene, 'Races');
    const bob = await openPart(scene, 'Races');
    await typeInto(ann.page, 'Name of a new timing point', 'Finish');
    await bob.page.getByLabel('Name of timing point 1').waitFor(PATIENCE);
    await bob.context.setOffline(true);
    await until('the relay drops out of Bob’s sight', () =>
      bob.page.getByText('No relay: races cannot be deleted').isVisible(),
    );
    expect(await bob.page.getByRole('button', { name: 'Delete 10 km…' }).isDisabled()).toBe(true);

    await typeInto(ann.page, 'Name', 'Ten');
    await typeInto(ann.page, 'Name of a new timing point', '5 km');
    await typeInto(bob.page, 'Gun start', '11:15');
    await typeInto(bob.page, 'Name of a new timing point', 'Bridge');
    await bob.page.getByText('Categories · none').click();
    await bob.page.getByRole('button', { name: 'Add 14 age groups' }).click();
    await typeInto(bob.page, 'Start window (min)', '5');
    await typeInto(ann.page, 'Minimum lap (min)', '20');
    await bob.context.setOffline(false);

    await until('both are merged', () => {
      const race = setup().races.get(raceId);
      expect(race).toMatchObject({ name: 'Ten', startAt: '2026-05-17T11:15:00' });
      expect(race?.points.map((it) => it.name).sort()).toEqual(['5 km', 'Bridge', 'Finish']);
      expect(race?.categories).toHaveLength(14);
      expect(setup().rules).toMatchObject({ minLapMs: 1_200_000, startWindowMs: 300_000 });
      return true;
    });
    for (const { page, complaints } of [ann, bob]) {
      await until('the page shows it', async () => {
        expect(await page.getByLabel('Gun start').inputValue()).toBe('11:15:00');
        expect(
          await raceCard(page, 'Ten')
            .getByLabel(/^Name of timing point/)
            .count(),
        ).toBe(3);
        return true;
      });
      expect(complaints).toEqual([]);
    }
    const { races } = (await event.operator.must('GET', `/events/${event.eventId}/races`)) as { races: unknown[] };
    expect(races).toMatchObject([{ name: 'Ten', startAt: '2026-05-17T11:15:00' }]);
  });
});

describe('the operator’s streams', () => {
  it('[RT-29][RT-22] are assigned together, warned of where a hint differs, and forgotten once they are gone', async () => {
    const scene = await setScene();
    const { stage, relay, event, raceId, setup } = scene;
    const five = RaceId.parse(await event.race('5 km'));
    const readers = [await startScriptedReader(stage.onEnd), await startScriptedReader(stage.onEnd)];
    const forwarder = await startForwarder(stage, {
      relay: relay.url,
      token: await event.token('forwarder', 'mat-1'),
      readers: readers.map(({ address }, at) => `${at === 0 ? 'left' : 'right'}=${address}`),
      journal: stage.folder('journal'),
    });
    const { page, complaints } = await openPart(scene, 'Streams');
    const mapped = (reader: string) => setup().epochRaces.get(pairKey(StreamId.parse(`mat-1.${reader}`), 1));
    await page.getByRole('rowheader', { name: 'mat-1.right' }).waitFor(PATIENCE);

    await page.getByLabel('to race').selectOption({ label: '10 km' });
    await page.getByRole('button', { name: 'Assign 2 streams' }).click();
    await until('both are assigned', () => mapped('left') === raceId && mapped('right') === raceId);
    await page.getByLabel('Current race of mat-1.left').selectOption({ label: '5 km' });
    await until('one is assigned elsewhere', () => mapped('left') === five && mapped('right') === raceId);

    await page.getByLabel('Race that forwarder mat-1 stands at').selectOption({ label: '10 km' });
    await page.getByText('Its forwarder stands at 10 km.').waitFor(PATIENCE);
    await until('the hint is in the document', () => setup().forwarderRaces.get(NodeId.parse('mat-1')) === raceId);
    expect(mapped('left')).toBe(five);
    await page.getByLabel('Assign current epoch of').selectOption('all');
    await page.getByRole('button', { name: 'Assign 1 stream' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Assign' }).click();
    await until('it came back', () => mapped('left') === raceId);

    await typeInto(page, 'Name of epoch 1 of mat-1.left', 'Morning');
    await light(page, 'Saved').waitFor(PATIENCE);
    const epochs = await event.operator.must('GET', '/streams/mat-1.left/epochs');
    expect(epochs).toMatchObject([{ epoch: 1, name: 'Morning', raceId }]);
    await expectAccessible(page, 'dark');

    const forget = page.getByRole('button', { name: 'Forget the set-up of mat-1.left…' });
    expect(await forget.isDisabled()).toBe(true);
    expect(await forget.getAttribute('title')).toMatch(/stop it first/);
    await forwarder.end('SIGTERM');
    await until('its forwarder is gone', () => forget.isEnabled());
    await forget.click();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await until(
      'its set-up is gone, the other’s is not',
      () => mapped('left') === undefined && mapped('right') === raceId,
    );
    expect(setup().epochNames.size).toBe(0);
    expect(complaints).toEqual([]);
  });
});

describe('the operator’s events', () => {
  it('[RT-29] are created, changed, led through their life and deleted, and wait for a relay that is away', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const { page, context, complaints } = await visit(stage, `${relay.url}/operate#token=${ADMIN_TOKEN}`);
    await page.getByText('No events yet').waitFor(PATIENCE);
    await page.getByLabel('Time zone').fill('Nowhere/At all');
    await page.getByRole('button', { name: 'Create event' }).click();
    await page.getByText('Expected a time zone by its name').waitFor(PATIENCE);
    await expectAccessible(page, 'dark');
    await page.getByLabel('Title').fill('Pier run');
    await page.getByLabel('Date').fill('2026-05-17');
    await page.getByLabel('Time zone').fill('Europe/Copenhagen');
    await page.getByRole('button', { name: 'Create event' }).click();
    await page.getByRole('link', { name: 'Event', exact: true }).click();

    await page.getByLabel('Place (optional)').fill('Pier 4');
    await page.getByLabel('Title').fill('Pier run by night');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: 'Pier run by night' }).waitFor(PATIENCE);

    await page.getByRole('button', { name: 'Publish the start list…' }).click();
    await page.getByRole('dialog').getByText('The event has no race yet.').waitFor(PATIENCE);
    await page.getByRole('dialog').getByRole('button', { name: 'Publish the start list' }).click();
    await page.getByText('Everybody sees the event and its races.').waitFor(PATIENCE);
    const listed = (await (await fetch(`${relay.url}/api/v1/events`)).json()) as { events: unknown[] };
    expect(listed.events).toMatchObject([
      { title: 'Pier run by night', location: 'Pier 4', status: 'startlist', timezone: 'Europe/Copenhagen' },
    ]);
    await expectAccessible(page, 'light');

    await context.setOffline(true);
    await until('commands wait', () => page.getByRole('button', { name: 'Start the event…' }).isDisabled());
    await page.getByText('The relay cannot be reached').first().waitFor(PATIENCE);
    await context.setOffline(false);
    await until('commands go on', () => page.getByRole('button', { name: 'Start the event…' }).isEnabled());

    await page.getByRole('button', { name: 'Delete event…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Type the title/).fill('Pier run');
    expect(await dialog.getByRole('button', { name: 'Delete for good' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Type the title/).fill('Pier run by night');
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('No events yet').waitFor(PATIENCE);
    expect(complaints).toEqual([]);
  });
});
