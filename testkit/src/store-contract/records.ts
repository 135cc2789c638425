import { NodeId, StreamId, TokenId } from '@baton/schema/ids';
import type { CursorRecord, Store } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import {
  append,
  commit,
  EVENT_A,
  EVENT_B,
  epochRecord,
  eventRecord,
  linesAfter,
  type OpenStore,
  OTHER_STREAM,
  onStore,
  PAIR,
  putStream,
  RECEIVER,
  STREAM,
  streamOf,
  streamRecord,
  tokenRecord,
  withStreams,
} from './fixtures.ts';

const cursor = (epoch: number, seq: number, change: Partial<CursorRecord> = {}): CursorRecord => ({
  receiverId: RECEIVER,
  streamId: STREAM,
  epoch,
  seq,
  ...change,
});

const raise = (store: Store, ...cursors: readonly CursorRecord[]): Promise<void> =>
  commit(store, { type: 'raiseCursors', cursors });

const seqsOf = async (store: Store): Promise<readonly string[]> =>
  (await store.load()).cursors.map((it) => `${it.receiverId} ${it.streamId}/${it.epoch} ${it.seq}`).sort();

export const recordsContract = (open: OpenStore): void => {
  describe('records', () => {
    it('a fresh store has none', () =>
      onStore(open, async (store) => {
        expect(await store.load()).toEqual({
          events: [],
          tokens: [],
          streams: [],
          epochs: [],
          cursors: [],
          attachments: [],
          dayUses: [],
        });
      })());

    it('[P1] events, tokens and streams come back as they were put, also after a restart', () =>
      onStore(open, async (store, { reopen }) => {
        const event = eventRecord(EVENT_A, { location: 'Köln ☂', status: 'running', minClientVersion: '1.10' });
        const tokens = [
          tokenRecord('t1', { expiresAt: 12, nodeId: RECEIVER, role: 'receiver', label: "x'; DROP TABLE tokens" }),
          tokenRecord('t2', { eventId: null, role: 'admin' }),
        ];
        await commit(
          store,
          { type: 'putEvent', event },
          ...tokens.map((token) => ({ type: 'putToken' as const, token })),
          putStream(STREAM, { currentEpoch: 3, commandedEpoch: 3 }),
        );
        const expected = {
          events: [event],
          tokens,
          streams: [
            {
              ...streamRecord(STREAM, { currentEpoch: 3, commandedEpoch: 3 }),
              accepted: 0,
              duplicates: 0,
              conflicts: 0,
            },
          ],
          epochs: [
            {
              ...PAIR,
              epoch: 3,
              head: 0,
              firstReadAt: null,
              lastReadAt: null,
              sealed: false,
              hash: null,
              archived: false,
            },
          ],
          cursors: [],
          attachments: [],
          dayUses: [],
        };
        expect(await store.load()).toEqual(expected);
        expect(await (await reopen()).load()).toEqual(expected);
      })());

    it('putting again replaces, deleting a token deletes that one', () =>
      onStore(open, async (store) => {
        await commit(
          store,
          { type: 'putEvent', event: eventRecord(EVENT_A) },
          { type: 'putToken', token: tokenRecord('t1') },
          { type: 'putToken', token: tokenRecord('t2') },
        );
        await commit(
          store,
          { type: 'putEvent', event: eventRecord(EVENT_A, { title: 'Renamed', status: 'startlist' }) },
          { type: 'putToken', token: tokenRecord('t2', { label: 'new' }) },
          { type: 'deleteToken', tokenId: TokenId.parse('t1') },
          { type: 'deleteToken', tokenId: TokenId.parse('never-there') },
        );
        const records = await store.load();
        expect(records.events).toEqual([eventRecord(EVENT_A, { title: 'Renamed', status: 'startlist' })]);
        expect(records.tokens).toEqual([tokenRecord('t2', { label: 'new' })]);
      })());

    it('[RT-14] a current epoch never goes down, and counters and reads survive a put', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, { ...PAIR, epoch: 5 }, 1, 4);
        await commit(store, putStream(STREAM, { currentEpoch: 2, reader: 'renamed' }));
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 5, reader: 'renamed', accepted: 4 });
        expect(await append(store, { ...PAIR, epoch: 5 }, 5, 1)).toMatchObject({ type: 'accepted', epochRose: false });
        await commit(store, putStream(STREAM, { currentEpoch: 8 }));
        expect(await append(store, { ...PAIR, epoch: 7 }, 1, 1)).toMatchObject({ epochRose: false });
        expect(epochRecord(await store.load(), { ...PAIR, epoch: 8 })).toMatchObject({ head: 0 });
      })());

    it('[RT-14] a command stands until a read of its epoch or a higher one has come, and is not brought back', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await append(store, PAIR, 1, 1);
        await commit(store, putStream(STREAM, { currentEpoch: 2, commandedEpoch: 2 }));
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 2, commandedEpoch: 2 });
        await append(store, PAIR, 2, 1);
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ commandedEpoch: 2 });
        await append(store, { ...PAIR, epoch: 2 }, 1, 1);
        await commit(store, putStream(STREAM, { currentEpoch: 2, commandedEpoch: 2 }));
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ currentEpoch: 2, commandedEpoch: null });
      })());

    it('[RT-11] a cursor only rises', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await raise(store, cursor(1, 5));
        await raise(store, cursor(1, 3));
        expect(await seqsOf(store)).toEqual(['scoring gate.finish/1 5']);
        await raise(store, cursor(1, 6), cursor(1, 2));
        expect(await seqsOf(await reopen())).toEqual(['scoring gate.finish/1 6']);
      })());

    it('[RT-10] has a cursor for each receiver, stream and epoch', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const other = NodeId.parse('timing-2');
        await raise(store, cursor(1, 5), cursor(2, 3), cursor(1, 9, { streamId: OTHER_STREAM }));
        await raise(store, cursor(1, 1, { receiverId: other }));
        expect(await seqsOf(store)).toEqual([
          'scoring gate.finish/1 5',
          'scoring gate.finish/2 3',
          'scoring gate.start/1 9',
          'timing-2 gate.finish/1 1',
        ]);
      })());

    it('leaves out cursors of streams that are gone', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        await raise(store, cursor(1, 5, { streamId: StreamId.parse('gone.away') }), cursor(1, 2));
        expect(await seqsOf(store)).toEqual(['scoring gate.finish/1 2']);
      })());

    it('deleting an event deletes its tokens, streams, reads, cursors and documents, and nothing else', () =>
      onStore(open, async (store, { reopen }) => {
        await withStreams(store);
        await commit(
          store,
          { type: 'putEvent', event: eventRecord(EVENT_B) },
          putStream(OTHER_STREAM, { eventId: EVENT_B }),
          { type: 'putToken', token: tokenRecord('t-a') },
          { type: 'putToken', token: tokenRecord('t-b', { eventId: EVENT_B }) },
        );
        for (const streamId of [STREAM, OTHER_STREAM]) {
          await append(store, { streamId, epoch: 1 }, 1, 5);
          await raise(store, cursor(1, 5, { streamId }));
        }
        for (const name of [`events/${EVENT_A}/setup`, `events/${EVENT_A}-2/setup`, `events/${EVENT_B}/setup`]) {
          await store.appendDoc(name, Uint8Array.of(1));
        }
        await commit(store, { type: 'deleteEvent', eventId: EVENT_A });
        const check = async (reading: Store): Promise<void> => {
          const records = await reading.load();
          expect(records.events.map((it) => it.eventId)).toEqual([EVENT_B]);
          expect(records.tokens.map((it) => it.tokenId)).toEqual(['t-b']);
          expect(records.streams.map((it) => it.streamId)).toEqual([OTHER_STREAM]);
          expect(records.epochs.map((it) => it.streamId)).toEqual([OTHER_STREAM]);
          expect(await seqsOf(reading)).toEqual(['scoring gate.start/1 5']);
          expect(await linesAfter(reading, PAIR, 0)).toEqual([]);
          expect(await linesAfter(reading, { ...PAIR, streamId: OTHER_STREAM }, 0)).toHaveLength(5);
          expect(await reading.loadDoc(`events/${EVENT_A}/setup`)).toEqual([]);
          expect(await reading.loadDoc(`events/${EVENT_A}-2/setup`)).toHaveLength(1);
          expect(await reading.loadDoc(`events/${EVENT_B}/setup`)).toHaveLength(1);
          expect(await append(reading, PAIR, 6, 1)).toEqual({ type: 'unknown-stream' });
        };
        await check(store);
        await check(await reopen());
      })());

    it('a stream that is deleted and made again starts empty', () =>
      onStore(open, async (store) => {
        await withStreams(store);
        const replies = await Promise.all([
          append(store, PAIR, 1, 5),
          store.commit([{ type: 'deleteEvent', eventId: EVENT_A }]),
          append(store, PAIR, 6, 5),
          store.commit([{ type: 'putEvent', event: eventRecord(EVENT_A) }, putStream(STREAM)]),
          append(store, PAIR, 1, 2, 1),
        ]);
        expect(replies.map((reply) => reply.type)).toEqual([
          'accepted',
          'committed',
          'unknown-stream',
          'committed',
          'accepted',
        ]);
        expect(streamOf(await store.load(), STREAM)).toMatchObject({ accepted: 2 });
        expect(await linesAfter(store, PAIR, 0)).toHaveLength(2);
      })());
  });
};
