import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { append, fill, linesAfter, PAIR, rawsOf, withStreams } from '@baton/testkit/store-fixtures';
import { describe, expect, it } from 'vitest';
import { stepFloor, watchDiskFloor } from '../../src/limits/disk-floor.ts';
import { guardFloor } from '../../src/storage/floor-store.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';

describe('the floor of the disk', () => {
  it.each([
    ['above', 100, 'above'],
    ['above', 99, 'below'],
    ['below', 100, 'below'],
    ['below', 112, 'below'],
    ['below', 113, 'above'],
    ['above', null, 'above'],
    ['below', null, 'below'],
  ] as const)('[P22] %s it, with %s bytes free of a floor of 100, is %s', (state, free, next) => {
    expect(stepFloor(state, free, 100)).toBe(next);
  });

  it('without a floor nothing is kept free', () => {
    expect(stepFloor('below', 0, 0)).toBe('above');
  });

  it('[P22] below it reads are refused, to be sent again; what is there is served; above it they are taken without a restart', async () => {
    const time = createVirtualTime();
    let free: number | null = 1000;
    const floor = watchDiskFloor(
      { timers: time.timers, journal: silentLog, freeBytes: () => free },
      { floorBytes: 500, everyMs: 5000 },
    );
    const store = guardFloor(createMemoryStore(), floor.isBelow);
    await withStreams(store);
    await fill(store, PAIR, 3, 2);
    free = 499;
    await time.advanceAsync(5000);
    expect(floor.isBelow()).toBe(true);
    expect((await append(store, PAIR, 4, 1)).type).toBe('storage-full');
    expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 3));
    free = 2000;
    await time.advanceAsync(5000);
    expect((await append(store, PAIR, 4, 1)).type).toBe('accepted');
    floor.stop();
    await store.close();
  });
});
