import { mapEpoch, putRace } from '@baton/schema/doc';
import type { Selection } from '@baton/schema/selection';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { addRace, attachForwarder, createParts, EVENT, map, OTHER_RACE, RACE, stream } from '../support/relay-parts.ts';

const all: Selection = { mode: 'race', raceId: RACE, epochScope: 'all' };

const followed = async () => {
  const time = createVirtualTime();
  const parts = await createParts({ timers: time.timers });
  await addRace(parts, RACE, '10 km');
  const { push } = await attachForwarder(parts, 'f1', ['mat']);
  const { view, release } = await parts.deps.views.hold(EVENT);
  let told = 0;
  view.onChange(() => told++);
  return { time, parts, push, view, release, told: () => told };
};

describe('what selections resolve against', () => {
  it('[RT-20] [RT-30] a change of mappings is told at once, before any timer', async () => {
    const it = await followed();
    await map(it.parts, 'f1.mat', 1, RACE);
    expect(it.told()).toBe(1);
    expect(it.view.resolve(all)).toMatchObject({ targets: [{ streamId: 'f1.mat', epoch: 1 }] });
    await map(it.parts, 'f1.mat', 1, null);
    expect(it.told()).toBe(2);
    expect(it.view.resolve(all)).toMatchObject({ targets: [] });
  });

  it('[RT-21] a current epoch that moves is told before the next append is answered', async () => {
    const it = await followed();
    await it.push('mat', 2, 1, 1);
    expect(it.told()).toBe(1);
  });

  it('reads of an epoch that was passed over make it known, too', async () => {
    const it = await followed();
    await it.push('mat', 3, 1, 1);
    await it.push('mat', 2, 1, 1);
    expect(it.told()).toBe(2);
    const manual: Selection = { mode: 'manual', streams: [stream('f1.mat')] };
    expect(it.view.resolve(manual)).toMatchObject({ targets: [{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }] });
  });

  it('a storm of changes is told a few times, and its end is never missed', async () => {
    const it = await followed();
    for (let epoch = 1; epoch <= 200; epoch++) await map(it.parts, 'f1.mat', epoch, RACE);
    expect(it.told()).toBeLessThan(10);
    await it.time.advanceAsync(25);
    expect(it.told()).toBeLessThan(10);
    const told = it.told();
    expect(it.view.resolve(all)).toMatchObject({ type: 'targets', targets: { length: 200 } });
    await it.time.advanceAsync(1000);
    expect(it.told()).toBe(told);
  });

  it('edits of one transaction are one change', async () => {
    const it = await followed();
    await it.parts.setup.edit((doc) => {
      doc.transact(() => {
        putRace(doc, { raceId: OTHER_RACE, name: '5 km' });
        for (let epoch = 1; epoch <= 20; epoch++) mapEpoch(doc, { streamId: stream('f1.mat'), epoch }, OTHER_RACE);
      });
    });
    expect(it.told()).toBe(1);
  });

  it('tells nobody after it was let go', async () => {
    const it = await followed();
    for (let epoch = 1; epoch <= 20; epoch++) await map(it.parts, 'f1.mat', epoch, RACE);
    const told = it.told();
    it.release();
    await it.time.advanceAsync(1000);
    expect(it.told()).toBe(told);
  });
});
