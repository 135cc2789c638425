import { StoreFailedError } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import {
  append,
  commit,
  fill,
  linesAfter,
  type OpenStore,
  onStore,
  PAIR,
  putStream,
  rawsOf,
  STREAM,
  streamOf,
  withStreams,
} from './fixtures.ts';

export const durabilityContract = (open: OpenStore): void => {
  describe('restart and close', () => {
    it('[P1] [P2] what was acked is there after a restart, and the next number follows it', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await fill(store, PAIR, 200, 9);
        const reopened = await reopen();
        expect(await linesAfter(reopened, PAIR, 0)).toEqual(rawsOf(1, 200));
        expect(await append(reopened, PAIR, 202, 1)).toMatchObject({ type: 'gap', expected: 201 });
        expect(await append(reopened, PAIR, 190, 20)).toMatchObject({ type: 'accepted', duplicates: 11 });
        expect(await append(reopened, PAIR, 5, 1, 1)).toMatchObject({ type: 'conflict', seq: 5 });
      })());

    it('closing writes what waits', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        const waiting = Promise.all([append(store, PAIR, 1, 3), store.appendDoc('d', Uint8Array.of(1))]);
        const reopened = await reopen();
        expect((await waiting).map((reply) => reply.type)).toEqual(['accepted', 'committed']);
        expect(await linesAfter(reopened, PAIR, 0)).toHaveLength(3);
        expect(await reopened.loadDoc('d')).toHaveLength(1);
      })());

    it('closing twice is closing once, and later calls are refused', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await Promise.all([store.close(), store.close()]);
        await store.close();
        expect(await append(store, PAIR, 1, 1)).toMatchObject({ type: 'failed' });
        expect(await store.commit([])).toMatchObject({ type: 'failed' });
        expect(await store.appendDoc('d', Uint8Array.of(1))).toMatchObject({ type: 'failed' });
        await expect(store.load()).rejects.toBeInstanceOf(StoreFailedError);
      })());

    it('changes of one call count from the next append on', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const [, reply] = await Promise.all([
          commit(store, putStream(STREAM, { currentEpoch: 3 })),
          append(store, { ...PAIR, epoch: 2 }, 1, 1),
        ]);
        expect(reply).toMatchObject({ type: 'accepted', epochRose: false });
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 3 });
        expect(await store.sizeBytes()).toBeGreaterThan(0);
      })());
  });
};
