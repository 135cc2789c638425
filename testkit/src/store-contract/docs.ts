import { describe, expect, it } from 'vitest';
import { type OpenStore, onStore } from './fixtures.ts';

const NAME = 'events/spring-run/setup';
const update = (value: number): Uint8Array => Uint8Array.of(value, 0, 255);
const plain = (updates: readonly Uint8Array[]): readonly (readonly number[])[] => updates.map((it) => [...it]);

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

    it('[P11] puts one state in place of the oldest updates and keeps what came meanwhile', () =>
      onStore(open, async (store, { reopen }) => {
        for (const value of [1, 2, 3, 4]) await store.appendDoc(NAME, update(value));
        await store.appendDoc('other', update(9));
        expect(await store.compactDoc(NAME, update(70), 3)).toEqual({ type: 'committed' });
        expect(plain(await store.loadDoc(NAME))).toEqual(plain([update(70), update(4)]));
        await store.appendDoc(NAME, update(5));
        await store.compactDoc(NAME, update(71), 2);
        const reopened = await reopen();
        expect(plain(await reopened.loadDoc(NAME))).toEqual(plain([update(71), update(5)]));
        expect(plain(await reopened.loadDoc('other'))).toEqual(plain([update(9)]));
      })());

    it('replaces nothing when fewer updates are stored than the state stands for', () =>
      onStore(open, async (store) => {
        await store.appendDoc(NAME, update(1));
        expect(await store.compactDoc(NAME, update(70), 2)).toEqual({ type: 'committed' });
        expect(await store.compactDoc('unknown', update(70), 1)).toEqual({ type: 'committed' });
        expect(await store.compactDoc(NAME, update(70), 0)).toEqual({ type: 'committed' });
        expect(plain(await store.loadDoc(NAME))).toEqual(plain([update(1)]));
        expect(await store.loadDoc('unknown')).toEqual([]);
      })());
  });
};
