import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { CompactionBounds } from '../../src/docs/compaction-decision.ts';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { CompactReply, Store } from '../../src/storage/store.ts';
import { type DocClient, settle, turn } from './doc-client.ts';
import { createHeldStore, createRooms, grantOf, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');
const QUIET_MS = 10_000;
const IDLE_MS = 5000;
const BOUNDS: CompactionBounds = { afterRows: 10, afterBytes: 0, quietMs: QUIET_MS, maxRows: 100 };
const ROOMS = { compaction: BOUNDS, idleMs: IDLE_MS };

/** A store that notes of how many updates it was asked to make one. */
const createNotingStore = (compactDoc?: () => Promise<CompactReply>) => {
  const disk = createMemoryStore();
  const asked: number[] = [];
  const store: Store = {
    ...disk,
    compactDoc: async (name) => {
      asked.push((await disk.loadDoc(name)).length);
      return compactDoc === undefined ? disk.compactDoc(name) : compactDoc();
    },
  };
  return { disk, store, asked, rows: async () => (await disk.loadDoc(SETUP)).length };
};

/** So many changes, each of which is stored on its own. */
const edits = async (client: DocClient, count: number): Promise<void> => {
  for (let n = 0; n < count; n++) {
    client.doc.getMap('m').set(`k${n % 7}`, n);
    await turn();
  }
  await settle();
};

const expectStored = async (store: Store, client: DocClient): Promise<void> => {
  const again = await createRooms({ store });
  const b = await again.joinSynced(SETUP, operator);
  expect(b.doc.getMap('m').toJSON()).toEqual(client.doc.getMap('m').toJSON());
  expect(Y.encodeStateVector(b.doc)).toEqual(Y.encodeStateVector(client.doc));
};

describe('compaction', () => {
  it('[P10] makes many stored updates one that holds the same, when nothing was written for a while', async () => {
    const { disk, store, asked, rows } = createNotingStore();
    const { joinSynced, time } = await createRooms({ store, rooms: ROOMS });
    const a = await joinSynced(SETUP, operator);
    for (let n = 0; n < 4; n++) {
      await edits(a, 20);
      await time.advanceAsync(QUIET_MS - 1);
    }
    expect([asked, await rows()]).toEqual([[], 80]);
    await time.advanceAsync(1);
    await settle();
    expect([asked, await rows()]).toEqual([[80], 1]);
    await expectStored(disk, a);
    await time.advanceAsync(10 * QUIET_MS);
    expect(asked).toEqual([80]);
  });

  it('[P10] does not wait where too many have piled up, the rarer the larger the document is', async () => {
    const { disk, store, asked } = createNotingStore();
    const { joinSynced } = await createRooms({ store, rooms: { ...ROOMS, compaction: { ...BOUNDS, maxRows: 10 } } });
    const a = await joinSynced(SETUP, operator);
    await edits(a, 150);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked).toEqual([...asked].sort((x, y) => x - y));
    expect(asked[0]).toBeLessThanOrEqual(12);
    expect((await disk.loadDoc(SETUP)).length).toBeLessThan(150 / 2);
    await expectStored(disk, a);
  });

  it('is done at once where everybody has left, before the document has been quiet for so long', async () => {
    const { store, asked, rows } = createNotingStore();
    const { docs, joinSynced, time } = await createRooms({ store, rooms: ROOMS });
    const a = await joinSynced(SETUP, operator);
    await edits(a, 30);
    a.hangUp();
    await time.advanceAsync(IDLE_MS);
    await settle();
    expect(docs.size()).toBe(0);
    expect([asked, await rows()]).toEqual([[30], 1]);
  });

  it('holds up no relay that stops, and what was left is done where the document is opened again', async () => {
    const { disk, store, asked } = createNotingStore();
    const first = await createRooms({ store, rooms: ROOMS });
    const a = await first.joinSynced(SETUP, operator);
    await edits(a, 30);
    await first.docs.close();
    await first.time.advanceAsync(2 * QUIET_MS);
    expect(asked).toEqual([]);

    const second = await createRooms({ store, rooms: ROOMS });
    const b = await second.joinSynced(SETUP, operator);
    await second.time.advanceAsync(QUIET_MS);
    await settle();
    expect(asked).toEqual([30]);
    await expectStored(disk, b);
  });

  it('comes about in a document that is opened, written to and closed again and again', async () => {
    const { store, asked } = createNotingStore();
    for (let day = 0; day < 20; day++) {
      const { docs, joinSynced } = await createRooms({ store, rooms: ROOMS });
      await edits(await joinSynced(SETUP, operator), 9);
      await docs.close();
    }
    expect(asked).not.toEqual([]);
  });

  it('of too many updates begins when the document is opened, before anything is written', async () => {
    const { store, asked } = createNotingStore();
    const first = await createRooms({ store, rooms: ROOMS });
    await edits(await first.joinSynced(SETUP, operator), 60);
    await first.docs.close();
    const compaction = { ...BOUNDS, maxRows: 50 };
    const second = await createRooms({ store, rooms: { ...ROOMS, compaction } });
    (await second.docs.hold(SETUP)).release();
    await settle();
    expect(asked).toEqual([60]);
  });

  it('loses nothing that comes while it runs', async () => {
    const held = createHeldStore();
    const { joinSynced, time } = await createRooms({ store: held.store, rooms: ROOMS });
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    await edits(a, 20);
    held.hold();
    await time.advanceAsync(QUIET_MS);
    expect(held.waiting()).toBe(1);
    a.doc.getMap('m').set('during compaction', 1);
    await settle();
    held.release();
    await settle();
    expect((await held.inner.loadDoc(SETUP)).length).toBe(2);
    await expectStored(held.inner, a);
  });

  it('on a full disk waits for more changes before it tries again', async () => {
    const { store, asked } = createNotingStore(async () => ({ type: 'storage-full', message: 'no space left' }));
    const { joinSynced, failures, time } = await createRooms({ store, rooms: ROOMS });
    const a = await joinSynced(SETUP, operator);
    await edits(a, 15);
    await time.advanceAsync(5 * QUIET_MS);
    await edits(a, 10);
    await time.advanceAsync(5 * QUIET_MS);
    expect(asked).toEqual([15]);
    await edits(a, 1);
    await time.advanceAsync(QUIET_MS);
    expect(asked).toEqual([15, 26]);
    expect(a.closed()).toBeNull();
    expect(failures).toEqual([]);
  });

  it('[P23] by a store that throws ends the relay', async () => {
    const { store } = createNotingStore(() => Promise.reject(new Error('the worker is gone')));
    const { joinSynced, failures, time } = await createRooms({ store, rooms: ROOMS });
    await edits(await joinSynced(SETUP, operator), 15);
    await time.advanceAsync(QUIET_MS);
    await settle();
    expect(failures).toEqual(['the worker is gone']);
  });
});
