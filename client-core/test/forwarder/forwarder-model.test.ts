import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createForwarderStage, type ForwarderStage, linesFrom, onWire } from '../support/forwarder-stage.ts';

/** What can happen to a forwarder, as data: fast-check shrinks a failure to the few steps that matter. */
type Step =
  | { readonly type: 'read'; readonly count: number; readonly cutAt: number }
  | { readonly type: 'pass'; readonly ms: number }
  | { readonly type: 'move'; readonly up: number; readonly down: number }
  | { readonly type: 'stall'; readonly direction: 'up' | 'down'; readonly stalled: boolean }
  | { readonly type: 'cut' }
  | { readonly type: 'reach'; readonly reachable: boolean }
  | { readonly type: 'kill' }
  | { readonly type: 'command' }
  | { readonly type: 'refuse'; readonly refused: boolean }
  | { readonly type: 'disk'; readonly full: boolean }
  | { readonly type: 'restore'; readonly share: number }
  | { readonly type: 'lose' }
  | { readonly type: 'plant'; readonly count: number };

const read = fc.record({
  type: fc.constant('read' as const),
  count: fc.integer({ min: 1, max: 30 }),
  cutAt: fc.nat(40),
});
const pass = fc.record({ type: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) });
const move = fc.record({ type: fc.constant('move' as const), up: fc.nat(5), down: fc.nat(5) });
const stall = fc.record({
  type: fc.constant('stall' as const),
  direction: fc.constantFrom('up' as const, 'down' as const),
  stalled: fc.boolean(),
});
const cut = fc.constant<Step>({ type: 'cut' });
const kill = fc.constant<Step>({ type: 'kill' });
const command = fc.constant<Step>({ type: 'command' });
const reach = fc.record({ type: fc.constant('reach' as const), reachable: fc.boolean() });
const refuse = fc.record({ type: fc.constant('refuse' as const), refused: fc.boolean() });
const disk = fc.record({ type: fc.constant('disk' as const), full: fc.boolean() });
const restore = fc.record({ type: fc.constant('restore' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) });
const lose = fc.constant<Step>({ type: 'lose' });
const plant = fc.record({ type: fc.constant('plant' as const), count: fc.integer({ min: 1, max: 3 }) });

const often = [read, read, read, pass, move, move] as const;
const troubles = fc.oneof(...often, stall, cut, kill, command, reach, refuse, disk, restore, lose);
const conflicts = fc.oneof(...often, cut, kill, command, plant);

const STREAM = 'mat.start';

/** Runs steps and keeps what was ever seen at the relay under each number. */
const createRun = (stage: ForwarderStage) => {
  const seen = new Map<string, string>();
  let next = 1;
  let planted = 900_000;

  const watch = (): void => {
    for (const [epoch, lines] of stage.relay.stored(STREAM)) {
      lines.forEach((line, index) => {
        const key = `${epoch}/${index + 1}`;
        expect(seen.get(key) ?? line).toBe(line); // P4: never other bytes under one number
        seen.set(key, line);
      });
    }
  };

  const deliver = (count: number, cutAt: number): void => {
    const reader = stage.reader('start');
    if (!reader.isConnected() || reader.isPaused()) return;
    const wire = onWire(linesFrom(next, count));
    next += count;
    reader.deliver(wire.slice(0, cutAt));
    if (!reader.isPaused()) reader.deliver(wire.slice(cutAt));
  };

  const restart = async (): Promise<void> => {
    await stage.kill();
    stage.failCommits(null);
    stage.start();
    await stage.settle();
  };

  const frames = async (up: number, down: number): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    for (const pair of stage.relay.network.pairs) {
      for (let at = 0; at < up; at++) pair.deliver('up');
      for (let at = 0; at < down; at++) pair.deliver('down');
    }
  };

  const restoreRelay = (share: number): void => {
    for (const [epoch, lines] of stage.relay.stored(STREAM)) {
      stage.relay.forget(STREAM, epoch, Math.floor(lines.length * share));
    }
    stage.relay.cut();
  };

  const run = async (step: Step): Promise<void> => {
    const { relay } = stage;
    switch (step.type) {
      case 'read':
        return deliver(step.count, step.cutAt);
      case 'pass':
        return stage.pass(step.ms);
      case 'move':
        return frames(step.up, step.down);
      case 'stall':
        return relay.network.pairs.at(-1)?.stall(step.direction, step.stalled);
      case 'cut':
        return relay.cut();
      case 'reach':
        return relay.setReachable(step.reachable);
      case 'kill':
        return restart();
      case 'command':
        relay.commandNext(STREAM);
        return;
      case 'refuse':
        return relay.refuseWith(step.refused ? { code: 'UNAVAILABLE', message: 'later', retryable: true } : null);
      case 'disk':
        return stage.failCommits(step.full ? { type: 'storage-full', message: 'full' } : null);
      case 'restore':
        return restoreRelay(step.share);
      case 'lose':
        relay.loseDisk();
        return relay.cut();
      case 'plant': // another holder of the identity was here; its session ended ours
        relay.cut();
        relay.plant(STREAM, relay.currentEpoch(STREAM), linesFrom(planted, step.count));
        planted += step.count;
    }
  };

  /** All trouble ends; what can be sent is sent. */
  const heal = async (): Promise<void> => {
    stage.failCommits(null);
    stage.relay.refuseWith(null);
    stage.relay.setReachable(true);
    for (const pair of stage.relay.network.pairs) {
      pair.stall('up', false);
      pair.stall('down', false);
    }
    await stage.pass(2000);
    stage.relay.cut();
    await stage.pass(120_000);
    watch();
  };

  return {
    step: async (step: Step) => {
      await run(step);
      watch();
    },
    heal,
  };
};

const whole = async (steps: readonly Step[], check: (stage: ForwarderStage) => void): Promise<void> => {
  const stage = createForwarderStage();
  try {
    stage.reader('start').accept();
    stage.start();
    await stage.settle();
    const run = createRun(stage);
    for (const step of steps) await run.step(step);
    await run.heal();
    check(stage);
    expect(stage.failures).toEqual([]);
    expect(stage.forwarder().status()).toMatchObject({ connection: 'live', readers: [{ backlog: 0 }] });
  } finally {
    await stage.end();
  }
};

const storedLines = (stage: ForwarderStage): string[] => [...stage.relay.stored(STREAM).values()].flat();

describe('forwarder under any trouble', () => {
  it('[P3] [P7] [RT-37] [RT-14] each epoch reaches the relay as 1…n, in order, byte for byte what reached the disk', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(troubles, { minLength: 5, maxLength: 60 }), (steps) =>
        whole(steps, (stage) => {
          expect(storedLines(stage)).toEqual(stage.journalled('start'));
        }),
      ),
      { numRuns: 60 },
    );
  }, 300_000);

  it('[RT-34] [P4] foreign bytes under its numbers stay, and all its own reads arrive once in fresh epochs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(conflicts, { minLength: 5, maxLength: 40 }), (steps) =>
        whole(steps, (stage) => {
          const planted = new Set(linesFrom(900_000, 200));
          const own = storedLines(stage).filter((line) => !planted.has(line));
          expect(own.toSorted()).toEqual(stage.journalled('start').toSorted());
          const foreign = steps.reduce((sum, step) => sum + (step.type === 'plant' ? step.count : 0), 0);
          expect(storedLines(stage).length - own.length).toBe(foreign);
        }),
      ),
      { numRuns: 40 },
    );
  }, 300_000);
});
