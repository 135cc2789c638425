import { commit, EVENT_A, eventRecord } from '@baton/testkit/store-fixtures';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handedOverWithAnswers, handedOverWithCalls } from '../../../src/storage/sqlite/handed-over.ts';
import { pack } from '../../../src/storage/sqlite/packed-updates.ts';
import type { NumberedCall } from '../../../src/storage/sqlite/worker-messages.ts';
import type { Change, Store } from '../../../src/storage/store.ts';
import { openWorkerStore } from '../../../src/storage/worker-store.ts';
import { temporaryDirectory } from '../data-directory.ts';

const LARGE = 100_000;

const putting = (...all: readonly Uint8Array[]): Change => ({
  type: 'putFacts',
  facts: all.map((bytes, nth) => ({ eventId: EVENT_A, kind: 'official-rows', key: `r/${nth}`, bytes })),
});

const callOf = (...changes: readonly Change[]): NumberedCall => ({ id: 1, call: { type: 'commit', changes } });

describe('what goes to the store’s thread and back', () => {
  let directory = temporaryDirectory();
  let store: Store;
  beforeEach(async () => {
    directory = temporaryDirectory();
    store = await openWorkerStore({
      dataDir: directory.path,
      onFailure: (message) => {
        throw new Error(message);
      },
    });
  });
  afterEach(async () => {
    await store.close();
    directory.remove();
  });

  it('[P16] large facts are handed over, not copied, and are stored whole', async () => {
    await commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) });
    const large = new Uint8Array(LARGE).fill(7);
    const small = new Uint8Array(10).fill(3);
    await commit(store, putting(large, small));
    expect([large.length, small.length]).toEqual([0, 10]);
    const back = await store.loadFacts(EVENT_A, 'official-rows');
    expect(back.map(({ bytes }) => [bytes.length, bytes[0], bytes.at(-1)])).toEqual([
      [LARGE, 7, 7],
      [10, 3, 3],
    ]);
  });

  it('what is part of something larger is copied, and one buffer goes once', async () => {
    const larger = new Uint8Array(LARGE);
    expect(handedOverWithCalls([callOf(putting(larger.subarray(1)))])).toEqual([]);
    expect(handedOverWithCalls([callOf(putting(larger, larger)), callOf(putting(larger))])).toHaveLength(1);
    const ahead: Change = { type: 'putDocAhead', name: 'events/x/roster', update: larger };
    expect(handedOverWithCalls([callOf(ahead, putting(larger.subarray(1)))])).toEqual([larger.buffer]);
    expect(handedOverWithAnswers([{ id: 1, type: 'answer', value: [larger, new Uint8Array(3)] }])).toHaveLength(1);
    expect(handedOverWithAnswers([{ id: 1, type: 'answer', value: ['events/x/roster'] }])).toEqual([]);
  });

  it('[P16] a large document crosses as it was packed; whoever gave it keeps it', async () => {
    const updates = pack(new Uint8Array(LARGE));
    const call: NumberedCall = { id: 1, call: { type: 'appendDoc', name: 'events/x/roster', updates } };
    expect(handedOverWithCalls([call])).toEqual([updates.bytes.buffer]);
    const given = new Uint8Array(LARGE).fill(5);
    await store.appendDoc('events/x/roster', given);
    expect([given.length, given.at(-1)]).toEqual([LARGE, 5]);
  });

  it('[P16] a large document comes back as it was stored, more than once', async () => {
    await store.appendDoc('events/x/roster', new Uint8Array(LARGE).fill(5));
    for (let time = 0; time < 2; time++) {
      const [update] = await store.loadDoc('events/x/roster');
      expect([update?.length, update?.at(-1)]).toEqual([LARGE, 5]);
    }
  });
});
