import { createSeededRandom } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { accessibilityProblems } from './support/axe.ts';
import { createEvent } from './support/event.ts';
import { ADMIN_TOKEN, startRelay } from './support/nodes.ts';
import { createStage } from './support/stage.ts';
import { until } from './support/until.ts';
import { light, visit } from './support/visitor.ts';
import {
  type Board,
  createWatchWorld,
  deadLetters,
  finishCheckpoint,
  isSigned,
  startBoard,
  startWatch,
  type WatchWorld,
} from './support/watch-world.ts';

/** Kills; `BATON_KILL_ROUNDS=10` is the long run. */
const ROUNDS = Number(process.env['BATON_KILL_ROUNDS'] ?? 4);
const PATIENCE = { timeout: 30_000 };

const on = (board: Board) => ({ finishWebhookOn: true, finishWebhookUrl: board.url });
const range = (from: number, to: number): readonly number[] =>
  Array.from({ length: to - from + 1 }, (_, at) => from + at);
const bibsOf = (calls: Board['calls']): readonly string[] => calls.map(({ bib }) => bib);

/** Sessions and documents that operators have open at the relay. */
const socketsAt = async ({ relay }: WatchWorld): Promise<number> => {
  const answer = await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
  return Number(/baton_sockets\{role="operator"\} (\d+)/.exec(await answer.text())?.[1] ?? 0);
};

describe('baton watch', () => {
  it('[EF-12][EF-22] calls the webhook for each finish, and raises an alarm on the operator’s page that goes when its cause does', async () => {
    const stage = createStage();
    const world = await createWatchWorld(stage, 30);
    const board = await startBoard(stage);
    const dataDir = stage.folder('watch');
    const before = await socketsAt(world);
    const watch = await startWatch(stage, world, dataDir);
    // four process managers share one session; the two documents have a socket each
    await until('it is connected', async () => (await socketsAt(world)) === before + 3);
    await world.finish([7]);
    const { page, context, complaints } = await visit(
      stage,
      `${world.relay.url}/operate?event=${world.event.eventId}&view=alarms#token=${encodeURIComponent(world.event.operatorToken)}`,
    );

    // switched on and set by hand; the finish of before is told, too
    const address = page.getByLabel('Address');
    await address.fill(board.url, PATIENCE);
    await address.press('Enter');
    await page.getByRole('checkbox', { name: 'Webhook on finish' }).check();
    await page.getByLabel('Of the last (reads)').fill('10');
    await page.getByLabel('Of the last (reads)').press('Enter');
    await page.getByRole('checkbox', { name: 'Unknown chips' }).check();
    await until('the finish of before is told', () => board.calls.length > 0);
    await world.finish([12, 12, 7, 3]);
    await until('the others are told', () => board.calls.length >= 3);
    expect(bibsOf(board.calls)).toEqual(['7', '12', '3']);
    expect(board.calls.every(isSigned)).toBe(true);
    expect(new Set(board.calls.map(({ key }) => key)).size).toBe(3);
    expect(JSON.parse(board.calls[0]?.body ?? '')).toMatchObject({
      type: 'finish',
      eventId: world.event.eventId,
      race: { name: '10 km' },
      bib: '7',
      name: 'Ada N7',
      time: '2026-05-17T09:30:07.000',
      gunMs: 1_807_000,
    });

    await world.finish(range(901, 910));
    const alarm = page.getByText('Finish mat: 100 % of the last 10 reads are of chips that nobody has').first();
    await alarm.waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('link', { name: /^Streams/ }).click();
    await page
      .getByRole('alert')
      .getByText(/Finish mat: 100 %/)
      .waitFor(PATIENCE);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Look' }).click();

    // also without a network
    await light(page, 'Saved').waitFor(PATIENCE);
    await context.setOffline(true);
    await page.getByRole('button', { name: /^Acknowledge/ }).click();
    await page.getByText(/^seen by operator/).waitFor(PATIENCE);
    await context.setOffline(false);
    await light(page, 'Saved').waitFor(PATIENCE);
    await world.finish(range(14, 23));
    await page.getByRole('heading', { name: 'Over' }).waitFor(PATIENCE);
    await page.getByText('No alarm', { exact: true }).waitFor(PATIENCE);
    expect(complaints).toEqual([]);
    expect(await watch.end('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 240_000);

  it('[EF-13] keeps a refused command as a dead letter, which is listed, retried and dropped while it goes on', async () => {
    const stage = createStage();
    const world = await createWatchWorld(stage, 20);
    const board = await startBoard(stage);
    const dataDir = stage.folder('watch');
    for (const bib of ['2', '4']) board.refuses.add(bib);
    await world.set(on(board));
    const watch = await startWatch(stage, world, dataDir);
    await world.finish([1, 2, 3, 4, 5]);
    await until('those behind the refused ones are told', () => bibsOf(board.taken()).includes('5'));
    expect(bibsOf(board.taken())).toEqual(['1', '3', '5']);

    const listed = await deadLetters(stage, dataDir, 'list');
    expect(listed.exit.code).toBe(0);
    expect(listed.lines.map(([manager, , type, attempts]) => [manager, type, attempts])).toEqual([
      ['finish-webhook', 'webhook', '1'],
      ['finish-webhook', 'webhook', '1'],
    ]);
    expect(listed.lines[0]?.[5]).toMatch(/^the webhook at 127\.0\.0\.1:\d+ answered 410$/);
    const [two = '', four = ''] = listed.lines.map(([, key]) => key);

    // refused again: it stays, and tells how often it was tried
    const refused = await deadLetters(stage, dataDir, 'retry', two);
    expect([refused.exit.code, refused.lines[0]?.[2]]).toEqual([1, expect.stringMatching(/^failed: .*answered 410$/)]);
    expect((await deadLetters(stage, dataDir, 'list')).lines.map((line) => line[3])).toEqual(['2', '1']);

    // by the watch that runs
    board.refuses.delete('2');
    const retried = await deadLetters(stage, dataDir, 'retry', two);
    expect([retried.exit.code, retried.lines]).toEqual([0, [['finish-webhook', two, 'done']]]);
    expect(board.calls.filter(({ bib }) => bib === '2').map(({ key }) => key)).toEqual([two, two, two]);
    expect((await deadLetters(stage, dataDir, 'drop', four)).lines).toEqual([['finish-webhook', four, 'dropped']]);
    expect((await deadLetters(stage, dataDir, 'list')).lines).toEqual([]);
    expect((await deadLetters(stage, dataDir, 'retry', four)).exit.code).toBe(1);

    // and where none runs
    board.refuses.add('6');
    await world.finish([6]);
    await until('it is a dead letter', async () => (await deadLetters(stage, dataDir, 'list')).lines.length === 1);
    expect(await watch.end('SIGTERM')).toEqual({ code: 0, signal: null });
    board.refuses.delete('6');
    const alone = await deadLetters(stage, dataDir, 'retry', '--all');
    expect(alone.lines.map(([, , outcome]) => outcome)).toEqual(['done']);
    expect(
      board
        .taken()
        .filter(({ bib }) => bib === '6')
        .every(isSigned),
    ).toBe(true);
  }, 240_000);

  it('ends with 1 and one line when its token is revoked, and refuses one that is not an operator’s', async () => {
    const stage = createStage();
    const relay = await startRelay(stage);
    const event = await createEvent(relay.url);
    const watch = await startWatch(stage, { relay, event }, stage.folder('watch'));
    const { tokens } = (await event.admin.must('GET', '/tokens')) as {
      readonly tokens: readonly { readonly tokenId: string; readonly role: string }[];
    };
    const tokenId = tokens.find(({ role }) => role === 'operator')?.tokenId;
    await event.admin.must('DELETE', `/tokens/${tokenId}`);
    expect(await watch.exited).toEqual({ code: 1, signal: null });
    expect(watch.stderr().at(-1)).toMatch(/^baton watch: the relay refuses it for good: /);

    const viewer = await event.token('viewer');
    const other = stage.start(['watch', '--relay', relay.url, '--token', viewer, '--data-dir', stage.folder('other')]);
    expect(await other.exited).toEqual({ code: 1, signal: null });
    expect(other.stderr()).toEqual(['baton watch: --token: expected an operator’s token, this is one of role viewer']);
  }, 120_000);

  it('[EF-19] killed with kill -9 at any moment, tells every finish, and as one to who goes by the key', async () => {
    const stage = createStage();
    const share = 12;
    const field = share * ROUNDS;
    const world = await createWatchWorld(stage, field);
    const board = await startBoard(stage);
    const dataDir = stage.folder('watch');
    const random = createSeededRandom(0x5eed);
    await world.set(on(board));
    for (let round = 0; round < ROUNDS; round++) {
      const flowing = world.finish(range(round * share + 1, (round + 1) * share), 20);
      const saved = finishCheckpoint(dataDir);
      const more = board.calls.length + 1 + Math.floor(random.next() * share);
      const watch = await startWatch(stage, world, dataDir);
      // at once, or in the middle of its work, or just behind a checkpoint that says more than the last one
      if (round % 3 === 2) await until('it has saved a checkpoint', () => finishCheckpoint(dataDir) !== saved);
      else await until('it has told some more', () => board.calls.length >= more);
      await new Promise((resolve) => setTimeout(resolve, random.next() * 60));
      await watch.end('SIGKILL');
      await flowing;
    }
    await startWatch(stage, world, dataDir);
    await until('everybody is told', () => new Set(bibsOf(board.calls)).size === field);
    const byKey = new Map(board.calls.map(({ key, body }) => [key, body]));
    expect(byKey.size).toBe(field);
    expect(new Set([...byKey.values()].map((body) => JSON.parse(body).bib)).size).toBe(field);
    for (const { key, body } of board.calls) expect(body).toBe(byKey.get(key));
    expect(board.calls.length).toBeGreaterThan(field); // else nothing was ever told twice, and the keys proved nothing
  }, 300_000);
});
