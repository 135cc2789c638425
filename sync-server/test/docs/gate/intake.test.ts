import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocClient, type DocClient, settle, syncFrame, turn, until } from '../doc-client.ts';
import { createRooms, grantOf, SETUP, tokenOf, withToken } from '../rooms-fixture.ts';
import { after, alone, collected, entry, updateOf } from './crafted.ts';

const operator = grantOf('operator');

const importInto = (doc: Y.Doc, people: number): void => {
  doc.transact(() => {
    for (let n = 0; n < people; n++) {
      doc.getMap('participants').set(`race#${n}`, { bib: `${n}`, lastName: `Muster ${n}`, club: 'LC Winterthur' });
    }
  });
};

const PEOPLE = 6000;

const sizeOn = (client: DocClient): number => client.doc.getMap('participants').size;

const savedMessages = (client: DocClient): number => client.saved.at(-1)?.messages ?? 0;

/** Steps 1 that the relay has sent: it asks for all that the peer has. */
const questions = ({ frames }: DocClient): number => frames.filter(([type, kind]) => type === 0 && kind === 0).length;

describe('a large update', () => {
  it('[P19] is taken piece by piece: others edit meanwhile, and all have everything in the end', async () => {
    const { joinSynced } = await createRooms();
    const people = 4 * PEOPLE; // many turns more than a change takes to be told
    const a = await joinSynced(SETUP, operator);
    const b = await joinSynced(SETUP, operator);
    importInto(a.doc, people);
    await until(() => sizeOn(b) > 0);
    expect(sizeOn(b)).toBeLessThan(people);
    b.doc.getMap('m').set('meanwhile', 1);
    await until(() => a.doc.getMap('m').get('meanwhile') === 1);
    expect(sizeOn(b)).toBeLessThan(people);
    await until(() => sizeOn(b) === people);
    const c = await joinSynced(SETUP, operator);
    expect(sizeOn(c)).toBe(people);
    expect(Y.encodeStateVector(c.doc)).toEqual(Y.encodeStateVector(a.doc));
  });

  it('[P11] counts as saved only when all its pieces are on disk; what follows it stays behind it', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const b = await joinSynced(SETUP, operator);
    const before = savedMessages(a);
    importInto(a.doc, PEOPLE);
    a.doc.getMap('m').set('after', 1);
    await until(() => sizeOn(b) > 0);
    for (; sizeOn(b) < PEOPLE; await turn()) {
      expect(savedMessages(a)).toBeLessThanOrEqual(before);
      expect(b.doc.getMap('m').has('after')).toBe(false);
    }
    await until(() => savedMessages(a) === before + 2);
    expect(b.doc.getMap('m').get('after')).toBe(1);
  });

  it('[P10] of one who has left meanwhile is taken to its end, and kept', async () => {
    const { docs, store, joinSynced, time } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    importInto(a.doc, PEOPLE);
    await turn();
    a.hangUp();
    await time.advanceAsync(60_000);
    await until(() => docs.size() === 0 || time.pending() > 0);
    await settle();
    const stored = new Y.Doc();
    for (const update of await store.loadDoc(SETUP)) Y.applyUpdate(stored, update);
    expect(stored.getMap('participants').size).toBe(PEOPLE);
  });

  it('[P18] and many more behind it: the network is held back, and who floods is sent away', async () => {
    const { joinSynced } = await createRooms();
    const told: string[] = [];
    const flooder = createDocClient();
    const socket = { ...flooder.socket, pause: () => told.push('pause'), resume: () => told.push('resume') };
    const a = await joinSynced(SETUP, operator, { client: { ...flooder, socket } });
    importInto(a.doc, PEOPLE);
    const whole = Y.encodeStateAsUpdate(a.doc);
    a.say(syncFrame(2, whole));
    await until(() => told.length > 0);
    expect(told).toEqual(['pause']);
    await until(() => told.length > 1);
    expect(told).toEqual(['pause', 'resume']);
    expect(a.closed()).toBeNull();
    importInto(a.doc, PEOPLE);
    for (let bytes = 0; bytes < 10_000_000; bytes += whole.length) a.say(syncFrame(2, whole));
    await settle();
    expect(a.closed()?.code).toBe(CLOSE.tryLater);
  });
});

describe('changes whose predecessors are missing', () => {
  it('[P11] count as saved with the answer that brings them, and not before', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const count = savedMessages(a);
    const asked = questions(a);
    const missing = new Y.Doc();
    missing.getMap('m').set('first', 1);
    Y.applyUpdate(a.doc, Y.encodeStateAsUpdate(missing), a.socket);
    a.doc.getMap('m').set('first', 2);
    await settle();
    expect(questions(a)).toBe(asked + 1);
    // the change itself, and the answer
    expect(savedMessages(a)).toBe(count + 2);
    const b = await joinSynced(SETUP, operator);
    expect(b.doc.getMap('m').toJSON()).toEqual({ first: 2 });
  });

  it('[P11] are not told as saved while the peer does not answer', async () => {
    const { join, joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator, { confirmsSaves: true });
    const mute = createDocClient();
    const socket = { ...mute.socket, send: () => {} };
    join(SETUP, operator, { confirmsSaves: true, client: { ...mute, socket } });
    await settle();
    mute.say(syncFrame(2, updateOf([{ client: 5, structs: [after(6, 3)] }])));
    mute.say(syncFrame(2, updateOf([{ client: 7, structs: [entry('m', 'mine')] }])));
    await settle();
    expect(a.doc.getMap('m').toJSON()).toEqual({ mine: null });
    expect(mute.closed()).toBeNull();
  });
});

describe('an answer in pieces, each an update', () => {
  /** A client that answers the relay by hand. */
  const stage = async () => {
    const rooms = await createRooms();
    const own = createDocClient();
    const questionsBefore = { count: 0 };
    const socket = {
      ...own.socket,
      send: (frame: string | Uint8Array) => {
        if (frame[0] === 0 && frame[1] === 0) questionsBefore.count++;
        else own.socket.send(frame);
      },
    };
    rooms.join(SETUP, operator, { confirmsSaves: true, client: { ...own, socket } });
    await settle();
    const first = alone(entry('m', 'a'));
    const second = updateOf([{ client: 1, clock: 1, structs: [entry('m', 'b')] }]);
    // made while the answer was on its way
    const early = updateOf([{ client: 1, clock: 2, structs: [entry('m', 'c')] }]);
    const contents = async (): Promise<unknown> => {
      const held = await rooms.docs.hold(SETUP);
      held.release();
      return held.doc.getMap('m').toJSON();
    };
    return { ...rooms, own, asked: () => questionsBefore.count, first, second, early, contents };
  };

  it('[P11] counts when the empty answer behind them says that it was all', async () => {
    const { own, early, first, second, contents } = await stage();
    for (const piece of [early, first, second, early]) own.say(syncFrame(2, piece));
    await settle();
    expect(await contents()).toEqual({ a: null, b: null, c: null });
    expect(savedMessages(own)).toBe(0);
    own.say(syncFrame(1, Uint8Array.of(0, 0)));
    await settle();
    expect(savedMessages(own)).toBe(5);
  });

  it('[P11] without such an end is asked for again after a while', async () => {
    const { own, early, first, second, asked, time } = await stage();
    for (const piece of [early, first, second, early]) own.say(syncFrame(2, piece));
    await settle();
    expect(asked()).toBe(1);
    await time.advanceAsync(31_000);
    own.say(syncFrame(2, updateOf([{ client: 1, clock: 3, structs: [entry('m', 'd')] }])));
    await settle();
    expect(asked()).toBe(2);
    own.say(syncFrame(1, Uint8Array.of(0, 0)));
    await settle();
    expect(savedMessages(own)).toBe(6);
  });

  it('[P15] makes nobody the author of what others wrote', async () => {
    const { own, first, joinSynced, registry, contents } = await stage();
    await registry.change([{ type: 'putToken', token: tokenOf('vera') }]);
    own.say(syncFrame(2, first));
    await settle();
    const vera = await joinSynced(SETUP, withToken('vera'));
    vera.say(syncFrame(2, updateOf([{ client: 1, clock: 1, structs: [entry('m', 'b')] }])));
    await settle();
    expect(vera.closed()).toBeNull();
    expect(await contents()).toEqual({ a: null, b: null });
  });
});

describe('a client id', () => {
  /** Vera is writing; Will has another token. */
  const stage = async () => {
    const rooms = await createRooms();
    await rooms.registry.change(['vera', 'will'].map((token) => ({ type: 'putToken', token: tokenOf(token) })));
    const vera = await rooms.joinSynced(SETUP, withToken('vera'));
    vera.doc.getMap('m').set('first', 1);
    await settle();
    const will = await rooms.joinSynced(SETUP, withToken('will'));
    const relayHas = async (): Promise<unknown> => {
      const held = await rooms.docs.hold(SETUP);
      held.release();
      return held.doc.getMap('m').toJSON();
    };
    return { ...rooms, vera, will, relayHas };
  };

  /** Vera has made a change that has not come to the relay, Will has got it elsewhere, and built on it. */
  const buildOnMissing = ({ vera, will }: { readonly vera: DocClient; readonly will: DocClient }): void => {
    vera.doc.transact(() => vera.doc.getMap('m').set('second', 2), vera.socket);
    Y.applyUpdate(will.doc, Y.encodeStateAsUpdate(vera.doc), will.socket);
    will.doc.getMap('m').set('second', 'by Will');
  };

  const swallow = ({ vera }: { readonly vera: DocClient }): Uint8Array =>
    updateOf([{ client: vera.doc.clientID, clock: 1, structs: [collected(1000)] }]);

  it('[P15] of one who is writing: nine bytes under it would swallow what comes next, and are not taken', async () => {
    const scene = await stage();
    scene.will.say(syncFrame(2, swallow(scene)));
    await settle();
    expect(scene.will.closed()?.code).toBe(CLOSE.tryLater);
    expect(scene.refusals).toContain('CONFLICT');
    scene.vera.doc.getMap('m').set('second', 2);
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 2 });
    expect(scene.vera.closed()).toBeNull();
  });

  it('[P12] stays the author’s, who comes to this relay herself after another relay has brought what she wrote there', async () => {
    const scene = await stage();
    const link = await scene.joinSynced(SETUP, withToken('will'), { isLink: true });
    const paula = new Y.Doc();
    paula.getMap('m').set('there', 1);
    link.say(syncFrame(2, Y.encodeStateAsUpdate(paula)));
    await settle();
    const moved = await scene.joinSynced(SETUP, withToken('vera'));
    const before = Y.encodeStateVector(paula);
    paula.getMap('m').set('here', 2);
    moved.say(syncFrame(2, Y.encodeStateAsUpdate(paula, before)));
    await settle();
    expect(moved.closed()).toBeNull();
    expect(await scene.relayHas()).toEqual({ first: 1, there: 1, here: 2 });
    expect(link.closed()).toBeNull();
  });

  it('[P15] nor are they taken as an answer', async () => {
    const scene = await stage();
    scene.will.say(syncFrame(1, swallow(scene)));
    scene.vera.doc.getMap('m').set('second', 2);
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 2 });
  });

  it('[P10] of one who is writing: what hangs on what she has not brought yet is taken when she has', async () => {
    const scene = await stage();
    buildOnMissing(scene);
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1 });
    scene.vera.doc.getMap('m').set('third', 3);
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 'by Will', third: 3 });
    for (const client of [scene.vera, scene.will]) expect(client.closed()).toBeNull();
  });

  it('[P10] of one who has left: whoever has her changes brings them', async () => {
    const scene = await stage();
    buildOnMissing(scene);
    await settle();
    scene.vera.hangUp();
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 'by Will' });
    expect(scene.will.closed()).toBeNull();
  });

  it('[P10] of another tab with the same token may be written under: one tab may pass on what another made', async () => {
    const scene = await stage();
    const tab = await scene.joinSynced(SETUP, withToken('vera'));
    scene.vera.doc.transact(() => scene.vera.doc.getMap('m').set('second', 2), scene.vera.socket);
    Y.applyUpdate(tab.doc, Y.encodeStateAsUpdate(scene.vera.doc));
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 2 });
    scene.vera.doc.getMap('m').set('third', 3);
    await settle();
    expect(await scene.relayHas()).toEqual({ first: 1, second: 2, third: 3 });
    for (const client of [scene.vera, tab]) expect(client.closed()).toBeNull();
  });
});
