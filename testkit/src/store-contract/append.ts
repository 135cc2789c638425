import { encodeBatch } from '@baton/schema/reads';
import { describe, expect, it } from 'vitest';
import {
  append,
  batchOf,
  commit,
  epochRecord,
  fill,
  linesAfter,
  numbered,
  type OpenStore,
  OTHER_STREAM,
  onStore,
  PAIR,
  putStream,
  rawsOf,
  readsOf,
  receivedAtOf,
  STREAM,
  streamOf,
  withStreams,
} from './fixtures.ts';

const MAX_SEQ = Number.MAX_SAFE_INTEGER;

export const appendContract = (open: OpenStore): void => {
  describe('append', () => {
    it('[RT-34] takes the next reads and says where they leave the epoch', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        expect(await append(store, PAIR, 1, 20)).toEqual({
          type: 'accepted',
          state: { head: 20, firstReadAt: receivedAtOf(10), lastReadAt: receivedAtOf(19) },
          stored: { firstSeq: 1, count: 20, batch: batchOf(1, 20) },
          duplicates: 0,
          epochRose: false,
        });
        expect(await append(store, PAIR, 21, 3)).toMatchObject({
          type: 'accepted',
          state: { head: 23, firstReadAt: receivedAtOf(10), lastReadAt: receivedAtOf(23) },
        });
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 23));
      })());

    it('[RT-34] answers the same batch again as a duplicate and stores it once', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 10);
        expect(await append(store, PAIR, 1, 10)).toEqual({ type: 'duplicate', head: 10, duplicates: 10 });
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 10));
      })());

    it('[RT-34] knows a duplicate cut in other pieces than it was stored in', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await fill(store, PAIR, 30, 10);
        expect(await append(store, PAIR, 5, 17)).toEqual({ type: 'duplicate', head: 30, duplicates: 17 });
      })());

    it('[RT-34] stores only the unknown rest of a batch that is known in part', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 10);
        const reply = await append(store, PAIR, 6, 10);
        expect(reply).toMatchObject({ type: 'accepted', duplicates: 5, state: { head: 15 } });
        if (reply.type !== 'accepted') return;
        expect(reply.stored).toMatchObject({ firstSeq: 11, count: 5 });
        expect(numbered(reply.stored).map((read) => read.raw)).toEqual(rawsOf(11, 5));
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 15));
      })());

    it('[RT-34] [P2] refuses a gap and says what it expects', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        expect(await append(store, PAIR, 2, 5)).toEqual({ type: 'gap', head: 0, expected: 1 });
        await append(store, PAIR, 1, 5);
        expect(await append(store, PAIR, 7, 5)).toEqual({ type: 'gap', head: 5, expected: 6 });
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 5));
      })());

    it('[RT-34] [P4] refuses other bytes under a known number, keeps the first and names a fresh epoch', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 10);
        expect(await append(store, PAIR, 8, 5, 1)).toEqual({ type: 'conflict', head: 10, seq: 8, nextEpoch: 2 });
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 10));
        expect(await append(store, { ...PAIR, epoch: 2 }, 1, 5, 1)).toMatchObject({
          type: 'accepted',
          epochRose: true,
        });
        expect(await linesAfter(store, { ...PAIR, epoch: 2 }, 0)).toEqual(rawsOf(1, 5, 1));
      })());

    it('[RT-34] compares the line only: another time of receipt is no conflict', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 3);
        const later = encodeBatch(readsOf(1, 3).map((read) => ({ ...read, receivedAt: read.receivedAt + 60_000 })));
        expect(await store.append({ ...PAIR, firstSeq: 1, batch: later })).toMatchObject({ type: 'duplicate' });
      })());

    it('[RT-14] names an epoch above every one that the stream has or was commanded to', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 2);
        await commit(store, putStream(STREAM, { currentEpoch: 4, commandedEpoch: 6 }));
        expect(await append(store, PAIR, 1, 2, 1)).toMatchObject({ type: 'conflict', nextEpoch: 7 });
        await append(store, { ...PAIR, epoch: 9 }, 1, 1);
        expect(await append(store, PAIR, 1, 2, 1)).toMatchObject({ type: 'conflict', nextEpoch: 10 });
      })());

    it('[RT-34] refuses a stream that it does not know', () =>
      onStore(open, async (store) => {
        expect(await append(store, PAIR, 1, 1)).toEqual({ type: 'unknown-stream' });
      })());

    it('[RT-34] refuses what is no batch or has no possible number, and stores nothing', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const good = batchOf(1, 3);
        const bad = [
          new Uint8Array(0),
          Uint8Array.of(9, 9, 9),
          good.subarray(0, good.length - 2),
          new Uint8Array(5_000_000),
        ];
        for (const batch of bad) {
          expect(await store.append({ ...PAIR, firstSeq: 1, batch })).toMatchObject({ type: 'malformed' });
        }
        for (const firstSeq of [0, -1, 1.5, Number.NaN, MAX_SEQ + 1]) {
          expect(await store.append({ ...PAIR, firstSeq, batch: good })).toMatchObject({ type: 'malformed' });
        }
        for (const epoch of [0, 1.5, 0x1_0000_0000, Number.NaN]) {
          expect(await store.append({ ...PAIR, epoch, firstSeq: 1, batch: good })).toMatchObject({ type: 'malformed' });
        }
        expect(await store.append({ ...PAIR, firstSeq: MAX_SEQ, batch: good })).toMatchObject({ type: 'gap' });
        expect(await store.readBatches({ ...PAIR, afterSeq: 0, maxReads: 9, maxBytes: 999 })).toEqual([]);
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ accepted: 0, duplicates: 0, conflicts: 0 });
      })());

    it('[RT-14] a higher epoch becomes the current one and settles the command for it', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await commit(store, putStream(STREAM, { currentEpoch: 1, commandedEpoch: 3 }));
        expect(await append(store, { ...PAIR, epoch: 2 }, 1, 1)).toMatchObject({ epochRose: true });
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 2, commandedEpoch: 3 });
        expect(await append(store, { ...PAIR, epoch: 4 }, 1, 1)).toMatchObject({ epochRose: true });
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 4, commandedEpoch: null });
      })());

    it('[RT-21] late reads of an old epoch are stored and change no current epoch', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, { ...PAIR, epoch: 3 }, 1, 2);
        expect(await append(store, PAIR, 1, 2)).toMatchObject({ type: 'accepted', epochRose: false });
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 3 });
      })());

    it('[RT-34] counts what it accepted, knew and refused, durably', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await append(store, PAIR, 1, 10);
        await append(store, PAIR, 1, 10);
        await append(store, PAIR, 8, 5);
        await append(store, PAIR, 1, 1, 1);
        const counts = { accepted: 12, duplicates: 13, conflicts: 1 };
        expect(streamOf(await store.load(), STREAM)).toMatchObject(counts);
        expect(streamOf(await (await reopen()).load(), STREAM)).toMatchObject(counts);
      })());

    it('streams and epochs have their own numbers', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const pairs = [PAIR, { ...PAIR, epoch: 2 }, { ...PAIR, streamId: OTHER_STREAM }];
        const replies = await Promise.all(pairs.map((pair, index) => append(store, pair, 1, 5 + index, index)));
        expect(replies.map((reply) => reply.type)).toEqual(['accepted', 'accepted', 'accepted']);
        for (const [index, pair] of pairs.entries()) {
          expect(await linesAfter(store, pair, 0)).toEqual(rawsOf(1, 5 + index, index));
        }
        expect(epochRecord(await store.load(), pairs[1]!)).toMatchObject({ head: 6, sealed: false, hash: null });
      })());

    it('[P2] appends sent without waiting are decided in their order', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const replies = await Promise.all([
          append(store, PAIR, 1, 4),
          append(store, PAIR, 6, 1),
          append(store, PAIR, 5, 4),
          append(store, PAIR, 5, 4),
          append(store, PAIR, 9, 1),
        ]);
        expect(replies.map((reply) => reply.type)).toEqual(['accepted', 'gap', 'accepted', 'duplicate', 'accepted']);
      })());

    it('keeps its own copy of the bytes it was given', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const bytes = batchOf(1, 5);
        const reply = store.append({ ...PAIR, firstSeq: 1, batch: bytes });
        bytes.fill(0);
        expect(await reply).toMatchObject({ type: 'accepted', stored: { batch: batchOf(1, 5) } });
        expect(await linesAfter(store, PAIR, 0)).toEqual(rawsOf(1, 5));
      })());
  });
};
