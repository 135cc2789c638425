import { describe, expect, it } from 'vitest';
import { createVirtualTime } from '../src/virtual-time.ts';

describe('virtual time', () => {
  it('stands still until it is moved', () => {
    const time = createVirtualTime(1000);
    let ran = 0;
    time.timers.after(10, () => (ran += 1));
    expect([time.clock.now(), time.timers.mono(), time.untilNext(), ran]).toEqual([1000, 0, 10, 0]);
    time.advance(9);
    expect([time.clock.now(), time.untilNext(), ran]).toEqual([1009, 1, 0]);
    time.advance(1);
    expect([time.clock.now(), time.untilNext(), ran]).toEqual([1010, null, 1]);
  });

  it('runs timers in order of their time, then of their setting, each at its own time', () => {
    const time = createVirtualTime(0);
    const ran: string[] = [];
    const note = (name: string) => () => ran.push(`${name}@${time.timers.mono()}`);
    time.timers.after(20, note('late'));
    time.timers.after(5, note('first'));
    time.timers.after(5, note('second'));
    time.timers.after(-3, note('at once'));
    time.timers.every(8, note('every'));
    time.advance(20);
    expect(ran).toEqual(['at once@0', 'first@5', 'second@5', 'every@8', 'every@16', 'late@20']);
  });

  it('runs timers that timers set, and none that were cleared', () => {
    const time = createVirtualTime(0);
    const ran: string[] = [];
    const cleared = time.timers.after(3, () => ran.push('cleared'));
    const every = time.timers.every(2, () => {
      ran.push('every');
      if (ran.length === 3) every.clear();
    });
    time.timers.after(1, () => {
      cleared.clear();
      cleared.clear();
      time.timers.after(1, () => ran.push('nested'));
    });
    time.advance(100);
    expect(ran).toEqual(['every', 'nested', 'every']);
    expect(time.pending()).toBe(0);
  });

  it('[P25] a jump of the wall clock moves no timer', () => {
    const time = createVirtualTime(0);
    let ran = 0;
    time.timers.after(10, () => (ran += 1));
    time.jumpClock(-86_400_000);
    expect([time.clock.now(), time.timers.mono(), ran]).toEqual([-86_400_000, 0, 0]);
    time.advance(10);
    expect([time.clock.now(), ran]).toEqual([-86_399_990, 1]);
  });

  it('lets promises go on between timers', async () => {
    const time = createVirtualTime(0);
    const ran: number[] = [];
    const loop = async (): Promise<void> => {
      while (ran.length < 3) {
        await new Promise<void>((resolve) => time.timers.after(10, resolve));
        ran.push(time.timers.mono());
      }
    };
    const done = loop();
    await time.advanceAsync(35);
    await done;
    expect(ran).toEqual([10, 20, 30]);
    expect(time.timers.mono()).toBe(35);
  });
});
