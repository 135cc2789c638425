import {
  participantIdFor,
  putChips,
  putParticipants,
  readSelection,
  receiverDocName,
  rosterDocName,
} from '@baton/schema/doc';
import { EventId, NodeId, RaceId } from '@baton/schema/ids';
import { renderIpicoLine } from '@baton/schema/reads';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { openDocument } from './support/documents.ts';
import { createEvent, type Event } from './support/event.ts';
import { type Relay, startForwarder, startRelay } from './support/nodes.ts';
import { type ScriptedReader, startScriptedReader } from './support/scripted-reader.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { light, visit } from './support/visitor.ts';

const STREAM = 'mat-1.finish';
const PATIENCE = { timeout: 20_000 };
/** A receiver's database is made, or opened. */
const DATABASE_PATIENCE = { timeout: 90_000 };
const START = Date.UTC(2026, 4, 17, 10);

/** A read of a runner's chip, `ms` after the start by the reader's own clock. */
const crossing = (runner: number, ms: number): string =>
  renderIpicoLine({
    readerId: 0,
    tag: chipOf(runner),
    iCount: 1,
    qCount: 1,
    wallHundredths: (START + ms) / 10,
    extra: null,
    kind: 'RAW',
  });

const chipOf = (runner: number): string => `0580aa${runner.toString(16).padStart(6, '0')}`;

interface Scene {
  readonly stage: Stage;
  readonly url: string;
  readonly relay: Relay;
  readonly event: Event;
  readonly raceId: string;
  readonly reader: ScriptedReader;
}

/** A relay, an event with one race, and a forwarder at one reader. */
const setScene = async (): Promise<Scene> => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const raceId = await event.race('10 km');
  const reader = await startScriptedReader(stage.onEnd);
  await startForwarder(stage, {
    relay: relay.url,
    token: await event.token('forwarder', 'mat-1'),
    readers: [`finish=${reader.address}`],
    journal: stage.folder('journal'),
  });
  await reader.connected();
  await until('the relay knows the stream', async () => {
    const { streams } = (await event.operator.must('GET', `/streams?eventId=${event.eventId}`)) as {
      streams: unknown[];
    };
    return streams.length > 0;
  });
  return { stage, url: relay.url, relay, event, raceId, reader };
};

const raceOfEpoch = (page: Page, epoch: number) => page.getByLabel(`Race of epoch ${epoch} of`);

const epochsOf = async ({
  event,
}: Scene): Promise<readonly { epoch: number; raceId: string | null; isCurrent: boolean }[]> =>
  (await event.operator.must('GET', `/streams/${STREAM}/epochs`)) as never;

describe('the operator page', () => {
  it('[RT-29] assigns an epoch to a race; document, API and another operator follow', async () => {
    const scene = await setScene();
    const { stage, url, event, raceId } = scene;
    const link = `${url}/operate#token=${event.operatorToken}`;
    const ann = await visit(stage, link);
    const bob = await visit(stage, link);
    for (const { page } of [ann, bob]) await light(page, 'Saved').waitFor(PATIENCE);
    expect(ann.page.url()).toBe(`${url}/operate`);

    await raceOfEpoch(ann.page, 1).selectOption({ label: '10 km' });
    await light(ann.page, 'Saved').waitFor(PATIENCE);
    await until('the API shows the mapping', async () => (await epochsOf(scene))[0]?.raceId === raceId);
    await until('the other operator sees it', async () => (await raceOfEpoch(bob.page, 1).inputValue()) === raceId);

    await bob.page.getByRole('link', { name: 'Races' }).click();
    await bob.page.getByLabel('New race').fill('<b>5 km</b>');
    await bob.page.getByRole('button', { name: 'Add race' }).click();
    await raceOfEpoch(ann.page, 1)
      .getByRole('option', { name: '<b>5 km</b>' })
      .waitFor({ ...PATIENCE, state: 'attached' });
    await raceOfEpoch(ann.page, 1).selectOption({ label: 'No race' });
    await until('the API shows no mapping', async () => (await epochsOf(scene)).every((it) => it.raceId === null));
    expect([...ann.complaints, ...bob.complaints]).toEqual([]);
  });

  it('[RT-29] starts the next epoch of a stream for a race, after a question', async () => {
    const scene = await setScene();
    const { page, complaints } = await visit(scene.stage, `${scene.url}/operate#token=${scene.event.operatorToken}`);
    await light(page, 'Saved').waitFor(PATIENCE);
    await page.getByRole('button', { name: 'Start next epoch…' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await epochsOf(scene)).toEqual([]);
    await page.getByRole('button', { name: 'Start next epoch…' }).click();
    await page.getByRole('dialog').getByLabel('Assign the new epoch to').selectOption({ label: '10 km' });
    await page.getByRole('button', { name: 'Start epoch 2' }).click();
    await page.getByText(`${STREAM} is now in epoch 2.`).waitFor(PATIENCE);
    const current = (await epochsOf(scene)).find((it) => it.isCurrent);
    expect(current).toMatchObject({ epoch: 2, raceId: scene.raceId });
    await until('the page shows it assigned', async () => (await raceOfEpoch(page, 2).inputValue()) === scene.raceId);
    expect(complaints).toEqual([]);
  });

  it('[RT-29][P11] keeps an edit made without the relay, and says saved only once the relay has it', async () => {
    const scene = await setScene();
    const { stage, url, relay, event, raceId } = scene;
    const { page } = await visit(stage, `${url}/operate#token=${event.operatorToken}`);
    await light(page, 'Saved').waitFor(PATIENCE);
    await relay.program.end('SIGKILL');
    await light(page, 'Offline').waitFor(PATIENCE);
    await raceOfEpoch(page, 1).selectOption({ label: '10 km' });
    await light(page, 'Saved on this device').waitFor(PATIENCE);
    await page.getByText('The relay does not answer.').waitFor(PATIENCE);
    await startRelay(stage, { dataDir: relay.dataDir, port: relay.port });
    await light(page, 'Saved').waitFor({ timeout: 60_000 });
    expect(await epochsOf(scene)).toMatchObject([{ epoch: 1, raceId }]);
  });

  it('ends with its token, and says so', async () => {
    const { stage, url, event } = await setScene();
    const { page } = await visit(stage, `${url}/operate#token=${event.operatorToken}`);
    await light(page, 'Saved').waitFor(PATIENCE);
    const { tokens } = (await event.admin.must('GET', '/tokens')) as { tokens: { tokenId: string; role: string }[] };
    const own = tokens.find((it) => it.role === 'operator');
    await event.admin.must('DELETE', `/tokens/${own?.tokenId}`);
    await page.getByText('Your access has ended').waitFor(PATIENCE);
  });
});

describe('the receiver page', () => {
  it('[RT-28][RT-26] chooses race and scope, and shows that all of it is here', async () => {
    const { stage, url, event, raceId, reader } = await setScene();
    const token = await event.token('receiver', 'desk');
    await reader.sendLines(
      Array.from({ length: 40 }, (_, at) => crossing(at, 1_000_000 + at * 700)),
      2000,
    );
    const { page, complaints } = await visit(stage, `${url}/receive#token=${token}`);
    await light(page, 'Live').waitFor(DATABASE_PATIENCE);
    await page.getByLabel('Race', { exact: true }).selectOption({ label: '10 km' });
    await page.getByText('Nothing to receive yet').waitFor(PATIENCE);

    await event.map(STREAM, 1, raceId);
    await page.getByText('complete to 40 of 40').waitFor(PATIENCE);
    await page.getByRole('cell', { name: chipOf(39) }).waitFor(PATIENCE);
    await reader.sendLines([crossing(77, 2_000_000), 'no read at all'], 2000);
    await page.getByText('complete to 41 of 41').waitFor(PATIENCE);

    await page.getByLabel('Current only').check();
    const wanted = { mode: 'race', raceId, epochScope: 'current' };
    const name = receiverDocName(EventId.parse(event.eventId), NodeId.parse('desk'));
    const { doc } = await openDocument(url, token, name, stage.onEnd);
    await until('the document holds what was chosen', () => {
      expect(readSelection(doc)).toEqual(wanted);
      return true;
    });

    await page.reload();
    await page.getByText('complete to 41 of 41').waitFor(DATABASE_PATIENCE);
    expect(await page.getByLabel('Current only').isChecked()).toBe(true);
    await page.getByLabel('Single streams').check();
    await page.getByRole('checkbox', { name: STREAM }).check();
    await until('the document holds the stream', () => {
      expect(readSelection(doc)).toEqual({ mode: 'manual', streams: [STREAM] });
      return true;
    });
    await page.getByText('complete to 41 of 41').waitFor(PATIENCE);
    expect(complaints).toEqual([]);
  });
});

/** Everything that a page was sent, by HTTP and on sockets. */
const listen = (page: Page): { readonly bodies: () => Promise<string> } => {
  const responses: Promise<string>[] = [];
  page.on('response', (response) => {
    responses.push(
      response.text().then(
        (body) => `${response.url()} ${JSON.stringify(response.headers())} ${body}`,
        () => '', // answers without a body, and those of a page that was left
      ),
    );
  });
  const frames: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  return { bodies: async () => [...(await Promise.all(responses)), ...frames].join('\n') };
};

const enterRunners = async ({ stage, url, event, raceId: race }: Scene, names: readonly string[]): Promise<void> => {
  const roster = await openDocument(url, event.operatorToken, rosterDocName(EventId.parse(event.eventId)), stage.onEnd);
  const raceId = RaceId.parse(race);
  const idOf = (at: number) => participantIdFor(raceId, String(100 + at));
  putParticipants(
    roster.doc,
    names.map((lastName, at) => ({ participantId: idOf(at), bib: String(100 + at), lastName, raceId })),
  );
  putChips(
    roster.doc,
    names.map((_, at) => [chipOf(at), idOf(at)]),
  );
  await roster.passedOn();
};

describe('the spectator page', () => {
  it('[RT-43] shows a finisher within seconds, and nobody’s chip, reader, forwarder or token', async () => {
    const scene = await setScene();
    const { stage, url, event, raceId, reader } = scene;
    await event.operator.must('PATCH', `/races/${raceId}`, { startAt: '2026-05-17T10:00:00' });
    await event.map(STREAM, 1, raceId);
    await enterRunners(scene, ['Ada Quick', '<img src=x onerror=alert(1)>']);
    for (const status of ['startlist', 'running']) {
      await event.operator.must('PATCH', `/events/${event.eventId}/status`, { status });
    }

    const { page, complaints } = await visit(stage, url);
    const { bodies } = listen(page);
    await page.getByRole('link', { name: 'Harbour run 2026' }).click();
    await page.getByText('No results yet').waitFor(PATIENCE);

    await reader.sendLines([crossing(0, 2_345_670)], 2000);
    const sent = performance.now();
    await page.getByRole('cell', { name: 'Ada Quick' }).waitFor(PATIENCE);
    expect(performance.now() - sent).toBeLessThan(5000);
    await page.getByRole('cell', { name: '39:05.7' }).waitFor(PATIENCE);
    await reader.sendLines([crossing(1, 2_400_000), crossing(999, 2_400_100)], 2000);
    await page.getByText('<img src=x onerror=alert(1)>').waitFor(PATIENCE);
    await page.getByText('2 runners').waitFor(PATIENCE);

    const heard = (await bodies()).toLowerCase();
    expect(heard).toContain('ada quick');
    const secrets = [
      chipOf(0),
      chipOf(1),
      chipOf(999),
      STREAM,
      'mat-1',
      'forwarder',
      event.operatorToken.toLowerCase(),
    ];
    for (const secret of secrets) expect(heard.includes(secret), `a public answer holds ${secret}`).toBe(false);
    expect(complaints).toEqual([]);
  });
});
