import { setupDocName } from '@baton/schema/doc';
import { EventId, TokenId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import { createDocClient, settle, turn, until } from './doc-client.ts';
import { createHeldStore, createRooms, EVENT, grantOf, receiverToken, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');

const json = (doc: Y.Doc): unknown => doc.getMap('m').toJSON();

describe('syncing', () => {
  it('[P10] brings two operators and one who comes later to the same document', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    const b = await joinSynced(SETUP, operator);
    a.doc.getMap('m').set('from a', 1);
    b.doc.getMap('m').set('from b', 2);
    await settle();
    const c = await joinSynced(SETUP, operator);
    for (const client of [a, b, c]) expect(json(client.doc)).toEqual({ 'from a': 1, 'from b': 2 });
    expect(Y.encodeStateVector(a.doc)).toEqual(Y.encodeStateVector(c.doc));
  });

  it('[P10] takes what somebody edited while away, and gives what others did', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    const away = createDocClient();
    away.doc.getMap('m').set('offline', true);
    a.doc.getMap('m').set('online', true);
    await settle();
    await joinSynced(SETUP, operator, { client: away });
    await settle();
    expect(json(a.doc)).toEqual({ offline: true, online: true });
    expect(json(away.doc)).toEqual(json(a.doc));
  });

  it('does not send a change back to whom it came from', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    const before = a.frames.length;
    a.doc.getMap('m').set('k', 1);
    await settle();
    expect(a.frames.length).toBe(before);
  });

  it('loads a document once, and answers nobody before it is there', async () => {
    const disk = createMemoryStore();
    const first = await createRooms({ store: disk });
    const writer = await first.joinSynced(SETUP, operator);
    writer.doc.getMap('m').set('stored', 'before');
    await settle();

    const held = createHeldStore(disk);
    const { docs, join } = await createRooms({ store: held.store });
    held.hold();
    const a = join(SETUP, operator);
    const b = join(SETUP, operator);
    const holding = docs.hold(SETUP);
    await settle();
    expect(held.loads).toEqual([SETUP]);
    expect([...a.frames, ...b.frames]).toEqual([]);

    held.release();
    await settle();
    expect(held.loads).toEqual([SETUP]);
    for (const client of [a, b]) expect(json(client.doc)).toEqual({ stored: 'before' });
    (await holding).release();
  });

  it('bounds what a connection may say before its document is there', async () => {
    const held = createHeldStore();
    const { join } = await createRooms({ store: held.store });
    held.hold();
    const flooder = join(SETUP, operator);
    for (let n = 0; n < 100; n++) flooder.say(Uint8Array.of(3));
    await settle();
    expect(flooder.closed()).toMatchObject({ code: CLOSE.tryLater });
    held.release();
    await settle();
  });

  it('lets go of somebody who leaves before the document is there', async () => {
    const held = createHeldStore();
    const { docs, join, time } = await createRooms({ store: held.store });
    held.hold();
    const client = join(SETUP, operator);
    await settle();
    client.hangUp();
    held.release();
    await settle();
    await time.advanceAsync(60_000);
    expect(docs.size()).toBe(0);
  });

  it('[P1] stores each update as it comes: a relay that starts again has all', async () => {
    const disk = createMemoryStore();
    const { joinSynced } = await createRooms({ store: disk });
    const a = await joinSynced(SETUP, operator);
    for (let n = 0; n < 20; n++) {
      a.doc.getMap('m').set(`k${n}`, n);
      await turn();
    }
    a.doc.getMap('m').delete('k7');
    await settle();
    expect((await disk.loadDoc(SETUP)).length).toBe(21);

    const again = await createRooms({ store: disk });
    const b = await again.joinSynced(SETUP, operator);
    expect(json(b.doc)).toEqual(json(a.doc));
  });
});

describe('who may', () => {
  it.each([
    ['receiver', SETUP],
    ['forwarder', SETUP],
    ['viewer', SETUP],
    ['receiver', 'events/spring-run/roster'],
  ] as const)('[P15] a %s may read %s; what it changes is dropped, and it is told once', async (role, name) => {
    const { docs, joinSynced } = await createRooms();
    const editor = await joinSynced(name, operator);
    const reader = await joinSynced(name, grantOf(role, 'tent'), { confirmsSaves: true });
    editor.doc.getMap('m').set('by', 'operator');
    await settle();
    expect(json(reader.doc)).toEqual({ by: 'operator' });
    expect(reader.denied).toEqual([]);

    reader.doc.getMap('m').set('by', role);
    await settle();
    reader.doc.getMap('m').set('again', role);
    await settle();
    expect(reader.denied.length).toBe(1);
    expect(reader.closed()).toBeNull();
    expect(json(editor.doc)).toEqual({ by: 'operator' });
    const held = await docs.hold(name);
    expect(json(held.doc)).toEqual({ by: 'operator' });
    held.release();
  });

  it('does not ask for changes of whom it would not take them', async () => {
    const { joinSynced } = await createRooms();
    const editor = await joinSynced(SETUP, operator);
    const reader = await joinSynced(SETUP, grantOf('viewer'));
    const step1 = (frame: Uint8Array): boolean => frame[0] === 0 && frame[1] === 0;
    expect(editor.frames.some(step1)).toBe(true);
    expect(reader.frames.some(step1)).toBe(false);
  });

  it('[P10] asks who comes for what it lacks by then', async () => {
    const { joinSynced } = await createRooms();
    const isStep1 = (frame: Uint8Array): boolean => frame[0] === 0 && frame[1] === 0;
    const asked = ({ frames }: { readonly frames: readonly Uint8Array[] }) => frames.find(isStep1)?.subarray(2);
    const first = await joinSynced(SETUP, operator);
    const second = await joinSynced(SETUP, operator);
    expect(asked(second)).toEqual(asked(first));
    first.doc.getMap('m').set('a', 1);
    await settle();
    const third = await joinSynced(SETUP, operator);
    const vector = asked(third)?.subarray(1) ?? Uint8Array.of();
    expect(Y.decodeStateVector(vector)).toEqual(new Map([[first.doc.clientID, 1]]));
  });

  it('lets a receiver write its own selection, and operators everyone’s', async () => {
    const { joinSynced } = await createRooms();
    const name = 'events/spring-run/receivers/tent';
    const receiver = await joinSynced(name, grantOf('receiver', 'tent'));
    const office = await joinSynced(name, operator);
    receiver.doc.getMap('m').set('selection', 1);
    await settle();
    expect(json(office.doc)).toEqual({ selection: 1 });
    office.doc.getMap('m').set('selection', 2);
    await settle();
    expect(json(receiver.doc)).toEqual({ selection: 2 });
  });

  it.each([
    ['another receiver’s selection', 'events/spring-run/receivers/office', grantOf('receiver', 'tent'), 4403],
    ['the roster, to a forwarder', 'events/spring-run/roster', grantOf('forwarder', 'f'), 4403],
    ['the roster, to a viewer', 'events/spring-run/roster', grantOf('viewer'), 4403],
    ['a selection, to a viewer', 'events/spring-run/receivers/tent', grantOf('viewer'), 4403],
    ['another event that is published', 'events/other-run/setup', operator, 4403],
    ['another event that is a draft', 'events/a-draft/setup', operator, 4404],
    ['an event that is not there', 'events/nowhere/setup', operator, 4404],
    ['a receiver that no token names', 'events/spring-run/receivers/nobody', operator, 4404],
    ['an expired token', SETUP, grantOf('operator', null, { expiresAt: 1 }), 4401],
    ['a revoked token', SETUP, grantOf('operator', null, { tokenId: TokenId.parse('gone') }), 4401],
  ])('[P14] refuses %s', async (_, name, grant, code) => {
    const { docs, join } = await createRooms();
    const client = join(name, grant);
    await settle();
    expect(client.closed()?.code).toBe(code);
    expect(client.frames).toEqual([]);
    expect(docs.size()).toBe(0);
  });

  it.each([
    '',
    '/',
    'setup',
    'events/spring-run',
    'events/spring-run/',
    'events/spring-run/setup/',
    'events/spring-run/setup/x',
    'events/spring-run/receivers',
    'events/spring-run/receivers/',
    'events/../setup',
    'events/%2e%2e/setup',
    'events/spring-run%2fsetup',
    'events/spring-run/setup\0',
    'events/spring-run/receivers/..',
    'events/spring-run/__proto__',
    'events/constructor/__proto__',
    'EVENTS/spring-run/setup',
    'events/spring-run/setup\r\nX: 1',
    `events/${'x'.repeat(10_000)}/setup`,
  ])('makes no document of the name %j', async (name) => {
    const { docs, join } = await createRooms();
    const client = join(name, grantOf('admin'));
    await settle();
    expect(client.closed()?.code).toBe(CLOSE.unknown);
    expect(docs.size()).toBe(0);
    await expect(docs.hold(name)).rejects.toThrow();
  });
});

describe('lifetime', () => {
  it('frees a document some time after the last one left', async () => {
    const { docs, joinSynced, time } = await createRooms({ rooms: { idleMs: 1000 } });
    const client = await joinSynced(SETUP, operator);
    const held = await docs.hold(SETUP);
    client.hangUp();
    await time.advanceAsync(5000);
    expect(docs.size()).toBe(1);
    held.release();
    held.release();
    await time.advanceAsync(900);
    expect(docs.size()).toBe(1);
    await time.advanceAsync(200);
    expect(docs.size()).toBe(0);
    expect((await joinSynced(SETUP, operator)).closed()).toBeNull();
  });

  it('keeps a document that somebody comes back to', async () => {
    const held = createHeldStore();
    const { joinSynced, time } = await createRooms({ store: held.store, rooms: { idleMs: 1000 } });
    const client = await joinSynced(SETUP, operator);
    client.hangUp();
    await time.advanceAsync(900);
    await joinSynced(SETUP, operator);
    await time.advanceAsync(5000);
    expect(held.loads).toEqual([SETUP]);
  });

  it('[P18] opens and closes 500 documents without keeping any, nor a timer for one', async () => {
    const { docs, joinSynced, registry, time } = await createRooms({ rooms: { idleMs: 10 } });
    const pending = time.pending();
    const nodes = Array.from({ length: 500 }, (_, n) => `node-${n}`);
    await registry.change(nodes.map((node) => ({ type: 'putToken', token: receiverToken(node) }) as const));
    let most = 0;
    for (const node of nodes) {
      const client = await joinSynced(`events/spring-run/receivers/${node}`, grantOf('admin'));
      client.doc.getMap('m').set('selection', node);
      await settle();
      client.hangUp();
      most = Math.max(most, docs.size());
      await time.advanceAsync(20);
    }
    expect(most).toBe(1);
    expect(docs.size()).toBe(0);
    expect(docs.sockets()).toBe(0);
    expect(time.pending()).toBe(pending);
  });

  it('ends a deleted event’s documents, and brings none of them back', async () => {
    const { docs, joinSynced, registry, store } = await createRooms();
    const here = await joinSynced(SETUP, operator);
    const elsewhere = await joinSynced('events/other-run/setup', grantOf('admin'));
    const held = await docs.hold(SETUP);
    await registry.change([{ type: 'deleteEvent', eventId: EVENT }]);
    await settle();
    expect(here.closed()?.code).toBe(CLOSE.unknown);
    expect(elsewhere.closed()).toBeNull();
    const late = await held.edit((doc) => doc.getMap('m').set('late', 1));
    expect(late).toMatchObject({ ok: false });
    expect(await store.loadDoc(SETUP)).toEqual([]);
    held.release();
  });

  it('at shutdown sends everybody away, and has stored what was said', async () => {
    const held = createHeldStore();
    const { docs, joinSynced } = await createRooms({ store: held.store });
    const client = await joinSynced(SETUP, operator);
    held.hold();
    client.doc.getMap('m').set('last', 'word');
    await settle();
    let isClosed = false;
    const closing = docs.close().then(() => {
      isClosed = true;
    });
    await settle();
    expect(client.closed()?.code).toBe(CLOSE.shuttingDown);
    expect(isClosed).toBe(false);
    held.release();
    await closing;
    expect((await held.inner.loadDoc(SETUP)).length).toBe(1);
    const late = createDocClient();
    docs.join(late.socket, { name: SETUP, grant: operator, confirmsSaves: false, isLink: false });
    expect(late.closed()?.code).toBe(CLOSE.shuttingDown);
    late.dispose();
  });

  it('sends a peer away, and can try again, when a document cannot be loaded', async () => {
    const disk = createMemoryStore();
    let broken = true;
    const store = {
      ...disk,
      loadDoc: (name: string) => (broken ? Promise.reject(new Error('damaged row')) : disk.loadDoc(name)),
    };
    const { docs, join, joinSynced } = await createRooms({ store });
    const client = join(SETUP, operator);
    await expect(docs.hold(SETUP)).rejects.toThrow('damaged row');
    await until(() => client.closed() !== null);
    expect(client.closed()?.code).toBe(CLOSE.tryLater);
    expect(docs.size()).toBe(0);
    broken = false;
    await joinSynced(SETUP, operator);
  });
});

describe('edits by the relay', () => {
  it('resolves once durable, and everybody sees it', async () => {
    const held = createHeldStore();
    const { docs, joinSynced } = await createRooms({ store: held.store });
    const client = await joinSynced(SETUP, operator);
    const doc = await docs.hold(SETUP);
    let told = 0;
    const stop = doc.onUpdate(() => {
      told++;
    });
    const changed: string[] = [];
    docs.onChange((name) => changed.push(name));
    held.hold();
    let done = false;
    const editing = doc
      .edit((it) => it.getMap('m').set('by', 'relay'))
      .then((result) => {
        done = true;
        return result;
      });
    await settle();
    expect(done).toBe(false);
    expect(json(client.doc)).toEqual({ by: 'relay' });
    held.release();
    expect(await editing).toEqual({ ok: true, value: undefined });
    expect(told).toBe(1);
    expect(changed).toEqual([SETUP]);
    stop();
    await doc.edit((it) => it.getMap('m').set('by', 'relay again'));
    expect(told).toBe(1);
    doc.release();
  });

  it('an edit that changes nothing is durable at once', async () => {
    const { docs } = await createRooms();
    const doc = await docs.hold(setupDocName(EventId.parse('spring-run')));
    expect(await doc.edit(() => {})).toEqual({ ok: true, value: undefined });
    doc.release();
  });
});
