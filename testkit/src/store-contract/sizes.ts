import type { EventId } from '@baton/schema/ids';
import type { DayUseRecord, Store } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import {
  append,
  batchOf,
  commit,
  EVENT_A,
  EVENT_B,
  eventRecord,
  type OpenStore,
  onStore,
  PAIR,
  putStream,
  STREAM,
} from './fixtures.ts';

const sizesOf = async (store: Store): Promise<ReadonlyMap<EventId, number>> =>
  new Map((await store.eventSizes()).map(({ eventId, bytes }) => [eventId, bytes]));

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const fact = (text: string) => ({
  type: 'putFacts' as const,
  facts: [{ eventId: EVENT_A, kind: 'external-result' as const, key: 'a', bytes: bytesOf(text) }],
});

const use = (owner: string, ...bytes: readonly number[]): DayUseRecord => ({
  owner,
  hours: bytes.map((it, index) => ({ hour: 492_000 + index, bytes: it })),
});

export const sizesContract = (open: OpenStore): void => {
  describe('what events hold, and brought', () => {
    it('[P22] the bytes of an event’s reads, documents and facts are counted as they come and go, also over a restart', () =>
      onStore(open, async (store, { reopen }) => {
        for (const eventId of [EVENT_A, EVENT_B])
          await commit(store, { type: 'putEvent', event: eventRecord(eventId) });
        await commit(store, putStream(STREAM));
        expect(await store.eventSizes()).toEqual([]);
        await append(store, PAIR, 1, 7);
        await append(store, PAIR, 1, 7); // known
        await append(store, PAIR, 9, 1); // a gap
        let held = batchOf(1, 7).length;
        expect((await sizesOf(store)).get(EVENT_A)).toBe(held);
        await store.appendDoc(`events/${EVENT_A}/setup`, bytesOf('an update'));
        await store.appendDoc(`events/${EVENT_B}/receivers/desk`, bytesOf('of the other'));
        held += 'an update'.length;
        expect(await sizesOf(store)).toEqual(
          new Map([
            [EVENT_A, held],
            [EVENT_B, 'of the other'.length],
          ]),
        );
        await commit(store, fact('a long result'));
        await commit(store, fact('short'));
        held += 'short'.length;
        const again = await reopen();
        expect((await sizesOf(again)).get(EVENT_A)).toBe(held);
        const hash = (await again.seal(STREAM, 1, 7))?.hash ?? '';
        await commit(again, { type: 'archiveEpoch', streamId: STREAM, epoch: 1, hash });
        expect((await sizesOf(again)).get(EVENT_A)).toBe(held - batchOf(1, 7).length);
        const batches = [{ firstSeq: 1, count: 7, batch: batchOf(1, 7) }];
        await commit(again, { type: 'restoreReads', streamId: STREAM, epoch: 1, batches });
        expect((await sizesOf(again)).get(EVENT_A)).toBe(held);
        await commit(again, { type: 'deleteEvent', eventId: EVENT_A });
        expect([...(await sizesOf(again)).keys()]).toEqual([EVENT_B]);
      })());

    it('[P22] the bytes of a day come back after a restart, each in place of the one before', () =>
      onStore(open, async (store, { reopen }) => {
        await commit(store, { type: 'putDayUses', uses: [use('event/a', 5, 6), use('token/b', 7), use('token/c', 8)] });
        await commit(store, { type: 'putDayUses', uses: [use('event/a', 5, 60), use('token/c')] });
        const again = await reopen();
        const kept = [...(await again.load()).dayUses].sort((a, b) => (a.owner < b.owner ? -1 : 1));
        expect(kept).toEqual([use('event/a', 5, 60), use('token/b', 7)]);
      })());
  });
};
