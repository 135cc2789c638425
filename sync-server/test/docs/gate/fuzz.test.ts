import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { expectSame } from '../../support/expect-same.ts';
import { stateOf, take } from './crafted.ts';

const NAMES = ['m', 'races'];

/** A document with some of everything: nested maps, lists and texts, histories of keys, deletions, several clients. */
const createSeed = (): { readonly base: Uint8Array; readonly updates: readonly Uint8Array[] } => {
  const updates: Uint8Array[] = [];
  const docs = [1, 2, 3].map((clientID) => {
    const doc = new Y.Doc({ gc: clientID !== 2 });
    doc.clientID = clientID * 100;
    doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'told' && updates.push(update));
    return doc;
  });
  const share = (): void => {
    for (const from of docs) {
      for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from), 'told');
    }
  };
  for (const [at, doc] of docs.entries()) {
    doc.transact(() => {
      const race = new Y.Map<unknown>();
      doc.getMap('races').set(`race ${at}`, race);
      race.set('name', 'Zürich');
      race.set('points', new Y.Map([['finish', { order: 1, kind: null }]]));
      race.set('list', Y.Array.from([1, new Y.Text('Ziel'), [2]]));
    });
    doc.getArray('list').push([at, { at }, 'three', at]);
    doc.getArray('list').insert(2, [new Y.Map([['k', at]]), Uint8Array.of(at)]);
    doc.getText('text').insert(0, `Läufer ${at}`);
    doc.getText('text').insert(3, 'xyz');
    doc.getArray('list').delete(1);
    for (let n = 0; n < 6; n++) doc.getMap('m').set(`k${n % 3}`, { n, list: [n, 'text', true, 0.5] });
    doc.getMap('m').delete('k1');
  }
  share();
  const base = Y.encodeStateAsUpdate(docs[0] as Y.Doc);
  for (const [at, doc] of docs.entries()) {
    doc.getMap('m').set('k0', `by ${at}`);
    doc.getMap('races').delete(`race ${(at + 1) % 3}`);
    doc.getMap('m').set('bytes', Uint8Array.of(1, 2, 3));
    doc.getArray('list').insert(4, [`by ${at}`, at]);
    doc.getArray('list').delete(7, 2);
    doc.getText('text').insert(5, `${at}é`);
    doc.getText('text').delete(2, 5);
  }
  const whole = docs.map((doc) => Y.encodeStateAsUpdate(doc));
  return { base, updates: [...updates, ...whole, base] };
};

const seed = createSeed();

type Change =
  | { readonly type: 'flip'; readonly at: number; readonly bits: number }
  | { readonly type: 'put'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: 'remove'; readonly at: number; readonly count: number }
  | { readonly type: 'cut'; readonly at: number };

const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const small = fc.uint8Array({ minLength: 1, maxLength: 3 });

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant('flip' as const), at, bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ type: fc.constant('put' as const), at, bytes: small }),
  fc.record({ type: fc.constant('insert' as const), at, bytes: small }),
  fc.record({ type: fc.constant('remove' as const), at, count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ type: fc.constant('cut' as const), at }),
);

const changed = (update: Uint8Array, change: Change): Uint8Array => {
  const index = Math.floor(change.at * update.length);
  const [head, tail] = [update.subarray(0, index), update.subarray(index)];
  const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
  switch (change.type) {
    case 'flip':
      return join(head, Uint8Array.of((tail[0] ?? 0) ^ change.bits), tail.subarray(1));
    case 'put':
      return join(head, change.bytes, tail.subarray(change.bytes.length));
    case 'insert':
      return join(head, change.bytes, tail);
    case 'remove':
      return join(head, tail.subarray(change.count));
    case 'cut':
      return head;
  }
};

const docOf = (base: Uint8Array, gc: boolean): Y.Doc => {
  const doc = new Y.Doc({ gc });
  Y.applyUpdate(doc, base);
  return doc;
};

const contentOf = (doc: Y.Doc): unknown => [
  ...NAMES.map((name) => doc.getMap(name).toJSON()),
  doc.getArray('list').toJSON(),
  doc.getText('text').toJSON(),
];

/**
 * Of an item whose neighbours no client can have had, also two readers with nothing but Yjs come to different orders: what is
 * in a list is compared, not its order.
 */
const unordered = (value: unknown): unknown => {
  if (typeof value === 'string') return [...value].sort().join('');
  if (Array.isArray(value)) return value.map((inner) => JSON.stringify(unordered(inner))).sort();
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unordered(inner)]));
};

/** Taken, it did what Yjs alone makes of it; otherwise it did nothing. Returns what became of it. */
const check = (base: Uint8Array, update: Uint8Array, kind: 'answer' | 'update', gc: boolean): string => {
  const doc = docOf(base, gc);
  const before = stateOf(doc);
  const { outcome } = take(doc, update, kind);
  if (outcome.type !== 'applied') {
    expectSame(stateOf(doc), before);
    return outcome.type;
  }
  expectSame([doc.store.pendingStructs, doc.store.pendingDs], [null, null]);
  const plain = docOf(base, gc);
  Y.applyUpdate(plain, update);
  expectSame(Y.encodeStateVector(doc), Y.encodeStateVector(plain));
  expectSame(contentOf(doc), contentOf(plain));
  // whoever gets it from the relay has the same as well
  const reader = new Y.Doc();
  Y.applyUpdate(reader, Y.encodeStateAsUpdate(doc));
  expect(reader.store.pendingStructs).toBeNull();
  expectSame(unordered(contentOf(reader)), unordered(contentOf(doc)));
  return outcome.type;
};

describe('changed updates', () => {
  it('[P16] are refused with nothing changed, or do what Yjs alone would do', () => {
    const seen = new Map<string, number>();
    const index = fc.nat(seed.updates.length - 1);
    const bases = fc.constantFrom(seed.base, Uint8Array.of(0, 0));
    const kinds = fc.constantFrom('answer' as const, 'update' as const);
    fc.assert(
      fc.property(
        index,
        fc.array(changes, { minLength: 0, maxLength: 3 }),
        bases,
        kinds,
        fc.boolean(),
        (which, all, base, kind, gc) => {
          const update = all.reduce(changed, seed.updates[which] ?? Uint8Array.of(0, 0));
          const outcome = check(base, update, kind, gc);
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        },
      ),
      { numRuns: 800 },
    );
    // each of them was met, or this test would prove nothing
    for (const outcome of ['applied', 'refused', 'lacks']) expect(seen.get(outcome)).toBeGreaterThan(10);
  }, 300_000);

  it('[P16] every truncation and every flipped bit of an update likewise', () => {
    const update = seed.updates.at(-2) ?? new Uint8Array();
    const base = Uint8Array.of(0, 0);
    for (let length = 0; length < update.length; length++) check(base, update.subarray(0, length), 'update', false);
    for (let bit = 0; bit < update.length * 8; bit++) {
      const flipped = update.slice();
      const index = bit >> 3;
      flipped[index] = (flipped[index] ?? 0) ^ (1 << (bit & 7));
      check(base, flipped, bit % 2 === 0 ? 'update' : 'answer', false);
    }
  }, 300_000);

  it('[P16] random bytes change nothing, and throw nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (update) => {
        check(seed.base, update, 'update', false);
      }),
      { numRuns: 400 },
    );
  }, 180_000);
});
