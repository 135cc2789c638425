import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { updateSteps } from '../../../src/docs/gate/update-steps.ts';
import { expectSame } from '../../support/expect-same.ts';
import { settle } from '../doc-client.ts';
import { createRooms, grantOf, SETUP } from '../rooms-fixture.ts';
import {
  alone,
  between,
  collected,
  entry,
  entryIn,
  item,
  items,
  itemsIn,
  type Taken,
  take,
  textIn,
  updateOf,
  withInfo,
} from './crafted.ts';

const numbers = (count: number, first = 0): readonly number[] => Array.from({ length: count }, (_, at) => first + at);

const contentOf = (doc: Y.Doc): unknown => [
  doc.getArray('a').toJSON(),
  doc.getText('t').toJSON(),
  doc.getMap('m').toJSON(),
];

/** Items of the two roots in their order, deleted ones as well. */
const orderOf = (doc: Y.Doc): unknown =>
  [doc.getArray('a'), doc.getText('t')].map((list) => {
    const ids: string[] = [];
    for (let at = list._start; at !== null; at = at.right) {
      for (let n = 0; n < at.length; n++) ids.push(`${at.id.client}/${at.id.clock + n}`);
    }
    return ids;
  });

const expectTaken = (relay: Y.Doc, update: Uint8Array, kind: 'answer' | 'update' = 'update'): Taken => {
  const taken = take(relay, update, kind);
  expect(taken.outcome).toMatchObject({ type: 'applied' });
  expect([relay.store.pendingStructs, relay.store.pendingDs]).toEqual([null, null]);
  return taken;
};

/** A stock document that tells the relay all it does, as it does it. */
const client = (relay: Y.Doc, clientID: number, gc = true): Y.Doc => {
  const doc = new Y.Doc({ gc });
  doc.clientID = clientID;
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(relay), 'told');
  doc.on('update', (update: Uint8Array, origin: unknown) => origin !== 'told' && expectTaken(relay, update));
  return doc;
};

const hear = (doc: Y.Doc, relay: Y.Doc): void =>
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(relay, Y.encodeStateVector(doc)), 'told');

describe('a stock client', () => {
  it('[P16] pushes, inserts and deletes in a list, also in its midst', () => {
    const relay = new Y.Doc({ gc: false });
    const doc = client(relay, 1);
    const list = doc.getArray<unknown>('a');
    list.push([1, 2, 3]);
    list.insert(1, ['between', { deep: [true, null] }]);
    list.insert(0, [Uint8Array.of(1, 2)]);
    list.delete(2, 2);
    list.unshift(['first']);
    for (let n = 0; n < 50; n++) list.insert(n % list.length, [n]);
    expect(contentOf(relay)).toEqual(contentOf(doc));
  });

  it('[P16] has lists and texts as values, in maps and in each other', () => {
    const relay = new Y.Doc({ gc: false });
    const doc = client(relay, 1);
    const inner = new Y.Array<unknown>();
    doc.getMap('m').set('list', inner);
    inner.push([1, new Y.Map([['k', new Y.Text('Zürich 🏃')]]), Y.Array.from([1, [2]])]);
    doc.getMap('m').set('text', new Y.Text('note'));
    (doc.getMap('m').get('text') as Y.Text).insert(2, 'xyz');
    expect(contentOf(relay)).toEqual(contentOf(doc));
    inner.delete(1, 1);
    doc.getMap('m').delete('text');
    expect(contentOf(relay)).toEqual(contentOf(doc));
    expect(doc.getMap('m').toJSON()).toEqual({ list: [1, [1, [2]]] });
  });

  it('[P16] types with others into one text at once, and undoes', () => {
    const relay = new Y.Doc({ gc: false });
    client(relay, 9).getText('t').insert(0, 'The start is at ten.');
    const people = [1, 2, 3, 4].map((id) => client(relay, id));
    const undos = people.map((doc) => new Y.UndoManager(doc.getText('t'), { captureTimeout: 0 }));
    for (let n = 0; n < 200; n++) {
      const doc = people[n % 4] as Y.Doc;
      const text = doc.getText('t');
      if (n % 7 === 0) undos[n % 4]?.undo();
      else if (n % 5 === 0) text.delete(n % (text.length - 3), 3);
      else text.insert((n * 13) % text.length, `${n} ü🏁`);
      if (n % 11 === 0) hear(doc, relay);
      if (n % 31 === 0) undos[n % 4]?.redo();
    }
    for (const doc of people) hear(doc, relay);
    for (const doc of people) expect(contentOf(doc)).toEqual(contentOf(relay));
  });

  it('[P10] [P16] comes back with a day of offline work on a list and a text', () => {
    const relay = new Y.Doc({ gc: false });
    client(relay, 9).getText('t').insert(0, 'x'.repeat(500));
    client(relay, 8).getArray('a').push(numbers(500).slice());
    const offline = [1, 2].map((id) => {
      const doc = new Y.Doc();
      doc.clientID = id;
      hear(doc, relay);
      return doc;
    });
    for (const [at, doc] of offline.entries()) {
      for (let n = 0; n < 2000; n++) {
        const text = doc.getText('t');
        text.insert((n * (37 + at)) % text.length, `word${n} `);
        if (n % 3 === 0) text.delete((n * 17) % (text.length - 2), 2);
        doc.getArray('a').insert((n * 31) % doc.getArray('a').length, [n]);
      }
    }
    for (const doc of offline) expectTaken(relay, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(relay)), 'answer');
    for (const doc of offline) hear(doc, relay);
    for (const doc of offline) expect(contentOf(doc)).toEqual(contentOf(relay));
    // and a relay that has lost it all
    const empty = new Y.Doc({ gc: false });
    expectTaken(empty, Y.encodeStateAsUpdate(offline[0] as Y.Doc), 'answer');
    expect(contentOf(empty)).toEqual(contentOf(relay));
  });

  it('[P16] pushes 20,000 items in one transaction, and a text of 100 KB', () => {
    const relay = new Y.Doc({ gc: false });
    const doc = client(relay, 1);
    doc.getArray('a').push(numbers(20_000).map((n) => ({ n })));
    doc.getText('t').insert(0, 'Zürich 🏃 '.repeat(10_000));
    doc.getText('t').insert(50_001, 'in the midst');
    doc.getArray('a').insert(10_000, ['in the midst']);
    expect(contentOf(relay)).toEqual(contentOf(doc));
    const all = new Y.Doc({ gc: false });
    const { costs } = expectTaken(all, Y.encodeStateAsUpdate(doc));
    expect(Math.max(...costs)).toBeLessThan(70_000);
    expect(contentOf(all)).toEqual(contentOf(doc));
  });

  it('[P16] is known in part: of a run and of a text the rest is taken', () => {
    const updates: Uint8Array[] = [];
    const doc = new Y.Doc();
    doc.getArray('a').push(['end']);
    doc.getText('t').insert(0, '.');
    const start = Y.encodeStateAsUpdate(doc);
    doc.on('update', (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 20; n++) doc.getArray('a').insert(n, [n]);
    for (let n = 0; n < 20; n++) doc.getText('t').insert(n * 2, '🏃');
    for (let known = 0; known <= updates.length; known++) {
      const relay = new Y.Doc({ gc: false });
      for (const update of [start, ...updates.slice(0, known)]) expectTaken(relay, update);
      expectTaken(relay, Y.encodeStateAsUpdate(doc), 'answer');
      expect(orderOf(relay)).toEqual(orderOf(doc));
      expect(contentOf(relay)).toEqual(contentOf(doc));
    }
  });
});

type Edit = { readonly who: number; readonly at: number; readonly type: 'put' | 'cut' | 'type' | 'erase' | 'hear' };

const edits = fc.record({
  who: fc.nat(3),
  at: fc.nat(1000),
  type: fc.constantFrom<Edit['type'][]>('put', 'put', 'cut', 'type', 'type', 'erase', 'hear'),
});

const perform = (docs: readonly Y.Doc[], { who, at, type }: Edit): void => {
  const doc = docs[who] as Y.Doc;
  const [list, text] = [doc.getArray('a'), doc.getText('t')];
  if (type === 'put') list.insert(at % (list.length + 1), at % 3 === 0 ? [at, who] : [at]);
  else if (type === 'cut' && list.length > 0) list.delete(at % list.length, 1);
  else if (type === 'type') text.insert(at % (text.length + 1), `${who}üxy`.slice(0, 1 + (at % 4)));
  else if (type === 'erase' && text.length > 0) text.delete(at % text.length, 1);
  else if (type === 'hear') {
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(docs[at % 4] as Y.Doc, Y.encodeStateVector(doc)));
  }
};

describe('lists and texts', () => {
  it('[P16] are what plain Yjs makes of them, in whatever order updates come', () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 60 }), fc.array(fc.nat(3)), fc.boolean(), (all, order, gc) => {
        const docs = [4, 1, 3, 2].map((clientID) => {
          const doc = new Y.Doc({ gc });
          doc.clientID = clientID;
          return doc;
        });
        for (const edit of all) perform(docs, edit);
        const [relay, plain] = [new Y.Doc({ gc: false }), new Y.Doc({ gc: false })];
        for (const who of [...order, 0, 1, 2, 3]) {
          const update = Y.encodeStateAsUpdate(docs[who] as Y.Doc, Y.encodeStateVector(relay));
          expectTaken(relay, update, 'answer');
          Y.applyUpdate(plain, update);
        }
        expectSame(contentOf(relay), contentOf(plain));
        expectSame(orderOf(relay), orderOf(plain));
        for (const doc of docs) Y.applyUpdate(doc, Y.encodeStateAsUpdate(relay));
        for (const doc of docs) expectSame(contentOf(doc), contentOf(relay));
      }),
      { numRuns: 300 },
    );
  }, 300_000);
});

/** Steps that the gate says an update takes. */
const walkOf = (doc: Y.Doc, update: Uint8Array): number => {
  let walk = 0;
  const mayWalk = (steps: number): boolean => {
    walk = steps;
    return true;
  };
  for (const _ of updateSteps(update, 'answer', { doc, origin: null, isForeign: () => false, mayWalk }));
  return walk;
};

const TYPE = { array: 0, map: 1, text: 2 } as const;

const MAP_ITEM = withInfo(0x07, 1, 'a', Uint8Array.of(TYPE.map));

/** Clients who each put a map into a list; each first has something in that of the next lower id, so that this is placed before. */
const upwards = (clients: number): Uint8Array =>
  updateOf(
    numbers(clients, 1).map((id) => ({
      client: id,
      structs: [id === 1 ? entry('m', 'k') : entryIn(id - 1, 1, 'k'), MAP_ITEM],
    })),
  );

const everyOther = (count: number): Uint8Array =>
  updateOf([], [{ client: 7, ranges: numbers(count).map((n) => [n * 2, 1] as const) }]);

const values = (count: number): Uint8Array => updateOf([{ client: 7, structs: [items('a', count)] }]);

const takeAll = (...updates: readonly Uint8Array[]): readonly Taken[] => {
  const doc = new Y.Doc({ gc: false });
  return updates.map((update) => take(doc, update, 'answer'));
};

const MAX_COST = 70_000;

const expectBounded = (taken: readonly Taken[]): void => {
  for (const { costs } of taken) expect(Math.max(0, ...costs)).toBeLessThan(MAX_COST);
};

describe('what a list costs', () => {
  it('[P19] is nothing where people heard of each other, however long they wrote', () => {
    fc.assert(
      fc.property(fc.array(edits, { minLength: 50, maxLength: 150 }), (all) => {
        const docs = [4, 1, 3, 2].map((clientID) => {
          const doc = new Y.Doc();
          doc.clientID = clientID;
          return doc;
        });
        for (const edit of all) {
          perform(docs, edit);
          const update = Y.encodeStateAsUpdate(docs[edit.who] as Y.Doc);
          for (const doc of docs) Y.applyUpdate(doc, update);
        }
        // had the gate one item in another place than Yjs, its neighbours would be none
        expect(walkOf(new Y.Doc({ gc: false }), Y.encodeStateAsUpdate(docs[0] as Y.Doc))).toBe(0);
      }),
      { numRuns: 50 },
    );
  }, 180_000);

  it('[P19] is what Yjs walks past', () => {
    expect(walkOf(new Y.Doc({ gc: false }), upwards(100))).toBe((100 * 99) / 2);
    // the other way round each looks at one
    const downwards = updateOf(numbers(100, 1).map((id) => ({ client: id, structs: [item('a')] })));
    expect(walkOf(new Y.Doc({ gc: false }), downwards)).toBe(99);
  });

  it('[P16] [P19] thousands of clients at one position are placed at once, one before the other', () => {
    const taken = takeAll(updateOf(numbers(4000, 1).map((id) => ({ client: id, structs: [item('a')] }))));
    expect(taken[0]?.outcome.type).toBe('applied');
    expectBounded(taken);
  });

  it('[P16] [P19] each behind all others are counted, and refused when they are too many', () => {
    const taken = [...takeAll(upwards(500)), ...takeAll(upwards(4000))];
    expect(taken.map(({ outcome }) => outcome)).toMatchObject([
      { type: 'applied' },
      { type: 'refused', message: expect.stringMatching(/too many changes/) },
    ]);
    expectBounded(taken);
  });

  it('[P16] [P19] one among more than 16,384 others is refused', () => {
    const others = updateOf(numbers(17_000, 2).map((id) => ({ client: id, structs: [item('a')] })));
    const doc = new Y.Doc({ gc: false });
    const limits = { docClients: 100_000, clients: 100_000 };
    expect(take(doc, others, 'answer', { limits }).outcome.type).toBe('applied');
    const { outcome, costs } = take(doc, updateOf([{ client: 100_000, structs: [item('a')] }]), 'answer', { limits });
    expect(outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(/among over/) });
    expectBounded([{ outcome, costs }]);
  });

  it('[P16] [P19] between two neighbours is one step, however long the list', () => {
    const list = updateOf([{ client: 7, structs: numbers(3000).map(() => withInfo(0x07, 1, 'a', Uint8Array.of(1))) }]);
    const doc = new Y.Doc({ gc: false });
    take(doc, list);
    const [first] = [doc.getArray('a')._start];
    const pair = [first?.id.clock ?? 0, first?.right?.id.clock ?? 0] as const;
    const { outcome, costs } = take(doc, updateOf([{ client: 8, structs: [between([7, pair[0]], [7, pair[1]])] }]));
    expect(outcome.type).toBe('applied');
    expect(costs.reduce((all, cost) => all + cost, 0)).toBeLessThan(2500);
  });

  it('[P16] [P19] neighbours far apart, or the wrong way round, cost no more than the list is long', () => {
    const list = updateOf([{ client: 7, structs: [items('a', 2000)] }]);
    const apart = updateOf([{ client: 8, structs: numbers(50).map((n) => between([7, 10 + n], [7, 1000 + n])) }]);
    const wrong = updateOf([{ client: 9, structs: numbers(50).map((n) => between([7, 1000 + n], [7, 10 + n])) }]);
    const taken = takeAll(list, apart, wrong);
    expect(taken.map(({ outcome }) => outcome.type)).toEqual(['applied', 'applied', 'applied']);
    expectBounded(taken);
  });

  it('[P16] [P19] holes in what is in one piece: made in the middle first, so that little is copied', () => {
    for (const base of [
      values(20_000),
      updateOf([{ client: 7, structs: [withInfo(4, 1, 't', 'x'.repeat(20_000))] }]),
    ]) {
      const relay = new Y.Doc({ gc: false });
      const plain = new Y.Doc({ gc: false });
      const updates = [base, everyOther(10_000)];
      const taken = updates.map((update) => take(relay, update, 'answer'));
      for (const update of updates) Y.applyUpdate(plain, update);
      expect(taken.map(({ outcome }) => outcome.type)).toEqual(['applied', 'applied']);
      expectBounded(taken);
      expect(taken.flatMap(({ costs }) => costs).reduce((all, cost) => all + cost, 0)).toBeLessThan(4_000_000);
      expect(Y.encodeStateAsUpdate(relay)).toEqual(Y.encodeStateAsUpdate(plain));
    }
  });

  it('[P16] [P19] too many holes are refused', () => {
    const [, holes] = takeAll(values(80_000), everyOther(40_000));
    expect(holes?.outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(/too many changes/) });
    const ranges = numbers(40_000).map((n) => [n * 2, 1] as const);
    const [at] = takeAll(updateOf([{ client: 7, structs: [items('a', 80_000)] }], [{ client: 7, ranges }]));
    expect(at?.outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(/too many changes/) });
  });

  it('[P16] [P19] what is deleted before many deleted values is joined with these in steps', () => {
    const rest = updateOf([], [{ client: 7, ranges: [[800, 20_000]] }]);
    const others = updateOf([], [{ client: 7, ranges: numbers(400).map((n) => [n * 2 + 1, 1] as const) }]);
    const taken = takeAll(values(20_800), rest, everyOther(400), others);
    expect(taken.map(({ outcome }) => outcome.type)).toEqual(['applied', 'applied', 'applied', 'applied']);
    // were it one transaction, each of 800 pieces would be joined with all of these; so it is once or twice
    const large = taken[3]?.costs.filter((cost) => cost > 20_000).length ?? 0;
    expect(large).toBeGreaterThan(0);
    expect(large).toBeLessThan(4);
    expectBounded(taken);
  });

  it('[P16] [P19] insertions into what is in one piece are counted by what they copy', () => {
    const into = (count: number, step: number): Uint8Array =>
      updateOf([{ client: 8, structs: numbers(count).map((n) => between([7, n * step], [7, n * step + 1])) }]);
    const taken = takeAll(values(20_000), into(200, 100));
    expect(taken.map(({ outcome }) => outcome.type)).toEqual(['applied', 'applied']);
    expectBounded(taken);
    const [, many] = takeAll(values(80_000), into(40_000, 2));
    expect(many?.outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(/too many changes/) });
  });

  it('[P16] [P19] of the whole document again: nothing, also where it has many holes', () => {
    const doc = new Y.Doc({ gc: false });
    take(doc, values(20_000));
    take(doc, everyOther(10_000));
    expect(walkOf(doc, Y.encodeStateAsUpdate(doc))).toBe(0);
  });
});

describe('a list inside another is deleted at once, so it is bounded', () => {
  const holder = (type: number): Uint8Array => withInfo(0x27, 1, 'm', 'k', Uint8Array.of(type));
  const inside = (count: number): Uint8Array =>
    updateOf([{ client: 7, structs: [holder(TYPE.array), itemsIn(7, 0, count)] }]);
  const holes = (count: number): Uint8Array =>
    updateOf([], [{ client: 7, ranges: numbers(count).map((n) => [n * 2 + 2, 1] as const) }]);
  const outcomes = (...updates: readonly Uint8Array[]): readonly string[] =>
    takeAll(...updates).map(({ outcome }) => (outcome.type === 'refused' ? outcome.message : outcome.type));

  it('[P16] [P19] has many values where they are in few pieces', () => {
    const gone = updateOf([], [{ client: 7, ranges: [[0, 1]] }]);
    expect(outcomes(inside(20_000), holes(50), gone)).toEqual(['applied', 'applied', 'applied']);
    expect(outcomes(inside(2000), holes(900), gone)).toEqual(['applied', 'applied', 'applied']);
  });

  it('[P16] [P19] not many values in many pieces', () => {
    const tooMany = expect.stringMatching(/too many values in too many pieces/);
    expect(outcomes(inside(20_000), holes(200))).toEqual(['applied', tooMany]);
    const into = (count: number): Uint8Array =>
      updateOf([{ client: 8, structs: numbers(count).map((n) => between([7, n * 2 + 1], [7, n * 2 + 2])) }]);
    expect(outcomes(inside(20_000), into(20))).toEqual(['applied', 'applied']);
    expect(outcomes(inside(20_000), into(150))).toEqual(['applied', tooMany]);
    expect(outcomes(inside(20_000), into(50), into(99), holes(5), into(200))).toContainEqual(tooMany);
  });

  it('[P16] [P19] at most 8,192 pieces, of a text as well', () => {
    const tooMany = expect.stringMatching(/8192 keys and pieces/);
    const text = updateOf([{ client: 7, structs: [holder(TYPE.text), textIn(7, 0, 'x'.repeat(60_000))] }]);
    expect(outcomes(text, holes(4000))).toEqual(['applied', 'applied']);
    expect(outcomes(text, holes(5000))).toEqual(['applied', tooMany]);
    const maps = (count: number): Uint8Array =>
      updateOf([
        {
          client: 7,
          structs: [holder(TYPE.array), ...numbers(count).map(() => withInfo(0x07, 0, 7, 0, Uint8Array.of(TYPE.map)))],
        },
      ]);
    expect(outcomes(maps(8000))).toEqual(['applied']);
    expect(outcomes(maps(9000))).toEqual([tooMany]);
    const more = updateOf([{ client: 8, structs: numbers(500).map(() => withInfo(0x07, 0, 7, 0, Uint8Array.of(1))) }]);
    expect(outcomes(maps(8000), more)).toEqual(['applied', tooMany]);
  });

  it('[P16] [P19] is deleted alone, not with hundreds of its like', () => {
    const many = numbers(200).flatMap((n) => [
      withInfo(0x07, 1, 'a', Uint8Array.of(TYPE.array)),
      ...numbers(100).map(() => withInfo(0x07, 0, 7, n * 101, Uint8Array.of(TYPE.map))),
    ]);
    const gone = updateOf([], [{ client: 7, ranges: [[0, 200 * 101]] }]);
    const taken = takeAll(updateOf([{ client: 7, structs: many }]), gone);
    expect(taken.map(({ outcome }) => outcome.type)).toEqual(['applied', 'applied']);
    expectBounded(taken);
  });
});

describe('a room', () => {
  it('[P10] [P16] has lists and texts of stock clients: typed at once, offline, and kept', async () => {
    const { docs, store, joinSynced } = await createRooms();
    const [a, b] = [await joinSynced(SETUP, grantOf('operator')), await joinSynced(SETUP, grantOf('operator'))];
    a.doc.getText('t').insert(0, 'Start at ten');
    a.doc.getArray('a').push([1, 2, 3]);
    await settle();
    b.doc.getText('t').insert(5, ' of all');
    a.doc.getText('t').insert(5, ' of the 10 km');
    b.doc.getArray('a').delete(1);
    await settle();
    b.hangUp();
    b.doc.getArray('a').insert(1, ['offline']);
    a.doc.getArray('a').insert(1, ['meanwhile']);
    const back = await joinSynced(SETUP, grantOf('operator'));
    Y.applyUpdate(back.doc, Y.encodeStateAsUpdate(b.doc));
    await settle();
    expect(a.closed()).toBeNull();
    expect(contentOf(back.doc)).toEqual(contentOf(a.doc));
    expect(a.doc.getArray('a').toJSON()).toHaveLength(4);
    const held = await docs.hold(SETUP);
    expect(contentOf(held.doc)).toEqual(contentOf(a.doc));
    held.release();
    await settle();
    const stored = new Y.Doc();
    for (const update of await store.loadDoc(SETUP)) Y.applyUpdate(stored, update);
    expect(contentOf(stored)).toEqual(contentOf(a.doc));
  });
});

describe('the gate', () => {
  it('[P16] asks again for an item whose right neighbour is missing', () => {
    const doc = new Y.Doc({ gc: false });
    take(doc, alone(item('a')));
    const update = updateOf([{ client: 2, structs: [between([1, 0], [3, 5])] }]);
    expect(take(doc, update).outcome.type).toBe('lacks');
    expect(take(doc, update, 'answer').outcome.type).toBe('applied');
    expect(doc.getArray('a').length).toBe(1);
  });

  it('[P16] lets Yjs collect what stands beside something collected', () => {
    const doc = new Y.Doc({ gc: false });
    const update = updateOf([
      { client: 2, structs: [between([1, 1], [1, 0]), between([1, 0], [1, 1])] },
      { client: 1, structs: [collected(1), item('a')] },
    ]);
    expectTaken(doc, update);
    expect(doc.getArray('a').length).toBe(1);
  });

  it('[P16] takes the rest of what it knows in part for what that is, whatever its sender says', () => {
    const doc = new Y.Doc({ gc: false });
    take(doc, alone(items('a', 3), item('b')));
    // tells other neighbours than what is known: of another list for what it continues
    const lie = (struct: Uint8Array): Uint8Array => updateOf([{ client: 1, clock: 3, structs: [struct] }]);
    const before = Y.encodeStateAsUpdate(doc);
    const text = take(doc, lie(withInfo(0x44, 1, 0, 'xyz')));
    expect(text.outcome).toMatchObject({ type: 'refused', message: expect.stringMatching(/different lists/) });
    expect(Y.encodeStateAsUpdate(doc)).toEqual(before);
    expectTaken(doc, lie(items('a', 3)));
    expect(doc.getArray('b').length).toBe(3);
    expect(doc.getArray('a').length).toBe(3);
  });
});
