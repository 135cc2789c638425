import { CLOSE, DOC_MESSAGE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { createDocClient, type DocClient, settle, syncFrame, turn } from './doc-client.ts';
import { alone, bytesOf, entry, updateOf } from './gate/crafted.ts';
import { createHeldStore, createRooms, grantOf, SETUP, tokenOf, withToken } from './rooms-fixture.ts';

const operator = grantOf('operator');
const viewer = grantOf('viewer');

/** A store that tells what is appended to documents. */
const createCounted = (inner: Store = createMemoryStore()) => {
  const appended: Uint8Array[] = [];
  const store: Store = {
    ...inner,
    appendDoc: (name, update) => {
      appended.push(update);
      return inner.appendDoc(name, update);
    },
  };
  return { store, appended };
};

const changesIn = ({ frames }: DocClient, since: number): number =>
  frames.slice(since).filter(([type, kind]) => type === DOC_MESSAGE.sync && kind === 2).length;

const valuesOn = ({ doc }: DocClient): unknown => doc.getMap('m').toJSON();

const storedOf = async (store: Store): Promise<unknown> => {
  const doc = new Y.Doc();
  for (const update of await store.loadDoc(SETUP)) Y.applyUpdate(doc, update);
  return doc.getMap('m').toJSON();
};

/** Changes of one client, each a value under the next of the keys. */
const changesOf = (client: number, keys: readonly string[]): readonly Uint8Array[] =>
  keys.map((key, clock) => updateOf([{ client, clock, structs: [entry('m', key)] }]));

const sayAll = (client: DocClient, updates: readonly Uint8Array[]): void => {
  for (const update of updates) client.say(syncFrame(2, update));
};

describe('small changes that one peer sends together', () => {
  it('[P10] are one append to the store, and one frame to everybody else', async () => {
    const { store, appended } = createCounted();
    const { joinSynced } = await createRooms({ store });
    const writer = await joinSynced(SETUP, operator);
    const readers = [await joinSynced(SETUP, viewer), await joinSynced(SETUP, operator)];
    const before = [writer, ...readers].map(({ frames }) => frames.length);
    for (let n = 0; n < 40; n++) writer.doc.getMap('m').set(`k${n % 7}`, n);
    await settle();
    expect(appended).toHaveLength(1);
    expect([writer, ...readers].map((client, index) => changesIn(client, before[index] ?? 0))).toEqual([0, 1, 1]);
    for (const reader of readers) {
      expect(valuesOn(reader)).toEqual(valuesOn(writer));
      expect(Y.encodeStateVector(reader.doc)).toEqual(Y.encodeStateVector(writer.doc));
    }
    expect(await storedOf(store)).toEqual(valuesOn(writer));
  });

  it('[P18] are kept up to one that is refused, which changes nothing; nothing behind it is taken', async () => {
    const { store, appended } = createCounted();
    const { joinSynced, refusals } = await createRooms({ store });
    const writer = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const reader = await joinSynced(SETUP, viewer);
    const [a, b] = changesOf(7, ['a', 'b']);
    const [behind] = changesOf(8, ['behind']);
    // good in its first struct, bad in its second
    const bad = updateOf([{ client: 7, clock: 2, structs: [entry('m', 'half'), entry('m', '__proto__')] }]);
    sayAll(
      writer,
      [a, b, bad, behind].filter((it) => it !== undefined),
    );
    await settle();
    expect(writer.closed()?.code).toBe(CLOSE.badFrame);
    expect(refusals).toEqual(['PROTOCOL_ERROR']);
    expect(valuesOn(reader)).toEqual({ a: null, b: null });
    expect(await storedOf(store)).toEqual({ a: null, b: null });
    expect(appended).toHaveLength(1);
  });

  it('[P18] are kept up to one that lacks what is before it; nothing behind it counts as received', async () => {
    const { store } = createCounted();
    const { joinSynced } = await createRooms({ store });
    const mute = createDocClient();
    const writer = await joinSynced(SETUP, operator, { confirmsSaves: true, client: mute });
    const said = writer.saved.at(-1)?.messages ?? 0;
    const [a, b, c, d] = changesOf(7, ['a', 'b', 'c', 'd']);
    sayAll(
      writer,
      [a, b, d].filter((it) => it !== undefined),
    );
    await turn();
    await turn();
    expect(await storedOf(store)).toEqual({ a: null, b: null });
    // it answers the relay's question with all that it has, which is nothing of this
    await settle();
    sayAll(
      writer,
      [c, d].filter((it) => it !== undefined),
    );
    await settle();
    expect(await storedOf(store)).toEqual({ a: null, b: null, c: null, d: null });
    expect(writer.saved.at(-1)?.messages).toBe(said + 6);
  });

  it('[P11] count as saved all at once, when the disk has them and not before', async () => {
    const held = createHeldStore();
    const { joinSynced } = await createRooms({ store: held.store });
    const writer = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const said = writer.saved.at(-1)?.messages ?? 0;
    held.hold();
    for (let n = 0; n < 10; n++) writer.doc.getMap('m').set('n', n);
    await settle();
    expect(held.waiting()).toBe(1);
    expect(writer.saved.at(-1)?.messages ?? 0).toBe(said);
    held.release();
    await settle();
    expect(writer.saved.at(-1)?.messages).toBe(said + 10);
    expect(writer.saved.at(-1)?.stateVector).toEqual(Y.encodeStateVector(writer.doc));
  });

  it('[P10] of two peers stay each one’s own: nobody gets back what it wrote', async () => {
    const { store, appended } = createCounted();
    const { joinSynced } = await createRooms({ store });
    const [a, b] = [await joinSynced(SETUP, operator), await joinSynced(SETUP, operator)];
    const reader = await joinSynced(SETUP, viewer);
    const before = [a, b, reader].map(({ frames }) => frames.length);
    for (let n = 0; n < 10; n++) {
      a.doc.getMap('m').set('a', n);
      b.doc.getMap('m').set('b', n);
    }
    await settle();
    expect(appended).toHaveLength(2);
    expect([a, b, reader].map((client, index) => changesIn(client, before[index] ?? 0))).toEqual([1, 1, 2]);
    for (const client of [a, b, reader]) expect(valuesOn(client)).toEqual({ a: 9, b: 9 });
  });

  it('[P15] make their client id their author’s as from the first: who writes under it in the same turn is sent back', async () => {
    const { store } = createCounted();
    const { joinSynced, registry } = await createRooms({ store });
    await registry.change(['vera', 'will'].map((token) => ({ type: 'putToken', token: tokenOf(token) })));
    const author = await joinSynced(SETUP, withToken('vera'));
    const other = await joinSynced(SETUP, withToken('will'));
    const [a, b] = changesOf(7, ['a', 'b']);
    const own = changesOf(8, ['mine'])[0];
    const stolen = updateOf([{ client: 7, clock: 2, structs: [entry('m', 'stolen')] }]);
    sayAll(
      author,
      [a, b].filter((it) => it !== undefined),
    );
    sayAll(
      other,
      [own, stolen, changesOf(9, ['late'])[0]].filter((it) => it !== undefined),
    );
    await settle();
    expect(other.closed()?.code).toBe(CLOSE.tryLater);
    expect(author.closed()).toBeNull();
    expect(await storedOf(store)).toEqual({ a: null, b: null, mine: null });
    sayAll(author, [updateOf([{ client: 7, clock: 2, structs: [entry('m', 'c')] }])]);
    await settle();
    expect(await storedOf(store)).toEqual({ a: null, b: null, mine: null, c: null });
  });

  it('[P18] are taken at once when many wait, whatever else the network has brought', async () => {
    const { joinSynced } = await createRooms();
    const told: string[] = [];
    const own = createDocClient();
    const socket = { ...own.socket, pause: () => told.push('pause'), resume: () => told.push('resume') };
    const writer = await joinSynced(SETUP, operator, { client: { ...own, socket } });
    const nothing = syncFrame(2, Uint8Array.of(0, 0));
    // more than may wait, in one piece of the network's
    for (let n = 0; n < 6000; n++) writer.say(nothing);
    writer.say(syncFrame(2, alone(entry('m', 'last', bytesOf(Uint8Array.of(126))))));
    await settle();
    expect(writer.closed()).toBeNull();
    expect(valuesOn(await joinSynced(SETUP, viewer))).toEqual({ last: null });
  });
});
