import { STREAM } from '@baton/testkit/store-fixtures';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { storageTroubles } from '../../src/storage/storage-health.ts';
import type { CommitReply } from '../../src/storage/store.ts';
import { type StoreSight, watchStore } from '../../src/storage/watched-store.ts';

const WELL: StoreSight = { lastWrite: 'stored', waiting: 0, waitingBytes: 0, stillMs: 0 };
const FREE = 1e9;

const kinds = (sight: Partial<StoreSight>, freeBytes: number | null = FREE, isBelowFloor = false): readonly string[] =>
  storageTroubles({ ...WELL, ...sight }, { freeBytes, isBelowFloor }, 10_000).map(({ type }) => type);

describe('storageTroubles', () => {
  it('are none while things are stored, whether or not the disk can be looked at', () => {
    expect(kinds({})).toEqual([]);
    expect(kinds({}, null)).toEqual([]);
    expect(kinds({ waiting: 2000, stillMs: 9_999 })).toEqual([]);
  });

  it('[P22] are a full disk, found by a refused write or by looking', () => {
    expect(kinds({ lastWrite: 'full' })).toEqual(['disk-full']);
    expect(kinds({}, 4 * 1024 * 1024 - 1)).toEqual(['disk-full']);
    expect(kinds({}, 4 * 1024 * 1024)).toEqual([]);
  });

  it('[P22] are a disk below its floor, while it is not full', () => {
    expect(kinds({}, FREE, true)).toEqual(['disk-low']);
    expect(kinds({}, 0, true)).toEqual(['disk-full']);
  });

  it('[P23] are all that there are, the worst first', () => {
    expect(kinds({ lastWrite: 'failed', stillMs: 10_000 }, 0)).toEqual(['storage-failed', 'writer-stuck', 'disk-full']);
  });
});

/** A store whose commits are answered when the test says so. */
const heldStore = () => {
  const waiting: ((reply: CommitReply) => void)[] = [];
  let now = 0;
  const store = watchStore(
    { ...createMemoryStore(), commit: () => new Promise((resolve) => waiting.push(resolve)) },
    { mono: () => now },
  );
  return {
    store,
    answer: (reply: CommitReply): void => waiting.shift()?.(reply),
    pass: (ms: number): void => {
      now += ms;
    },
  };
};

describe('watchStore', () => {
  it('sees for how long nothing was answered: many slow writes are no stuck one', async () => {
    const { store, answer, pass } = heldStore();
    pass(1000);
    expect(store.sight().stillMs).toBe(0);
    const first = store.commit([]);
    const second = store.commit([]);
    pass(7000);
    expect(store.sight()).toMatchObject({ waiting: 2, stillMs: 7000 });
    answer({ type: 'committed' });
    await first;
    pass(6000);
    expect(store.sight()).toMatchObject({ waiting: 1, stillMs: 6000 });
    answer({ type: 'committed' });
    await second;
    pass(5000);
    expect(store.sight()).toMatchObject({ waiting: 0, stillMs: 0 });
  });

  it('[P22] takes no small write for a proof that the large one, which was refused, has room now', async () => {
    let now = 0;
    let full = true;
    const inner = createMemoryStore();
    const store = watchStore(
      {
        ...inner,
        append: async () =>
          full ? { type: 'storage-full', message: '' } : { type: 'duplicate', head: 1, duplicates: 1 },
        compactDoc: async () => ({ type: 'compacted', updates: 2, bytes: 1 }),
      },
      { mono: () => now },
    );
    const append = () => store.append({ streamId: STREAM, epoch: 1, firstSeq: 1, batch: new Uint8Array(2000) });
    await append();
    await store.commit([]);
    await store.compactDoc('d');
    expect(store.sight().lastWrite).toBe('full');
    now = 59_999;
    await store.commit([]);
    expect(store.sight().lastWrite).toBe('full');
    now = 60_000;
    await store.commit([]);
    expect(store.sight().lastWrite, 'nobody has been refused for a minute').toBe('stored');
    await append();
    full = false;
    await append();
    expect(store.sight().lastWrite, 'a duplicate writes nothing').toBe('full');
  });

  it('[P22][P23] remembers what the last write came to; a failure for good', async () => {
    const { store, answer } = heldStore();
    const writes: readonly [CommitReply, StoreSight['lastWrite']][] = [
      [{ type: 'storage-full', message: '' }, 'full'],
      [{ type: 'committed' }, 'stored'],
      [{ type: 'failed', message: '' }, 'failed'],
      [{ type: 'committed' }, 'failed'],
    ];
    for (const [reply, seen] of writes) {
      const committed = store.commit([]);
      answer(reply);
      await committed;
      expect(store.sight().lastWrite).toBe(seen);
    }
  });
});
