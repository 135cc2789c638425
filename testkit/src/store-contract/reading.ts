import { CHUNK_SIZE } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import { append, fill, linesAfter, numbered, type OpenStore, onStore, PAIR, rawsOf, withStreams } from './fixtures.ts';

const ALL = { maxReads: 1_000_000, maxBytes: 1_000_000_000 };

export const readingContract = (open: OpenStore): void => {
  describe('reading', () => {
    it('[P3] [RT-18] gives every read after any position, in order, once', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 60, 7);
        const lines = rawsOf(1, 60);
        for (let after = 0; after <= 60; after++) {
          expect(await linesAfter(store, PAIR, after)).toEqual(lines.slice(after));
          expect(await linesAfter(store, PAIR, after, 5)).toEqual(lines.slice(after));
        }
      })());

    it('[P4] gives the same lines across chunk ends, whatever is compacted meanwhile, and after a restart', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        const head = 2 * CHUNK_SIZE + 100;
        await fill(store, PAIR, head, 300); // 300 divides no chunk: rows lie across its ends
        const lines = rawsOf(1, head);
        const around = [
          0,
          1,
          CHUNK_SIZE - 1,
          CHUNK_SIZE,
          CHUNK_SIZE + 1,
          1199,
          1200,
          2 * CHUNK_SIZE - 1,
          2 * CHUNK_SIZE,
        ];
        const check = async (reading: typeof store): Promise<void> => {
          for (const after of around) expect(await linesAfter(reading, PAIR, after, 400)).toEqual(lines.slice(after));
        };
        await check(store);
        await check(store);
        await check(await reopen());
      })());

    it('the first batch holds the read that is asked for', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 40, 10);
        for (const afterSeq of [0, 9, 10, 14, 39]) {
          const [first] = await store.readBatches({ ...PAIR, afterSeq, ...ALL });
          expect(numbered(first!).map((read) => read.seq)).toContain(afterSeq + 1);
        }
      })());

    it('stops once enough reads or bytes are there, and gives at least one batch', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 100, 10);
        const count = async (limits: { maxReads: number; maxBytes: number }, afterSeq = 0): Promise<number> =>
          (await store.readBatches({ ...PAIR, afterSeq, ...limits })).length;
        expect(await count(ALL)).toBe(10);
        expect(await count({ ...ALL, maxReads: 1 })).toBe(1);
        expect(await count({ ...ALL, maxReads: 10 })).toBe(1);
        expect(await count({ ...ALL, maxReads: 11 })).toBe(2);
        expect(await count({ ...ALL, maxReads: 10 }, 5)).toBe(2);
        expect(await count({ ...ALL, maxBytes: 1 })).toBe(1);
        expect(await count({ maxReads: 0, maxBytes: 0 })).toBe(1);
      })());

    it('is empty at the head, above it, and for what is unknown', () =>
      onStore(open, async (store) => {
        expect(await store.readBatches({ ...PAIR, afterSeq: 0, ...ALL })).toEqual([]);
        await withStreams(store);
        await append(store, PAIR, 1, 3);
        expect(await store.readBatches({ ...PAIR, afterSeq: 3, ...ALL })).toEqual([]);
        expect(await store.readBatches({ ...PAIR, afterSeq: 99, ...ALL })).toEqual([]);
        expect(await store.readBatches({ ...PAIR, epoch: 2, afterSeq: 0, ...ALL })).toEqual([]);
      })());
  });
};
