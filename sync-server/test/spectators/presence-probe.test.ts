import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { startProbe } from '../../src/spectators/presence-probe.ts';

/** A peer that answers pings while it is told to. */
const probed = (times: { readonly pingMs: number; readonly pongMs: number }) => {
  const time = createVirtualTime();
  const pings: number[] = [];
  let pong = (): void => {};
  let silentAt: number | null = null;
  const socket = {
    ping: () => void pings.push(time.timers.mono()),
    onPong: (listener: () => void) => {
      pong = listener;
    },
  };
  const probe = startProbe(socket, time.timers, times, () => {
    silentAt = time.timers.mono();
  });
  return { time, pings, pong: () => pong(), silentAt: () => silentAt, probe };
};

describe('whether a spectator is still there', () => {
  it('[CN-14] is asked each 30 s, and who does not answer is gone 10 s after that ping, not at the next', () => {
    const { time, pings, silentAt, pong } = probed({ pingMs: 30_000, pongMs: 10_000 });
    time.advance(30_000);
    pong();
    time.advance(39_999);
    expect(pings).toEqual([30_000, 60_000]);
    expect(silentAt()).toBeNull();
    time.advance(1);
    expect(silentAt()).toBe(70_000);
    expect(time.pending()).toBe(0);
  });

  it('[CN-14] an answer in time is enough, however late', () => {
    const { time, silentAt, pong, probe } = probed({ pingMs: 30_000, pongMs: 10_000 });
    for (let round = 0; round < 5; round++) {
      time.advance(39_999 - (round === 0 ? 0 : 9_999));
      pong();
    }
    expect(silentAt()).toBeNull();
    probe.clear();
    expect(time.pending()).toBe(0);
  });

  it('the time of a ping runs on when the next one comes before it is over', () => {
    const { time, silentAt } = probed({ pingMs: 10, pongMs: 25 });
    time.advance(35);
    expect(silentAt()).toBe(35);
  });
});
