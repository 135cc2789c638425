import { EventId } from '@baton/schema/ids';
import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { watchDiskUse } from '../../src/limits/disk-use.ts';
import type { EventSize } from '../../src/storage/records.ts';

const EVENT = EventId.parse('spring-run');

/** A store whose answers the test gives, in order. */
const askedStore = () => {
  const waiting: { readonly answer: (bytes: number) => void; readonly fail: () => void }[] = [];
  const sizes = (): Promise<readonly EventSize[]> =>
    new Promise((resolve, reject) => {
      waiting.push({
        answer: (bytes) => resolve([{ eventId: EVENT, bytes }]),
        fail: () => reject(new Error('the store is closed')),
      });
    });
  return { sizes, next: () => waiting.shift() ?? expect.unreachable('the store was not asked') };
};

const watched = async () => {
  const time = createVirtualTime();
  const store = askedStore();
  const opening = watchDiskUse({ sizes: store.sizes, timers: time.timers, journal: silentLog });
  store.next().answer(100);
  return { time, store, use: await opening };
};

describe('what an event holds on the disk', () => {
  it('is what the store told last and what was taken since, nothing twice and nothing left out while it is asked', async () => {
    const { time, store, use } = await watched();
    use.note(EVENT, 20);
    expect(use.of(EVENT)).toBe(120);
    time.advance(5000);
    use.note(EVENT, 3); // after it was asked: not in its answer
    expect(use.of(EVENT)).toBe(123);
    store.next().answer(110); // half of what came was known already
    await time.advanceAsync(0);
    expect(use.of(EVENT)).toBe(113);
  });

  it('forgets nothing when the store cannot tell', async () => {
    const { time, store, use } = await watched();
    use.note(EVENT, 20);
    time.advance(5000);
    use.note(EVENT, 1);
    store.next().fail();
    await time.advanceAsync(0);
    expect(use.of(EVENT)).toBe(121);
    time.advance(5000);
    store.next().answer(121);
    await time.advanceAsync(0);
    expect(use.of(EVENT)).toBe(121);
  });
});
