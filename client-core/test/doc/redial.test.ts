import { createVirtualTime } from '@baton/testkit';
import { expect, it } from 'vitest';
import { createRedial } from '../../src/doc/redial.ts';

const stage = (random: readonly number[]) => {
  const time = createVirtualTime();
  const numbers = [...random];
  let dials = 0;
  const redial = createRedial(
    { timers: time.timers, random: { next: () => numbers.shift() ?? 0.5 }, dial: () => dials++ },
    { firstMs: 1000, maxMs: 30_000 },
  );
  return { time, redial, dials: () => dials };
};

it('[P20] tries soon when woken, with jitter, and never later than planned', () => {
  const { time, redial, dials } = stage([0.9, 0.9, 0.9, 0.9, 0.4]);
  for (let failure = 0; failure < 4; failure++) redial.later();
  expect(time.untilNext()).toBe(7200);
  redial.wake();
  expect(time.untilNext()).toBe(400);
  redial.wake();
  expect(time.untilNext()).toBe(400);
  time.advance(400);
  expect([dials(), time.untilNext()]).toEqual([1, null]);
});

it('[P20] does not put off a try that is due sooner, nor begin one that nobody waits for', () => {
  const { time, redial, dials } = stage([0.1, 0.9]);
  redial.wake();
  expect(time.untilNext()).toBe(null);
  redial.later();
  redial.wake();
  expect(time.untilNext()).toBe(100);
  redial.stop();
  time.advance(60_000);
  expect(dials()).toBe(0);
});

it('[P20] forgets its failures only when the connection did its work', () => {
  const { time, redial } = stage([]);
  for (let failure = 0; failure < 6; failure++) redial.later();
  redial.wake();
  time.advance(500);
  redial.later();
  expect(time.untilNext()).toBe(15_000);
  redial.settle();
  redial.later();
  expect(time.untilNext()).toBe(500);
});
