import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createDocClient, type DocClient, messageTypes, settle, turn } from './doc-client.ts';
import { createHeldStore, createRooms, FAILED, FULL, grantOf, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');

/** Whether the relay has told that it holds all that this client has said. */
const isAllSaved = (client: DocClient, messages: number): boolean => {
  const last = client.saved.at(-1);
  if (last === undefined || last.messages < messages) return false;
  const stored = Y.decodeStateVector(last.stateVector);
  return [...Y.decodeStateVector(Y.encodeStateVector(client.doc))].every(
    ([id, clock]) => (stored.get(id) ?? 0) >= clock,
  );
};

describe('saved', () => {
  it('[P11] is said only once the disk has it; the change itself is passed on at once', async () => {
    const held = createHeldStore();
    const { joinSynced } = await createRooms({ store: held.store });
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const b = await joinSynced(SETUP, operator, { confirmsSaves: true });
    // the first message is the answer to the relay's own step 1
    expect(isAllSaved(a, 1)).toBe(true);

    held.hold();
    const told = a.saved.length;
    a.doc.getMap('m').set('k', 1);
    await settle();
    expect(b.doc.getMap('m').get('k')).toBe(1);
    expect(a.saved.length).toBe(told);
    expect(isAllSaved(a, 2)).toBe(false);

    held.release();
    await settle();
    expect(isAllSaved(a, 2)).toBe(true);
    expect(isAllSaved(b, 1)).toBe(true);
  });

  it('[P11] is said of deletions too, which no state vector shows', async () => {
    const held = createHeldStore();
    const { joinSynced } = await createRooms({ store: held.store });
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    a.doc.getMap('m').set('k', 1);
    await settle();
    held.hold();
    const before = a.saved.at(-1);
    a.doc.getMap('m').delete('k');
    await settle();
    expect(a.saved.at(-1)).toBe(before);
    held.release();
    await settle();
    expect(a.saved.at(-1)).toMatchObject({ messages: 3 });
    expect(a.saved.at(-1)?.stateVector).toEqual(before?.stateVector);
  });

  it('is said again and again while there is always more to store', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    for (let n = 0; n < 50; n++) {
      a.doc.getMap('m').set('n', n);
      await turn();
    }
    const told = a.saved.map((it) => it.messages);
    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual([...told].sort((x, y) => x - y));
    await settle();
    expect(isAllSaved(a, 51)).toBe(true);
  });

  it('is said of what was known already, as after a reconnect', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    a.doc.getMap('m').set('k', 1);
    await settle();
    a.hangUp();
    const again = createDocClient();
    Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(a.doc), again.socket);
    await joinSynced(SETUP, operator, { confirmsSaves: true, client: again });
    expect(isAllSaved(again, 1)).toBe(true);
  });

  it('is never said to stock clients, who get stock messages only', async () => {
    const { joinSynced, time } = await createRooms();
    const stock = await joinSynced(SETUP, operator);
    stock.doc.getMap('m').set('k', 1);
    stock.tellAwareness();
    await settle();
    await time.advanceAsync(60_000);
    expect(messageTypes(stock).every((type) => type <= 3)).toBe(true);
    expect(stock.saved).toEqual([]);
  });
});

describe('a full disk', () => {
  it('[P22] claims nothing saved, sends everybody away to come back, and shows no unsaved state', async () => {
    const held = createHeldStore();
    const { docs, joinSynced, failures } = await createRooms({ store: held.store });
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const b = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const doc = await docs.hold(SETUP);
    a.doc.getMap('m').set('stored', 1);
    await settle();
    const told = [a.saved.length, b.saved.length];

    held.refuse(FULL);
    a.doc.getMap('m').set('unsaved', 1);
    await settle();
    expect([a.closed()?.code, b.closed()?.code]).toEqual([CLOSE.tryLater, CLOSE.tryLater]);
    expect([a.saved.length, b.saved.length]).toEqual(told);
    expect(doc.doc.getMap('m').toJSON()).toEqual({ stored: 1 });
    expect(failures).toEqual([]);

    // they come back while it is still full: served, and sent away again by what they still hold
    const stillFull = createDocClient(a.doc);
    await joinSynced(SETUP, operator, { confirmsSaves: true, client: stillFull });
    await settle();
    expect(stillFull.closed()?.code).toBe(CLOSE.tryLater);
    const reader = await joinSynced(SETUP, grantOf('viewer'));
    expect(reader.doc.getMap('m').toJSON()).toEqual({ stored: 1 });

    held.refuse(null);
    const back = createDocClient(a.doc);
    await joinSynced(SETUP, operator, { confirmsSaves: true, client: back });
    await settle();
    expect(back.closed()).toBeNull();
    expect(isAllSaved(back, 1)).toBe(true);
    expect(reader.doc.getMap('m').toJSON()).toEqual({ stored: 1, unsaved: 1 });
    expect(doc.doc.getMap('m').toJSON()).toEqual({ stored: 1, unsaved: 1 });
    doc.release();
  });

  it('[P22] refuses the relay’s own edit, and the next one works when there is space', async () => {
    const held = createHeldStore();
    const { docs } = await createRooms({ store: held.store });
    const doc = await docs.hold(SETUP);
    held.refuse(FULL);
    const refused = await doc.edit((it) => it.getMap('m').set('a', 1));
    expect(refused).toMatchObject({ ok: false, error: { code: 'STORAGE_FULL' } });
    held.refuse(null);
    expect(await doc.edit((it) => it.getMap('m').set('b', 2))).toMatchObject({ ok: true });
    expect(doc.doc.getMap('m').toJSON()).toEqual({ b: 2 });
    doc.release();
  });

  it('takes nothing from peers while the document is read again; the relay’s own edit waits', async () => {
    const held = createHeldStore();
    const { docs, join, joinSynced } = await createRooms({ store: held.store });
    const a = await joinSynced(SETUP, operator);
    const doc = await docs.hold(SETUP);
    held.refuse(FULL);
    held.hold();
    a.doc.getMap('m').set('unsaved', 1);
    await settle();
    held.release();
    held.hold();
    await settle();
    expect(held.loads.length).toBe(2);

    held.refuse(null);
    const early = join(SETUP, operator);
    const editing = doc.edit((it) => it.getMap('m').set('by', 'relay'));
    await settle();
    expect(early.closed()?.code).toBe(CLOSE.tryLater);
    held.release();
    expect(await editing).toMatchObject({ ok: true });
    expect(doc.doc.getMap('m').toJSON()).toEqual({ by: 'relay' });
    doc.release();
  });
});

describe('a failed disk', () => {
  it('[P23] ends the relay, and nothing is claimed saved after it', async () => {
    const held = createHeldStore();
    const { docs, joinSynced, failures } = await createRooms({ store: held.store });
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const told = a.saved.length;
    held.refuse(FAILED);
    a.doc.getMap('m').set('k', 1);
    await settle();
    expect(failures).toEqual(['fdatasync: input/output error']);
    expect(a.saved.length).toBe(told);
    const doc = await docs.hold(SETUP);
    expect(await doc.edit((it) => it.getMap('m').set('k', 2))).toMatchObject({ ok: false });
    doc.release();
  });

  it('a store that throws is a failed one', async () => {
    const store = { ...createMemoryStore(), appendDoc: () => Promise.reject(new Error('the worker is gone')) };
    const { joinSynced, failures } = await createRooms({ store });
    const a = await joinSynced(SETUP, operator);
    a.doc.getMap('m').set('k', 1);
    await settle();
    expect(failures[0]).toBe('the worker is gone');
  });
});
