import type { Change, EventFact } from '@baton/sync-server/storage';
import { describe, expect, it } from 'vitest';
import { commit, EVENT_A, EVENT_B, eventRecord, type OpenStore, onStore } from './fixtures.ts';

const fact = (key: string, text: string, change: Partial<EventFact> = {}): EventFact => ({
  eventId: EVENT_A,
  kind: 'external-result',
  key,
  bytes: new TextEncoder().encode(text),
  ...change,
});

const put = (...facts: readonly EventFact[]): Change => ({ type: 'putFacts', facts });

const textsOf = (facts: readonly EventFact[]): readonly string[] =>
  facts.map(({ key, bytes }) => `${key}: ${new TextDecoder().decode(bytes)}`);

export const factsContract = (open: OpenStore): void => {
  describe('facts of events', () => {
    it('[P1] come back by key, each in place of the one before, also after a restart', () =>
      onStore(open, async (store, { reopen }) => {
        await commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) });
        await commit(store, put(fact('b', 'first'), fact('a', 'only'), fact('b', 'second')));
        await commit(store, put(fact('c', 'x'.repeat(100_000), { kind: 'official-rows' })));
        for (const open of [() => Promise.resolve(store), reopen]) {
          const it = await open();
          expect(textsOf(await it.loadFacts(EVENT_A, 'external-result'))).toEqual(['a: only', 'b: second']);
          expect((await it.loadFacts(EVENT_A, 'official-rows'))[0]?.bytes.length).toBe(100_000);
          expect(await it.loadFacts(EVENT_A, 'official')).toEqual([]);
        }
      })());

    it('go with their event, and are left out where it is gone', () =>
      onStore(open, async (store) => {
        await commit(
          store,
          { type: 'putEvent', event: eventRecord(EVENT_A) },
          { type: 'putEvent', event: eventRecord(EVENT_B) },
          put(fact('a', 'its own'), fact('a', 'the other’s', { eventId: EVENT_B })),
          { type: 'deleteEvent', eventId: EVENT_A },
          put(fact('z', 'too late')),
        );
        expect(await store.loadFacts(EVENT_A, 'external-result')).toEqual([]);
        expect(textsOf(await store.loadFacts(EVENT_B, 'external-result'))).toEqual(['a: the other’s']);
      })());

    it('[P5] put ahead of their event are there once it is, and go with it also where it never came', () =>
      onStore(open, async (store, { reopen }) => {
        const ahead = (...facts: readonly EventFact[]): Change => ({ type: 'putFactsAhead', facts });
        await commit(store, ahead(fact('a', 'first'), fact('b', 'x')), ahead(fact('a', 'second')));
        await commit(store, ahead(fact('a', 'of one that never comes', { eventId: EVENT_B })));
        await commit(store, { type: 'putEvent', event: eventRecord(EVENT_A) });
        await commit(store, { type: 'deleteEvent', eventId: EVENT_B });
        const after = await reopen();
        expect(textsOf(await after.loadFacts(EVENT_A, 'external-result'))).toEqual(['a: second', 'b: x']);
        expect(await after.loadFacts(EVENT_B, 'external-result')).toEqual([]);
      })());

    it('[P1] are stored together with the records of their commit, or not at all', () =>
      onStore(open, async (store, { reopen }) => {
        const event = eventRecord(EVENT_A, { status: 'finished' });
        await commit(store, { type: 'putEvent', event });
        const official = fact('', '{}', { kind: 'official' });
        await commit(store, { type: 'putEvent', event: { ...event, status: 'official' } }, put(official));
        const after = await reopen();
        expect((await after.load()).events[0]?.status).toBe('official');
        expect(await after.loadFacts(EVENT_A, 'official')).toHaveLength(1);
      })());
  });
};
