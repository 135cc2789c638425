import { setupDocName } from '@baton/schema/doc';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchShared, type SharedBrowser } from './support/browser.ts';
import { converge, isOnDevice, isSaved, openLab } from './support/document-lab.ts';
import { createEvent, type Event } from './support/event.ts';
import { startLabServer } from './support/lab-server.ts';
import { type Relay, startRelay } from './support/nodes.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

let browser: SharedBrowser;
beforeAll(async () => {
  browser = await launchShared();
});
afterAll(() => browser.close());

interface Scene {
  readonly stage: Stage;
  readonly relay: Relay;
  readonly event: Event;
  /** What a person's tab is opened with. */
  readonly as: (person: string) => Parameters<typeof openLab>[2];
}

const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const as = (person: string) => ({
    token: event.operatorToken,
    name: setupDocName(event.eventId as never),
    owner: { role: 'operator', tokenId: person },
  });
  return { stage, relay, event, as };
};

const people = async (stage: Stage, count: number): Promise<readonly BrowserContext[]> => {
  const contexts = await Promise.all(Array.from({ length: count }, () => browser.person()));
  for (const context of contexts) stage.onEnd(() => context.close());
  return contexts;
};

describe('documents in several browsers', () => {
  it('[P10] [P11] three people edit at once and end equal, with every edit', async () => {
    const { stage, relay, as } = await setScene();
    const contexts = await people(stage, 3);
    const lab = await startLabServer(stage, relay.port);
    const pages = await Promise.all(contexts.map((context, n) => openLab(context, lab.url, as(`person-${n}`))));
    for (const [n, page] of pages.entries()) {
      await page.run((lab, prefix) => {
        for (let edit = 1; edit <= 100; edit++) lab.edit(`${prefix}-${edit}`, edit);
        for (let edit = 1; edit <= 20; edit++) lab.edit(`shared-${edit}`, prefix);
        for (let edit = 1; edit <= 10; edit++) lab.remove(`${prefix}-${edit}`);
      }, `person-${n}`);
    }
    const content = await converge(pages);
    expect(Object.keys(content)).toHaveLength(3 * 90 + 20);
    const ids = await Promise.all(pages.map(({ run }) => run((lab) => lab.clientId())));
    expect(new Set(ids).size).toBe(3);
    expect(await pages[0]?.run((lab) => lab.collects())).toBe(false);
    expect(pages.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  it('[P10] [P12] one works offline, starts anew offline, and comes back to others who edited meanwhile', async () => {
    const { stage, relay, as } = await setScene();
    const [ann, bob] = await people(stage, 2);
    if (ann === undefined || bob === undefined) throw new Error('expected two people');
    const gate = await startLabServer(stage, relay.port);
    const away = await openLab(ann, gate.url, as('ann'));
    const there = await openLab(bob, (await startLabServer(stage, relay.port)).url, as('bob'));
    await away.edit('before', 'both');
    await until('bob has it', async () => (await there.run((lab) => lab.json()))['before'] === 'both');
    await away.shows('saved', isSaved);

    gate.cut();
    await away.shows('offline', (link) => link.type === 'offline');
    await away.edit('away', 1);
    await away.edit('contested', 'ann');
    await away.run((lab) => lab.remove('before'));
    await there.edit('there', 1);
    await there.edit('contested', 'bob');
    await away.shows('kept on the device', isOnDevice);
    const stranger = await openLab(ann, gate.url, as('somebody else on that browser'));
    await stranger.shows('offline', (link) => link.type === 'offline');
    expect(await stranger.run((lab) => [lab.isLoaded(), lab.json()])).toEqual([false, {}]);
    await stranger.page.close();
    const first = await away.run((lab) => lab.clientId());
    await away.page.close();

    const again = await openLab(ann, gate.url, as('ann'));
    await again.shows('the edits of the page before wait on the device', isOnDevice);
    expect(await again.run((lab) => lab.json())).toEqual({ away: 1, contested: 'ann' });
    expect(await again.run((lab) => lab.clientId())).not.toBe(first);
    await again.edit('later', 2);
    gate.mend();
    const content = await converge([again, there]);
    expect(content).toMatchObject({ away: 1, there: 1, later: 2 });
    expect(Object.keys(content).sort()).toEqual(['away', 'contested', 'later', 'there']);
    await again.shows('saved', isSaved);
    expect(await again.run((lab) => lab.unsaved({ role: 'operator', tokenId: 'ann' }))).toEqual([]);
  });
});
