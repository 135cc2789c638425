import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { take } from './crafted.ts';

/** What one of several people does next; `who` and the like are taken modulo what there is. */
type Deed =
  | { readonly type: 'set'; readonly who: number; readonly key: number; readonly value: fc.JsonValue }
  | { readonly type: 'delete'; readonly who: number; readonly key: number }
  | { readonly type: 'nest'; readonly who: number; readonly key: number; readonly inner: number }
  | { readonly type: 'insert'; readonly who: number; readonly at: number; readonly values: readonly fc.JsonValue[] }
  | { readonly type: 'write'; readonly who: number; readonly at: number; readonly text: string }
  | { readonly type: 'erase'; readonly who: number; readonly at: number; readonly count: number }
  | { readonly type: 'import'; readonly who: number; readonly from: number }
  | { readonly type: 'undo'; readonly who: number }
  | { readonly type: 'redo'; readonly who: number }
  /** Another tab, or a venue, passes on what it has. */
  | { readonly type: 'tell'; readonly who: number; readonly whom: number }
  /** The page is loaded anew, from what the device has stored. */
  | { readonly type: 'reload'; readonly who: number; readonly gc: boolean }
  /** Comes back after a while, and syncs both ways. */
  | { readonly type: 'sync'; readonly who: number }
  /** The relay was restored from an older copy. */
  | { readonly type: 'restore' }
  | { readonly type: 'online'; readonly who: number };

const PEOPLE = 4;
const KEYS = 6;

const who = fc.nat(PEOPLE - 1);
const key = fc.nat(KEYS - 1);

/** What no page of Baton writes, and fast-check likes best. */
const DANGEROUS = /"(__proto__|constructor|prototype)":/;
const value = fc.jsonValue({ maxDepth: 2 }).filter((it) => !DANGEROUS.test(JSON.stringify(it)));

const few = { minLength: 1, maxLength: 4 };

const deeds: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('set' as const), who, key, value }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), who, key }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('nest' as const), who, key, inner: key }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('insert' as const), who, at: fc.nat(30), values: fc.array(value, few) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('write' as const), who, at: fc.nat(30), text: fc.string(few) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('erase' as const),
      who,
      at: fc.nat(30),
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('import' as const), who, from: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('undo' as const), who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('redo' as const), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('tell' as const), who, whom: who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('reload' as const), who, gc: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('sync' as const), who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('online' as const), who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restore' as const) }) },
);

/** The list of a race, made where there is none: two people may do so at once. */
const listOf = (doc: Y.Doc): Y.Array<unknown> => {
  const found = doc.getMap('races').get('list');
  if (found instanceof Y.Array) return found;
  const fresh = new Y.Array<unknown>();
  doc.getMap('races').set('list', fresh);
  return fresh;
};

const erase = (list: Y.Array<unknown> | Y.Text, at: number, count: number): void => {
  const from = Math.min(at, list.length);
  const there = Math.min(count, list.length - from);
  if (there > 0) list.delete(from, there);
};

const KEPT = Symbol('from elsewhere');

interface Person {
  readonly doc: Y.Doc;
  readonly undo: Y.UndoManager;
  online: boolean;
}

const nestedMap = (map: Y.Map<unknown>, at: string): Y.Map<unknown> => {
  const found = map.get(at);
  if (found instanceof Y.Map) return found;
  const fresh = new Y.Map<unknown>();
  map.set(at, fresh);
  return fresh;
};

/** People with stock documents, and a relay that takes what they say through the gate. */
const createWorld = (relayGc: boolean) => {
  let relay = new Y.Doc({ gc: relayGc });
  let backup = Y.encodeStateAsUpdate(relay);
  const outcomes: string[] = [];

  const say = (update: Uint8Array, kind: 'answer' | 'update'): string => {
    const { outcome } = take(relay, update, kind);
    outcomes.push(outcome.type === 'refused' ? `refused: ${outcome.message}` : outcome.type);
    expect([relay.store.pendingStructs, relay.store.pendingDs]).toEqual([null, null]);
    return outcome.type;
  };

  const sync = (person: Person): void => {
    say(Y.encodeStateAsUpdate(person.doc, Y.encodeStateVector(relay)), 'answer');
    expect(outcomes.at(-1)).toBe('applied');
    Y.applyUpdate(person.doc, Y.encodeStateAsUpdate(relay, Y.encodeStateVector(person.doc)), KEPT);
  };

  const appear = (doc: Y.Doc): Person => {
    const roots = [doc.getMap('m'), doc.getMap('races'), doc.getArray('list'), doc.getText('text')];
    const person: Person = { doc, undo: new Y.UndoManager(roots, { captureTimeout: 0 }), online: false };
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === KEPT || !person.online) return;
      // as the relay does: who hangs on what is missing is asked for all
      if (say(update, 'update') === 'lacks') sync(person);
    });
    return person;
  };

  const people = Array.from({ length: PEOPLE }, (_, at) => appear(new Y.Doc({ gc: at % 2 === 0 })));
  const person = (at: number): Person => people[at] as Person;

  const reload = (at: number, gc: boolean): void => {
    const stored = Y.encodeStateAsUpdate(person(at).doc);
    const doc = new Y.Doc({ gc });
    Y.applyUpdate(doc, stored, KEPT);
    people[at] = appear(doc);
  };

  const perform = (deed: Deed): void => {
    switch (deed.type) {
      case 'set':
        return void person(deed.who).doc.getMap('m').set(`k${deed.key}`, deed.value);
      case 'delete':
        return person(deed.who).doc.getMap('m').delete(`k${deed.key}`);
      case 'nest': {
        const { doc } = person(deed.who);
        return doc.transact(() => {
          nestedMap(nestedMap(doc.getMap('races'), `race ${deed.key}`), 'points').set(`p${deed.inner}`, {
            order: deed.inner,
          });
        });
      }
      case 'insert': {
        const { doc } = person(deed.who);
        return doc.transact(() => {
          for (const list of [listOf(doc), doc.getArray('list')]) {
            list.insert(Math.min(deed.at, list.length), [...deed.values]);
          }
        });
      }
      case 'write': {
        const text = person(deed.who).doc.getText('text');
        return text.insert(Math.min(deed.at, text.length), deed.text);
      }
      case 'erase': {
        const { doc } = person(deed.who);
        return doc.transact(() => {
          for (const list of [listOf(doc), doc.getArray('list'), doc.getText('text')]) erase(list, deed.at, deed.count);
        });
      }
      case 'import': {
        const { doc } = person(deed.who);
        return doc.transact(() => {
          for (let n = 0; n < 300; n++) doc.getMap('m').set(`bib ${deed.from + n}`, { bib: n, name: `Müller ${n}` });
        });
      }
      case 'undo':
        return void person(deed.who).undo.undo();
      case 'redo':
        return void person(deed.who).undo.redo();
      case 'tell': {
        const { doc } = person(deed.whom);
        const update = Y.encodeStateAsUpdate(person(deed.who).doc, Y.encodeStateVector(doc));
        return Y.applyUpdate(doc, update, KEPT);
      }
      case 'reload':
        return reload(deed.who, deed.gc);
      case 'sync':
        return sync(person(deed.who));
      case 'online':
        person(deed.who).online = !person(deed.who).online;
        return;
      case 'restore': {
        const restored = new Y.Doc({ gc: relayGc });
        Y.applyUpdate(restored, backup);
        backup = Y.encodeStateAsUpdate(relay);
        relay = restored;
        return;
      }
    }
  };

  return {
    outcomes,
    perform,
    /** All have synced, twice: what one brings last, the others get. */
    settle: () => {
      for (let round = 0; round < 2; round++) for (const one of people) sync(one);
      return { relay, docs: people.map(({ doc }) => doc) };
    },
  };
};

const contentOf = (doc: Y.Doc): unknown => [
  doc.getMap('m').toJSON(),
  doc.getMap('races').toJSON(),
  doc.getArray('list').toJSON(),
  doc.getText('text').toJSON(),
];

describe('honest clients', () => {
  it('[P10] [P16] are never refused, whatever several tabs, offline days, undos, reloads and a restored relay make of it', () => {
    fc.assert(
      fc.property(fc.array(deeds, { minLength: 10, maxLength: 80 }), fc.boolean(), (all, relayGc) => {
        const world = createWorld(relayGc);
        for (const deed of all) world.perform(deed);
        const { relay, docs } = world.settle();
        expect(world.outcomes.filter((outcome) => outcome !== 'applied' && outcome !== 'lacks')).toEqual([]);
        for (const doc of docs) {
          expect(contentOf(doc)).toEqual(contentOf(relay));
          expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(relay));
        }
      }),
      { numRuns: 60 },
    );
  }, 300_000);

  it('[P10] bring days of work by many sessions at once', () => {
    const relay = new Y.Doc({ gc: false });
    let device = new Y.Doc();
    for (let session = 0; session < 60; session++) {
      for (let n = 0; n < 100; n++) device.getMap('m').set(`k${(session * 7 + n) % 40}`, `${session}/${n}`);
      const stored = Y.encodeStateAsUpdate(device);
      device = new Y.Doc();
      Y.applyUpdate(device, stored);
    }
    for (let n = 0; n < 2000; n++) relay.getMap('m').set(`k${n % 40}`, n);
    expect(take(relay, Y.encodeStateAsUpdate(device, Y.encodeStateVector(relay)), 'answer').outcome.type).toBe(
      'applied',
    );
    Y.applyUpdate(device, Y.encodeStateAsUpdate(relay));
    expect(relay.getMap('m').toJSON()).toEqual(device.getMap('m').toJSON());
  });

  it('[P10] bring a whole document of a thousand sessions to a relay that lost its own', () => {
    const doc = new Y.Doc({ gc: false });
    for (let session = 0; session < 1000; session++) {
      const page = new Y.Doc();
      page.getMap('m').set(`k${session % 500}`, { session });
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(page));
    }
    const relay = new Y.Doc({ gc: false });
    expect(take(relay, Y.encodeStateAsUpdate(doc), 'answer').outcome.type).toBe('applied');
    expect(relay.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON());
    expect(Y.encodeStateVector(relay)).toEqual(Y.encodeStateVector(doc));
  });

  it('[P10] bring one key’s long history as the one struct that Yjs made of it', () => {
    const doc = new Y.Doc({ gc: false });
    for (let n = 0; n < 3000; n++) doc.getMap('m').set('k', { n, pad: 'x'.repeat(40) });
    const early = new Y.Doc({ gc: false });
    const half = new Y.Doc({ gc: false });
    expect(take(early, Y.encodeStateAsUpdate(doc), 'answer').outcome).toMatchObject({ type: 'applied' });
    expect(early.getMap('m').toJSON()).toEqual(doc.getMap('m').toJSON());
    // and a relay that has the first part of it
    const updates: Uint8Array[] = [];
    const again = new Y.Doc({ gc: false });
    again.on('update', (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 100; n++) again.getMap('m').set('k', n);
    for (const update of updates.slice(0, 37)) take(half, update);
    expect(take(half, Y.encodeStateAsUpdate(again), 'answer').outcome.type).toBe('applied');
    expect(Y.encodeStateVector(half)).toEqual(Y.encodeStateVector(again));
    expect(half.getMap('m').toJSON()).toEqual(again.getMap('m').toJSON());
  });

  it('[P10] whose own document waits for something missing: what it can show is taken, the rest is not', () => {
    const updates: Uint8Array[] = [];
    const other = new Y.Doc();
    other.on('update', (update: Uint8Array) => updates.push(update));
    for (const n of [1, 2, 3]) other.getMap('m').set(`k${n}`, n);
    const client = new Y.Doc();
    const [first, , third] = updates;
    for (const update of [first, third]) if (update !== undefined) Y.applyUpdate(client, update);
    client.getMap('m').set('own', 1);
    expect(client.store.pendingStructs).not.toBeNull();
    const relay = new Y.Doc();
    expect(take(relay, Y.encodeStateAsUpdate(client), 'answer').outcome.type).toBe('applied');
    expect(relay.getMap('m').toJSON()).toEqual({ k1: 1, own: 1 });
    expect(relay.store.pendingStructs).toBeNull();
  });
});
