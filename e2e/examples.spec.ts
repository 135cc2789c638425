import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createEvent, type Event } from './support/event.ts';
import { type Relay, startRelay } from './support/nodes.ts';
import { openRelayFiller, type RelayFiller } from './support/relay-filler.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';
import { isSigned, SECRET, startBoard } from './support/watch-world.ts';

const exampleAt = (name: string): string => fileURLToPath(new URL(`../docs/examples/${name}`, import.meta.url));
const PATIENCE_MS = 60_000;

/** Runs the example as its reader would. */
const run = (stage: Stage, name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child: ChildProcess = spawn(process.execPath, [exampleAt(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  let said = '';
  child.stdout?.on('data', (data) => {
    said += String(data);
  });
  stage.onEnd(() => {
    child.kill('SIGKILL');
  });
  return {
    says: (what: RegExp) => until(`the example says ${what}`, () => what.test(said), PATIENCE_MS),
    stop: async (): Promise<string> => {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
      return said;
    },
  };
};

it('the example of docs/replica.md does what it says, and goes on where it was', async () => {
  const stage = createStage();
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const { eventId } = event;
  const forwarder = { eventId, nodeId: 'box', token: await event.token('forwarder', 'box') };
  const filler = await openRelayFiller(relay.url, forwarder);
  stage.onEnd(filler.close);
  await filler.add(1200);
  const token = await event.token('receiver', 'desk');
  const args = [relay.url, token, eventId, 'desk', filler.streamId, stage.folder('replica')];

  const first = run(stage, 'live-query.mjs', args);
  await first.says(/^1200 reads of 997 chips$/m);
  await filler.add(300);
  await first.says(/^1500 reads of 997 chips$/m);
  const said = await first.stop();
  expect(said).toContain('begins with 0 reads');
  expect(said).toContain('chip, reads: 3 rows, more: true');

  await relay.program.end('SIGKILL');
  const again = run(stage, 'live-query.mjs', args);
  await again.says(/^1500 reads of 997 chips$/m);
  expect(await again.stop()).toContain('begins with 1500 reads');
}, 180_000);

/** A relay with one stream that is filled. */
const filledRelay = async (
  stage: Stage,
): Promise<{ readonly relay: Relay; readonly event: Event; readonly filler: RelayFiller }> => {
  const relay = await startRelay(stage);
  const event = await createEvent(relay.url);
  const forwarder = { eventId: event.eventId, nodeId: 'box', token: await event.token('forwarder', 'box') };
  const filler = await openRelayFiller(relay.url, forwarder);
  stage.onEnd(filler.close);
  return { relay, event, filler };
};

it('[EF-14] the lap counter of docs/live.md counts, and goes on from its checkpoint', async () => {
  const stage = createStage();
  const { relay, event, filler } = await filledRelay(stage);
  await filler.add(1200);
  const args = [relay.url, event.operatorToken, event.eventId, filler.streamId, stage.folder('laps')];
  const first = run(stage, 'lap-counter.mjs', args);
  await first.says(/^997 chips, 203 laps$/m);
  await filler.add(300);
  await first.says(/^997 chips, 503 laps$/m);
  await first.stop();
  await filler.add(100);
  const again = run(stage, 'lap-counter.mjs', args);
  await again.says(/^997 chips, 603 laps$/m);
  await again.stop();
}, 180_000);

it('[EF-12][EF-13] the webhook of docs/live.md calls for each chip once, signed, and shows what was refused', async () => {
  const stage = createStage();
  const { relay, event, filler } = await filledRelay(stage);
  const board = await startBoard(stage, 'chip');
  board.refuses.add('058000000003');
  await filler.add(20);
  const args = [relay.url, event.operatorToken, event.eventId, filler.streamId, board.url];
  const file = `${stage.folder('webhook')}/store.sqlite`;
  const first = run(stage, 'webhook-on-finish.mjs', [...args, file], { WEBHOOK_SECRET: SECRET });
  await first.says(/^all is told$/m);
  await first.stop();
  expect(board.calls.map(({ key }) => key)).toEqual(
    Array.from({ length: 20 }, (_, at) => `${filler.streamId}/0580${at.toString(16).padStart(8, '0')}`),
  );
  expect(board.calls.every(isSigned)).toBe(true);
  const again = run(stage, 'webhook-on-finish.mjs', [...args, file], { WEBHOOK_SECRET: SECRET });
  await again.says(/^dead letter box\.mat\/058000000003: the webhook at 127\.0\.0\.1:\d+ answered 410$/m);
  await again.says(/^all is told$/m);
  await again.stop();
  expect(board.calls).toHaveLength(20);
}, 180_000);
