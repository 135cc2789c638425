import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { after, bytesOf, collected, entry, entryIn, mapEntry, NULL, quarrel, take, updateOf } from './crafted.ts';

/**
 * The most that one step may cost, in the unit of `Steps`, and the most that one transaction may hold. How long that is in
 * milliseconds, the benchmark `gate` tells; a clock in a test would tell how busy the machine is.
 */
const MAX_COST = 70_000;
const MAX_STRUCTS = 205;

const numbers = (count: number, first = 0): readonly number[] => Array.from({ length: count }, (_, at) => first + at);

const record = (n: number) => ({
  bib: `${n}`,
  firstName: 'Anna',
  lastName: `Muster ${n}`,
  club: 'LC',
  birthYear: 1990,
});

const roster = (people: number): Y.Doc => {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (let n = 0; n < people; n++) doc.getMap('participants').set(`race#${n}`, record(n));
  });
  return doc;
};

const oneKey = (clients: number, first: number): Uint8Array =>
  updateOf(numbers(clients, first).map((client) => ({ client, structs: [entry('m', 'k')] })));

const keysInside = (keys: number): Uint8Array =>
  updateOf([{ client: 7, structs: [mapEntry('m', 'k'), ...numbers(keys).map((n) => entryIn(7, 0, `k${n}`))] }]);

const manyValues = (count: number): Uint8Array =>
  updateOf([{ client: 7, structs: [entry('m', 'k'), ...numbers(count - 1).map((clock) => after(7, clock))] }]);

const nulls = (count: number): Uint8Array => bytesOf(Uint8Array.of(117), count, new Uint8Array(count).fill(126));

/** What each asks of the relay, one update after the other. */
const SCENES: readonly (readonly [name: string, updates: () => readonly Uint8Array[]])[] = [
  ['an import of 12,000 people', () => [Y.encodeStateAsUpdate(roster(12_000))]],
  [
    'a roster emptied',
    () => {
      const doc = roster(5000);
      const full = Y.encodeStateAsUpdate(doc);
      doc.transact(() => {
        for (const key of [...doc.getMap('participants').keys()]) doc.getMap('participants').delete(key);
      });
      return [full, Y.encodeStateAsUpdate(doc)];
    },
  ],
  ['20,000 values of one key by one client', () => [manyValues(20_000)]],
  ['15,000 values of one key by two clients, and 20 who set it anew', () => [quarrel(15_000), oneKey(20, 10)]],
  ['1,200 clients who set one key at once', () => [oneKey(1200, 1)]],
  [
    '8,000 clients',
    () => [updateOf(numbers(8000, 1).map((client) => ({ client, structs: [entry('m', `k${client}`)] })))],
  ],
  ['a map of 8,000 keys, deleted at once', () => [keysInside(8000), updateOf([], [{ client: 7, ranges: [[0, 1]] }])]],
  ['100,000 collected structs', () => [updateOf([{ client: 7, structs: numbers(100_000).map(() => collected(1)) }])]],
  [
    'every other of 20,000 values deleted, twice',
    () => {
      const structs = numbers(20_000).map((n) => entry('m', `k${n}`));
      const holes = updateOf([], [{ client: 7, ranges: numbers(10_000).map((n) => [n * 2, 1] as const) }]);
      return [updateOf([{ client: 7, structs }]), holes, holes];
    },
  ],
  ['a value of 150,000 nulls', () => [updateOf([{ client: 7, structs: [entry('m', 'k', nulls(150_000))] }])]],
  [
    'clients who each hang on the one before',
    () => [
      updateOf(
        numbers(5000, 1).map((client) => ({
          client,
          structs: [client === 1 ? entry('m', 'k') : after(client - 1, 0)],
        })),
      ),
    ],
  ],
  [
    'clients who each hang on the one before, of whom the first is missing',
    () => [updateOf(numbers(5000, 1).map((client) => ({ client, structs: [after(client - 1, 0, NULL)] })))],
  ],
];

describe('the work of one step', () => {
  it.each(SCENES)(
    '[P16] [P19] is bounded: %s',
    (_, updates) => {
      const doc = new Y.Doc({ gc: false });
      let structs = 0;
      doc.on('update', (update: Uint8Array) => {
        structs = Math.max(structs, Y.decodeUpdate(update).structs.length);
      });
      for (const update of updates()) {
        const { costs } = take(doc, update, 'answer');
        expect(Math.max(0, ...costs)).toBeLessThan(MAX_COST);
      }
      expect(structs).toBeLessThanOrEqual(MAX_STRUCTS);
    },
    180_000,
  );

  it('[P16] the 256 KB that held Yjs for ten seconds take less than a roster of 100', () => {
    const bomb = updateOf(numbers(20_000, 1).map((client) => ({ client, clock: 1000, structs: [collected(1)] })));
    const sum = (update: Uint8Array): number => take(new Y.Doc(), update).costs.reduce((all, cost) => all + cost, 0);
    expect(sum(bomb)).toBeLessThan(sum(Y.encodeStateAsUpdate(roster(100))));
  });
});
