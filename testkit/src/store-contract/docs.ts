import type { Store } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { commit, EVENT_A, EVENT_B, eventRecord, type OpenStore, onStore } from './fixtures.ts';

const NAME = 'events/spring-run/setup';
const update = (value: number): Uint8Array => Uint8Array.of(value, 0, 255);
const plain = (updates: readonly Uint8Array[]): readonly (readonly number[])[] => updates.map((it) => [...it]);

/** A document whose updates are stored as they are made. */
const createWriter = (store: Store, name: string = NAME) => {
  const doc = new Y.Doc({ gc: false });
  const stored: Promise<unknown>[] = [];
  doc.on('update', (it: Uint8Array) => stored.push(store.appendDoc(name, it)));
  return {
    doc,
    set: (key: string, value: unknown): void => {
      doc.getMap('m').set(key, value);
    },
    stored: () => Promise.all(stored),
  };
};

/** What somebody sees who loads the document; overwritten values included. */
const loaded = async (store: Store, name: string = NAME): Promise<Y.Doc> => {
  const doc = new Y.Doc({ gc: false });
  for (const it of await store.loadDoc(name)) Y.applyUpdate(doc, it);
  return doc;
};

const expectSame = (actual: Y.Doc, expected: Y.Doc): void => {
  expect(Y.encodeStateVector(actual)).toEqual(Y.encodeStateVector(expected));
  expect(Y.equalSnapshots(Y.snapshot(actual), Y.snapshot(expected))).toBe(true);
  expect(actual.getMap('m').toJSON()).toEqual(expected.getMap('m').toJSON());
};

export const docsContract = (open: OpenStore): void => {
  describe('documents', () => {
    it('[P11] keeps every update in its order, also after a restart', () =>
      onStore(open, async (store, { reopen }) => {
        expect(await store.loadDoc(NAME)).toEqual([]);
        const replies = await Promise.all([1, 2, 3].map((value) => store.appendDoc(NAME, update(value))));
        await store.appendDoc('events/spring-run/roster', update(9));
        expect(replies).toEqual(Array.from({ length: 3 }, () => ({ type: 'committed' })));
        const expected = plain([update(1), update(2), update(3)]);
        expect(plain(await store.loadDoc(NAME))).toEqual(expected);
        expect(plain(await (await reopen()).loadDoc(NAME))).toEqual(expected);
      })());

    it('[P5] keeps what is put ahead of its event, which goes with it also where it never came', () =>
      onStore(open, async (store, { reopen }) => {
        const [come, never] = [`events/${EVENT_A}/roster`, `events/${EVENT_B}/roster`];
        const large = (first: number): Uint8Array => new Uint8Array(100_000).fill(first, 0, 1);
        await commit(store, { type: 'putDocAhead', name: come, update: large(1) });
        await commit(store, { type: 'putDocAhead', name: come, update: update(2) });
        await commit(store, { type: 'putDocAhead', name: never, update: large(3) });
        await commit(
          store,
          { type: 'putEvent', event: eventRecord(EVENT_A) },
          { type: 'deleteEvent', eventId: EVENT_B },
        );
        const after = await reopen();
        expect(plain(await after.loadDoc(come))).toEqual(plain([large(1), update(2)]));
        expect(await after.docNames('events/')).toEqual([come]);
      })());

    it('[P11] puts one update in the place of many, also for the next start', () =>
      onStore(open, async (store, { reopen }) => {
        const writer = createWriter(store);
        for (let n = 0; n < 700; n++) writer.set(`k${n % 50}`, n);
        writer.doc.getMap('m').delete('k7');
        await writer.stored();
        await store.appendDoc('other', update(9));
        const [reply, rows] = [await store.compactDoc(NAME), await store.loadDoc(NAME)];
        expect(rows.length).toBe(1);
        expect(reply).toEqual({ type: 'compacted', updates: 701, bytes: rows[0]?.length });
        writer.set('later', 1);
        await writer.stored();
        const reopened = await reopen();
        expect((await reopened.loadDoc(NAME)).length).toBe(2);
        expectSame(await loaded(reopened), writer.doc);
        expect(plain(await reopened.loadDoc('other'))).toEqual(plain([update(9)]));
      })());

    it('[P11] keeps what comes while it compacts', () =>
      onStore(open, async (store) => {
        const writer = createWriter(store);
        for (let n = 0; n < 300; n++) writer.set(`k${n}`, n);
        await writer.stored();
        let over = false;
        const compacting = store.compactDoc(NAME).finally(() => {
          over = true;
        });
        for (let n = 0; !over; n++) {
          writer.set('meanwhile', n);
          await writer.stored();
        }
        expect(await compacting).toMatchObject({ type: 'compacted' });
        expectSame(await loaded(store), writer.doc);
      })());

    it('keeps what was overwritten and deleted, with who wrote it', () =>
      onStore(open, async (store) => {
        const writer = createWriter(store);
        writer.set('name', 'first');
        writer.set('gone', 'deleted later');
        const before = Y.snapshot(writer.doc);
        for (let n = 0; n < 20; n++) writer.set('name', `edit ${n}`);
        writer.doc.getMap('m').delete('gone');
        await writer.stored();
        expect(await store.compactDoc(NAME)).toMatchObject({ type: 'compacted', updates: 23 });
        const then = Y.createDocFromSnapshot(await loaded(store), before);
        expect(then.getMap('m').toJSON()).toEqual({ name: 'first', gone: 'deleted later' });
      })());

    it('keeps changes whose predecessors are still missing', () =>
      onStore(open, async (store) => {
        const source = new Y.Doc();
        const made: Uint8Array[] = [];
        source.on('update', (it: Uint8Array) => made.push(it));
        for (let n = 0; n < 3; n++) source.getMap('m').set(`k${n}`, n);
        for (const it of [made[0], made[2]]) await store.appendDoc(NAME, it ?? Uint8Array.of());
        expect(await store.compactDoc(NAME)).toMatchObject({ type: 'compacted' });
        await store.appendDoc(NAME, made[1] ?? Uint8Array.of());
        expectSame(await loaded(store), source);
      })());

    it('leaves alone what it cannot merge, and what there is nothing to merge of', () =>
      onStore(open, async (store) => {
        expect(await store.compactDoc('unknown')).toMatchObject({ type: 'kept' });
        await store.appendDoc(NAME, update(1));
        expect(await store.compactDoc(NAME)).toMatchObject({ type: 'kept' });
        await store.appendDoc(NAME, update(2));
        expect(await store.compactDoc(NAME)).toMatchObject({ type: 'kept', reason: expect.stringContaining('merged') });
        expect(plain(await store.loadDoc(NAME))).toEqual(plain([update(1), update(2)]));
        expect(await store.loadDoc('unknown')).toEqual([]);
      })());

    it('compacts a document once at a time, and many one after another', () =>
      onStore(open, async (store) => {
        const writers = ['a', 'b', 'c'].map((name) => createWriter(store, name));
        for (const writer of writers) for (let n = 0; n < 20; n++) writer.set('n', n);
        await Promise.all(writers.map((it) => it.stored()));
        const replies = await Promise.all(['a', 'b', 'a', 'c'].map((name) => store.compactDoc(name)));
        expect(replies.filter((it) => it.type === 'compacted').length).toBe(3);
        for (const name of ['a', 'b', 'c']) expect((await store.loadDoc(name)).length).toBe(1);
      })());
  });
};
