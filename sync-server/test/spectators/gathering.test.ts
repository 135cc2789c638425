import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createGathering } from '../../src/spectators/gathering.ts';

const gathered = (outcomes: readonly boolean[] = []) => {
  const time = createVirtualTime();
  const steps: number[] = [];
  const gathering = createGathering(time.timers, { windowMs: 150, maxPauseMs: 1000 }, async () => {
    steps.push(time.timers.mono());
    return outcomes[steps.length - 1] ?? true;
  });
  return { time, steps, gathering };
};

describe('changes of a while', () => {
  it('[CN-03] are one step, 150 ms after the first of them, however many', async () => {
    const { time, steps, gathering } = gathered();
    for (let at = 0; at < 100; at++) {
      gathering.note();
      await time.advanceAsync(1);
    }
    await time.advanceAsync(1000);
    expect(steps).toEqual([150]);
    expect(time.pending()).toBe(0);
  });

  it('of a long while are a step each window', async () => {
    const { time, steps, gathering } = gathered();
    for (let at = 0; at < 1000; at++) {
      gathering.note();
      await time.advanceAsync(1);
    }
    expect(steps.length).toBeGreaterThan(5);
    expect(steps.every((at, index) => index === 0 || at - (steps[index - 1] ?? 0) >= 150)).toBe(true);
  });

  it('are there at once for who asks after a quiet while, and within a window for who asks again', async () => {
    const { time, steps, gathering } = gathered();
    await gathering.settled();
    gathering.note();
    await gathering.settled();
    expect(steps).toEqual([0]);
    await time.advanceAsync(10);
    gathering.note();
    let isSettled = false;
    void gathering.settled().then(() => {
      isSettled = true;
    });
    await time.advanceAsync(149);
    expect(isSettled).toBe(false);
    await time.advanceAsync(1);
    expect(isSettled).toBe(true);
    expect(steps).toEqual([0, 160]);
  });

  it('are tried again when a step fails, with pauses that double up to their limit', async () => {
    const { time, steps, gathering } = gathered([false, false, false, false, false, true]);
    gathering.note();
    await time.advanceAsync(10_000);
    expect(steps.map((at, index) => at - (steps[index - 1] ?? 0))).toEqual([150, 300, 600, 1000, 1000, 1000]);
    expect(time.pending()).toBe(0);
  });

  it('wait while something runs between steps', async () => {
    const { time, steps, gathering } = gathered();
    let free = (): void => {};
    const task = gathering.between(
      () =>
        new Promise<void>((resolve) => {
          free = resolve;
        }),
    );
    gathering.note();
    await time.advanceAsync(500);
    expect(steps).toEqual([]);
    free();
    await task;
    await time.advanceAsync(0);
    expect(steps).toEqual([500]);
  });

  it('leave nothing behind when they are stopped', async () => {
    const { time, steps, gathering } = gathered();
    gathering.note();
    const settled = gathering.settled();
    gathering.stop();
    await settled;
    await time.advanceAsync(1000);
    expect(steps.length).toBeLessThan(2);
    expect(time.pending()).toBe(0);
  });
});
