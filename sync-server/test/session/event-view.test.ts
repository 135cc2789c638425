import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createEventViews } from '../../src/session/event-view.ts';
import { addRace, createParts, EVENT, OTHER_RACE, RACE } from '../support/relay-parts.ts';

describe('event view', () => {
  it('[P16] tells many sessions in slices, so that none of them holds up the sockets', async () => {
    const parts = await createParts();
    const time = createVirtualTime();
    const views = createEventViews({ registry: parts.registry, docs: parts.docs, timers: time.timers });
    const { view, release } = await views.hold(EVENT);
    let told = 0;
    for (let n = 0; n < 100; n++) {
      view.onChange(() => {
        told++;
        time.advance(1); // each costs a millisecond
      });
    }
    await addRace(parts, RACE, '10 km');
    expect(told).toBeLessThanOrEqual(9);
    const first = told;
    time.advance(0);
    expect(told).toBeGreaterThan(first);
    time.advance(1000);
    expect(told).toBe(100);
    release();
  });

  it('a change while others are still being told begins anew: everybody hears of the last one', async () => {
    const parts = await createParts();
    const time = createVirtualTime();
    const views = createEventViews({ registry: parts.registry, docs: parts.docs, timers: time.timers });
    const { view, release } = await views.hold(EVENT);
    const heard = new Map<number, number>();
    for (let n = 0; n < 30; n++) {
      view.onChange(() => {
        const known = view.resolve({ mode: 'race', raceId: OTHER_RACE, epochScope: 'all' }).type === 'targets';
        if (known) heard.set(n, (heard.get(n) ?? 0) + 1);
        time.advance(1);
      });
    }
    await addRace(parts, RACE, '10 km');
    await addRace(parts, OTHER_RACE, '5 km');
    time.advance(1000);
    expect([...heard.keys()]).toHaveLength(30);
    release();
  });
});
