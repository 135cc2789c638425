import { CHUNK_SIZE } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import {
  append,
  batchOf,
  commit,
  epochRecord,
  fill,
  linesAfter,
  type OpenStore,
  OTHER_STREAM,
  onStore,
  PAIR,
  STREAM,
  withStreams,
} from './fixtures.ts';

const HEAD = 2 * CHUNK_SIZE + 5;

/** Reads of the epoch as batches that begin at these numbers. */
const batches = (...parts: readonly (readonly [first: number, count: number])[]) =>
  parts.map(([firstSeq, count]) => ({ firstSeq, count, batch: batchOf(firstSeq, count) }));

export const archivingContract = (open: OpenStore): void => {
  describe('archiving', () => {
    it('[P9] drops the reads of an epoch sealed with this hash, and nothing of its record', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await fill(store, PAIR, HEAD, 700);
        await fill(store, { streamId: OTHER_STREAM, epoch: 1 }, 10, 10);
        const before = epochRecord(await store.load(), PAIR);
        await commit(store, { type: 'archiveEpoch', streamId: STREAM, epoch: 1, hash: 'none' });
        expect(epochRecord(await store.load(), PAIR)).toEqual(before);
        const hash = (await store.seal(STREAM, 1, HEAD))?.hash ?? '';
        await commit(store, { type: 'archiveEpoch', streamId: STREAM, epoch: 1, hash: `${hash}0` });
        expect((await linesAfter(store, PAIR, 0)).length).toBe(HEAD);
        await commit(store, { type: 'archiveEpoch', streamId: STREAM, epoch: 1, hash });
        const archived = { ...before, sealed: true, hash, archived: true };
        expect(epochRecord(await store.load(), PAIR)).toEqual(archived);
        // nothing can be compared any more: what is sent again goes where nothing of it is lost
        expect(await append(store, PAIR, 1, 5)).toMatchObject({ type: 'conflict', head: HEAD, seq: 1 });
        const again = await reopen();
        expect(epochRecord(await again.load(), PAIR)).toEqual(archived);
        expect((await linesAfter(again, { streamId: OTHER_STREAM, epoch: 1 }, 0)).length).toBe(10);
      })());

    it('takes them back in order, also after an attempt that was cut; the epoch is as it was', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await fill(store, PAIR, HEAD, 700);
        const hash = (await store.seal(STREAM, 1, HEAD))?.hash ?? '';
        const [before, lines] = [epochRecord(await store.load(), PAIR), await linesAfter(store, PAIR, 0)];
        const pair = { streamId: STREAM, epoch: 1 };
        // no epoch that is not archived is touched
        await commit(
          store,
          { type: 'restoreReads', ...pair, batches: batches([1, 3]) },
          { type: 'reopenEpoch', ...pair },
        );
        expect(await linesAfter(store, PAIR, 0)).toEqual(lines);
        await commit(store, { type: 'archiveEpoch', ...pair, hash });
        await commit(store, { type: 'restoreReads', ...pair, batches: batches([1, CHUNK_SIZE]) });
        await commit(store, { type: 'reopenEpoch', ...pair });
        expect(epochRecord(await store.load(), PAIR)?.archived).toBe(true);
        const again = await reopen();
        await commit(again, { type: 'restoreReads', ...pair, batches: batches([1, CHUNK_SIZE]) });
        const rest = batches([CHUNK_SIZE + 1, CHUNK_SIZE], [2 * CHUNK_SIZE + 1, 5]);
        await commit(again, { type: 'restoreReads', ...pair, batches: rest }, { type: 'reopenEpoch', ...pair });
        expect(epochRecord(await again.load(), PAIR)).toEqual(before);
        expect(await linesAfter(again, PAIR, 0)).toEqual(lines);
        expect(await append(again, PAIR, 1, 5)).toMatchObject({ type: 'duplicate', head: HEAD });
        expect(await again.seal(STREAM, 1, HEAD)).toEqual({ hash });
      })());
  });
};
