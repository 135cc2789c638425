import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { splitUpdate } from '../../src/doc/split-update.ts';

/** Edits of several people who see each other's now and then. */
const Edits = fc.array(
  fc.record({
    who: fc.nat(3),
    what: fc.constantFrom('set', 'delete', 'push', 'cut', 'nest', 'meet'),
    key: fc.nat(6),
    size: fc.nat(40),
  }),
  { minLength: 1, maxLength: 120 },
);
type Edit = Parameters<Parameters<typeof Edits.map>[0]>[0][number];

const KINDS: Readonly<Record<string, (doc: Y.Doc, edit: Edit, docs: readonly Y.Doc[]) => void>> = {
  set: (doc, { key, size }) => doc.getMap('map').set(`k${key}`, 'x'.repeat(size)),
  delete: (doc, { key }) => doc.getMap('map').delete(`k${key}`),
  push: (doc, { key, size }) => {
    const list = doc.getArray('list');
    list.insert(Math.min(key, list.length), ['y'.repeat(size)]);
  },
  cut: (doc, { key }) => {
    const list = doc.getArray('list');
    if (list.length > key) list.delete(key, 1);
  },
  nest: (doc, { key, size }) => {
    const map = doc.getMap('map');
    const inner = map.get(`n${key}`);
    if (inner instanceof Y.Map) inner.set('z', size);
    else map.set(`n${key}`, new Y.Map([['z', size]]));
  },
  meet: (doc, _edit, docs) => {
    for (const other of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)));
  },
};

const play = (edits: readonly Edit[]): Y.Doc => {
  const docs = [0, 1, 2, 3].map(() => new Y.Doc({ gc: false }));
  for (const edit of edits) {
    const doc = docs[edit.who];
    if (doc !== undefined) KINDS[edit.what]?.(doc, edit, docs);
  }
  const all = new Y.Doc({ gc: false });
  for (const doc of docs) Y.applyUpdate(all, Y.encodeStateAsUpdate(doc));
  return all;
};

const content = (doc: Y.Doc) => ({
  map: doc.getMap('map').toJSON(),
  list: doc.getArray('list').toJSON(),
  vector: Y.decodeStateVector(Y.encodeStateVector(doc)),
});

describe('a large update in parts', () => {
  it('[P10] does the same as the whole, and no part waits for a later one', () => {
    fc.assert(
      fc.property(Edits, fc.integer({ min: 8, max: 400 }), (edits, maxBytes) => {
        const doc = play(edits);
        const update = Y.encodeStateAsUpdate(doc);
        const copy = new Y.Doc({ gc: false });
        for (const part of splitUpdate(update, maxBytes)) {
          Y.applyUpdate(copy, part);
          expect([copy.store.pendingStructs, copy.store.pendingDs]).toEqual([null, null]);
        }
        expect(content(copy)).toEqual(content(doc));
        expect(Y.encodeStateAsUpdate(copy)).toEqual(update);
      }),
      { numRuns: 300 },
    );
  });

  it('splits what comes after a state that the other side has', () => {
    const doc = play([{ who: 0, what: 'set', key: 1, size: 3 }]);
    const copy = new Y.Doc({ gc: false });
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
    for (let key = 0; key < 50; key++) doc.getMap('map').set(`k${key}`, 'x'.repeat(20));
    const parts = splitUpdate(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(copy)), 100);
    expect(parts.length).toBeGreaterThan(5);
    for (const part of parts) {
      Y.applyUpdate(copy, part);
      expect(copy.store.pendingStructs).toBe(null);
    }
    expect(content(copy)).toEqual(content(doc));
  });

  it('[P18] keeps an import of 20,000 people within frames of 256 KiB', () => {
    const doc = new Y.Doc({ gc: false });
    doc.transact(() => {
      for (let bib = 0; bib < 20_000; bib++) {
        doc.getMap('map').set(`p${bib}`, { bib: String(bib), name: `Runner number ${bib}`, club: 'Harbour runners' });
      }
    });
    const update = Y.encodeStateAsUpdate(doc);
    const parts = splitUpdate(update, 256 * 1024);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(260 * 1024);
    expect(parts.length).toBeLessThanOrEqual(Math.ceil(update.length / (256 * 1024)) + 1);
    const copy = new Y.Doc({ gc: false });
    for (const part of parts) Y.applyUpdate(copy, part);
    expect(Buffer.compare(Y.encodeStateAsUpdate(copy), update)).toBe(0);
  });

  it('leaves a small one as it is', () => {
    const update = Y.encodeStateAsUpdate(play([{ who: 0, what: 'set', key: 1, size: 3 }]));
    expect(splitUpdate(update, 1000)).toEqual([update]);
  });
});
