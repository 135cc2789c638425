import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { mergeUpdates } from '../../src/storage/merge-updates.ts';

type Step = {
  readonly kind: 'set' | 'delete' | 'nest' | 'push' | 'text' | 'sync';
  readonly who: 0 | 1;
  readonly n: number;
};

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('set', 'set', 'delete', 'nest', 'push', 'text', 'sync'),
  who: fc.constantFrom(0, 1),
  n: fc.nat({ max: 9 }),
});

const run = (docs: readonly [Y.Doc, Y.Doc], { kind, who, n }: Step): void => {
  const [doc, other] = who === 0 ? docs : [docs[1], docs[0]];
  const map = doc.getMap('map');
  if (kind === 'set') map.set(`k${n % 4}`, { n, who });
  if (kind === 'delete') map.delete(`k${n % 4}`);
  if (kind === 'nest') map.set(`k${n % 4}`, new Y.Map([['inner', n]]));
  if (kind === 'push') doc.getArray('list').insert(0, [n, new Y.Map([['n', n]])]);
  if (kind === 'text') doc.getText('text').insert(0, `word ${n} `);
  if (kind === 'sync') Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)));
};

/** Two people edit, apart and together; every update in the order in which it was made. */
const updatesOf = (steps: readonly Step[]): readonly Uint8Array[] => {
  const updates: Uint8Array[] = [];
  const docs = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })] as const;
  for (const doc of docs) doc.on('update', (it: Uint8Array) => updates.push(it));
  for (const it of steps) run(docs, it);
  return updates;
};

const docOf = (updates: readonly Uint8Array[]): Y.Doc => {
  const doc = new Y.Doc({ gc: false });
  for (const it of updates) Y.applyUpdate(doc, it);
  // what waits is looked at when something comes
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(doc));
  return doc;
};

const viewOf = (doc: Y.Doc) => [
  Y.encodeSnapshot(Y.snapshot(doc)),
  doc.getMap('map').toJSON(),
  doc.getArray('list').toJSON(),
  doc.getText('text').toJSON(),
];

describe('mergeUpdates', () => {
  it('[P10] makes one update that says what all said, in any order and repeated, with some of them missing', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.func(fc.integer({ min: 0, max: 2 })),
        fc.boolean(),
        (steps, times, reverse) => {
          const all = updatesOf(steps);
          const some = all.flatMap((it, index) => Array.from({ length: times(index) }, () => it));
          const given = reverse ? some.reverse() : some;
          const merged = mergeUpdates(given);
          if (merged.type !== 'merged') throw new Error(merged.reason);
          expect(viewOf(docOf([merged.state]))).toEqual(viewOf(docOf(given)));
          // whatever was missing can still come
          expect(viewOf(docOf([merged.state, ...all]))).toEqual(viewOf(docOf(all)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('[P10] keeps changes whose predecessors never came, in whatever order they did', () => {
    const steps: readonly Step[] = [
      { kind: 'set', who: 1, n: 0 },
      { kind: 'sync', who: 0, n: 0 },
      { kind: 'set', who: 0, n: 0 },
      { kind: 'set', who: 0, n: 0 },
      { kind: 'sync', who: 1, n: 0 },
    ];
    const all = updatesOf(steps);
    for (let missing = 0; missing < 2 ** all.length; missing++) {
      const some = all.filter((_, at) => (missing & (1 << at)) === 0);
      for (const given of [some, some.toReversed()]) {
        const merged = mergeUpdates(given);
        if (merged.type !== 'merged') throw new Error(merged.reason);
        expect(viewOf(docOf([merged.state, ...all]))).toEqual(viewOf(docOf(all)));
      }
    }
  });

  it('[P16] refuses what is no update, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 5 }), (updates) =>
        ['merged', 'not-merged'].includes(mergeUpdates(updates).type),
      ),
    );
    expect(mergeUpdates([Uint8Array.of(1, 0, 255)])).toMatchObject({ type: 'not-merged' });
  });
});
