import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createEvent } from './support/event.ts';
import { startRelay } from './support/nodes.ts';
import { openRelayFiller } from './support/relay-filler.ts';
import { createStage, type Stage } from './support/stage.ts';
import { until } from './support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../docs/examples/live-query.mjs', import.meta.url));
const PATIENCE_MS = 60_000;

/** Runs the example as its reader would. */
const run = (stage: Stage, args: readonly string[]) => {
  const child: ChildProcess = spawn(process.execPath, [EXAMPLE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
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

  const first = run(stage, args);
  await first.says(/^1200 reads of 997 chips$/m);
  await filler.add(300);
  await first.says(/^1500 reads of 997 chips$/m);
  const said = await first.stop();
  expect(said).toContain('begins with 0 reads');
  expect(said).toContain('chip, reads: 3 rows, more: true');

  await relay.program.end('SIGKILL');
  const again = run(stage, args);
  await again.says(/^1500 reads of 997 chips$/m);
  expect(await again.stop()).toContain('begins with 1500 reads');
}, 180_000);
