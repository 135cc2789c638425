import { createHash } from 'node:crypto';
import { CHUNK_SIZE } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import {
  append,
  epochRecord,
  fill,
  linesAfter,
  type OpenStore,
  onStore,
  PAIR,
  readsOf,
  STREAM,
  withStreams,
} from './fixtures.ts';

/** SHA-256 over every raw line and LF, computed independently. */
const hashOf = (head: number): string => {
  const hash = createHash('sha256');
  for (const read of readsOf(1, head)) hash.update(Buffer.concat([read.raw, Buffer.from('\n')]));
  return hash.digest('hex');
};

export const sealingContract = (open: OpenStore): void => {
  describe('sealing', () => {
    it('marks an epoch that ends there with the hash of its lines, for good', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await fill(store, PAIR, 50, 8);
        expect(await store.seal(STREAM, 1, 50)).toEqual({ hash: hashOf(50) });
        const sealed = { head: 50, sealed: true, hash: hashOf(50) };
        expect(epochRecord(await store.load(), PAIR)).toMatchObject(sealed);
        expect(await store.seal(STREAM, 1, 50)).toEqual({ hash: hashOf(50) });
        expect(epochRecord(await (await reopen()).load(), PAIR)).toMatchObject(sealed);
      })());

    it('hashes the same however the reads are stored', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const head = 5 * CHUNK_SIZE + 7;
        await fill(store, PAIR, head, 333);
        expect(await store.seal(STREAM, 1, head)).toEqual({ hash: hashOf(head) });
      })());

    it('does nothing unless the head is exactly that', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 5, 5);
        expect(await store.seal(STREAM, 1, 4)).toBeNull();
        expect(await store.seal(STREAM, 1, 6)).toBeNull();
        expect(await store.seal(STREAM, 2, 0)).toBeNull();
        expect(epochRecord(await store.load(), PAIR)).toMatchObject({ sealed: false, hash: null });
      })());

    it('[P4] [RT-34] a sealed epoch takes no more reads: they are sent to a fresh one, and repeats are repeats', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 5, 5);
        await store.seal(STREAM, 1, 5);
        expect(await append(store, PAIR, 4, 4)).toEqual({ type: 'conflict', head: 5, seq: 6, nextEpoch: 2 });
        expect(await append(store, PAIR, 1, 5)).toMatchObject({ type: 'duplicate' });
        expect(await append(store, PAIR, 7, 1)).toMatchObject({ type: 'gap' });
        expect(await linesAfter(store, PAIR, 0)).toHaveLength(5);
      })());
  });
};
