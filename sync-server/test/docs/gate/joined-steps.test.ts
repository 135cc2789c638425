import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { type Arrived, joinedTask } from '../../../src/docs/gate/joined-steps.ts';
import type { UpdateKind, UpdateOutcome } from '../../../src/docs/gate/update-steps.ts';
import { alone, entry, mapEntry, take, updateOf } from './crafted.ts';

interface Told {
  readonly outcomes: readonly UpdateOutcome['type'][];
  /** One for each transaction that changed something. */
  readonly events: readonly Uint8Array[];
  readonly costs: readonly number[];
}

const takeJoined = (doc: Y.Doc, updates: readonly Uint8Array[], kind: UpdateKind = 'update'): Told => {
  const outcomes: UpdateOutcome['type'][] = [];
  const events: Uint8Array[] = [];
  const costs: number[] = [];
  const waiting = updates.map((bytes): Arrived => ({ bytes, kind, settle: ({ type }) => void outcomes.push(type) }));
  const onUpdate = (update: Uint8Array): void => void events.push(update);
  doc.on('update', onUpdate);
  const task = joinedTask({
    doc,
    origin: 'a sender',
    isForeign: () => false,
    next: () => waiting.shift(),
    transact: (run) => Y.transact(doc, run, 'a sender', false),
  });
  for (let cost = task(); cost !== null; cost = task()) costs.push(cost);
  doc.off('update', onUpdate);
  return { outcomes, events, costs };
};

const structsIn = (update: Uint8Array): number => Y.decodeUpdate(update).structs.length;

/** What somebody did, change by change. */
const madeBy = (edit: (doc: Y.Doc) => void): readonly Uint8Array[] => {
  const doc = new Y.Doc();
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => void updates.push(update));
  edit(doc);
  return updates;
};

const freshDoc = (): Y.Doc => new Y.Doc({ gc: false });

const EDITS = {
  set: (doc: Y.Doc, at: number) => void doc.getMap('m').set(`k${at}`, at),
  delete: (doc: Y.Doc, at: number) => doc.getMap('m').delete(`k${at}`),
  insert: (doc: Y.Doc, at: number) => doc.getArray('l').insert(Math.min(at, doc.getArray('l').length), [at, 0]),
  remove: (doc: Y.Doc, at: number) => doc.getArray('l').delete(0, Math.min(at, doc.getArray('l').length)),
  many: (doc: Y.Doc, at: number) =>
    doc.transact(() => {
      for (let n = 0; n < 300; n++) doc.getMap('m').set(`n${at}-${n}`, n);
    }),
} as const;

const EDIT = fc.oneof(
  fc.record({
    type: fc.constantFrom(...(Object.keys(EDITS) as (keyof typeof EDITS)[])),
    who: fc.nat(2),
    at: fc.nat(5),
  }),
  fc.record({ type: fc.constant('again' as const), at: fc.nat(5) }),
  fc.record({ type: fc.constant('meet' as const), who: fc.nat(2) }),
);
type Edit = typeof EDIT extends fc.Arbitrary<infer T> ? T : never;

/** What one connection sends for three replicas that edit apart from each other, meet now and then, and repeat themselves. */
const sentBy = (edits: readonly Edit[]): readonly Uint8Array[] => {
  const sent: Uint8Array[] = [];
  const docs = [11, 12, 13].map((clientID) => Object.assign(freshDoc(), { clientID }));
  for (const doc of docs) doc.on('update', (update: Uint8Array, from: unknown) => from ?? sent.push(update));
  const docOf = (who: number): Y.Doc => docs[who] ?? freshDoc();
  for (const edit of edits) {
    if (edit.type === 'again') sent.push(sent[edit.at] ?? Uint8Array.of(0, 0));
    else if (edit.type !== 'meet') EDITS[edit.type](docOf(edit.who), edit.at);
    else for (const other of docs) Y.applyUpdate(docOf(edit.who), Y.encodeStateAsUpdate(other), 'met');
  }
  return sent;
};

describe('updates of one sender', () => {
  it('[P19] are joined up to what one transaction may hold, and go on in the next', () => {
    const updates = madeBy((doc) => {
      for (let n = 0; n < 1000; n++) doc.getMap('m').set(`k${n}`, n);
    });
    const doc = freshDoc();
    const { outcomes, events, costs } = takeJoined(doc, updates);
    expect(outcomes).toEqual(updates.map(() => 'applied'));
    expect(events.reduce((sum, event) => sum + structsIn(event), 0)).toBe(1000);
    expect(Math.max(...events.map(structsIn))).toBeLessThanOrEqual(200);
    expect(events.length).toBeLessThan(20);
    expect(Math.max(...costs)).toBeLessThan(30_000);
    expect(doc.getMap('m').size).toBe(1000);
  });

  it('[P19] that delete many are joined no further than one update may delete at once', () => {
    const kept = freshDoc();
    const list = kept.getArray<number>('l');
    // put in from behind, so that no two of them are one struct
    for (let n = 0; n < 2000; n++) list.insert(0, [n]);
    const doc = freshDoc();
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(kept));
    const updates: Uint8Array[] = [];
    kept.on('update', (update: Uint8Array) => void updates.push(update));
    for (let n = 0; n < 20; n++) list.delete(0, 100);
    const deleted: number[] = [];
    doc.on('afterTransaction', ({ deleteSet }: Y.Transaction) => {
      const ranges = [...deleteSet.clients.values()].flat();
      if (ranges.length > 0) deleted.push(ranges.reduce((sum, { len }) => sum + len, 0));
    });
    takeJoined(doc, updates);
    expect(deleted.reduce((sum, count) => sum + count, 0)).toBe(2000);
    expect(deleted.length).toBeGreaterThan(1);
    expect(Math.max(...deleted)).toBeLessThanOrEqual(400);
  });

  it('[P19] that are large stay in pieces of their own, between those before and behind', () => {
    const updates = madeBy((doc) => {
      doc.getMap('m').set('before', 1);
      doc.transact(() => {
        for (let n = 0; n < 1000; n++) doc.getMap('m').set(`k${n}`, n);
      });
      doc.getMap('m').set('behind', 1);
      doc.getMap('m').set('last', 1);
    });
    const doc = freshDoc();
    const seen: boolean[] = [];
    doc.on('update', () => void seen.push(doc.getMap('m').has('behind')));
    const { events } = takeJoined(doc, updates);
    expect(structsIn(events[0] ?? Uint8Array.of(0, 0))).toBe(1);
    expect(structsIn(events.at(-1) ?? Uint8Array.of(0, 0))).toBe(2);
    expect(Math.max(...events.map(structsIn))).toBeLessThanOrEqual(200);
    expect(seen.indexOf(true)).toBe(events.length - 1);
    expect(doc.getMap('m').size).toBe(1003);
  });

  it('[P18] are told apart where one is refused: those before it and behind it are whole', () => {
    const doc = freshDoc();
    const bad = updateOf([{ client: 2, structs: [entry('m', 'half'), entry('m', '__proto__')] }]);
    const { outcomes, events } = takeJoined(doc, [
      alone(entry('m', 'a'), mapEntry('m', 'b')),
      bad,
      updateOf([{ client: 3, structs: [entry('m', 'c')] }]),
    ]);
    expect(outcomes).toEqual(['applied', 'refused', 'applied']);
    expect(events).toHaveLength(1);
    expect(doc.getMap('m').toJSON()).toEqual({ a: null, b: {}, c: null });
  });

  it('[P10] [P19] change the document as they would one by one, and their transactions tell all of it', () => {
    fc.assert(
      fc.property(fc.array(EDIT, { maxLength: 60 }), (edits) => {
        const sent = sentBy(edits);
        const [one, joined, told] = [freshDoc(), freshDoc(), freshDoc()];
        const outcomes = sent.map((update) => take(one, update, 'part').outcome.type);
        const { outcomes: asJoined, events } = takeJoined(joined, sent, 'part');
        for (const event of events) Y.applyUpdate(told, event);
        expect(asJoined).toEqual(outcomes);
        for (const doc of [joined, told]) {
          expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(one));
          expect(doc.getMap('m').toJSON()).toEqual(one.getMap('m').toJSON());
          expect(doc.getArray('l').toJSON()).toEqual(one.getArray('l').toJSON());
        }
      }),
      { numRuns: 100 },
    );
  }, 30_000);
});
