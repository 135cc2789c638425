import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import { describe, expect, it } from 'vitest';
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import {
  AWARENESS_LIMITS,
  type AwarenessEntry,
  createAwarenessTable,
  decodeAwareness,
  encodeAwareness,
  stampEntry,
} from '../../src/docs/awareness.ts';
import { KEEP_ALIVE } from '../../src/docs/frames.ts';
import { type DocClient, settle } from './doc-client.ts';
import { createRooms, grantOf, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');

const entry = (clientId: number, clock: number, state: string = '{}'): AwarenessEntry => ({ clientId, clock, state });

/** The others' own fields; `user` beside them is the relay's. */
const seenBy = (client: DocClient): readonly unknown[] =>
  [...client.awareness.getStates()].flatMap(([id, { user: _, ...state }]) =>
    id === client.doc.clientID ? [] : [state],
  );

const usersSeenBy = (client: DocClient): readonly unknown[] =>
  [...client.awareness.getStates()].flatMap(([id, state]) => (id === client.doc.clientID ? [] : [state['user']]));

describe('awareness among the peers of a document', () => {
  it('tells editors of each other, also who comes later, and of who goes', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    a.awareness.setLocalState({ name: 'Ada' });
    a.tellAwareness();
    const b = await joinSynced(SETUP, operator);
    b.awareness.setLocalState({ name: 'Bo' });
    b.tellAwareness();
    await settle();
    expect(seenBy(a)).toEqual([{ name: 'Bo' }]);
    expect(seenBy(b)).toEqual([{ name: 'Ada' }]);
    a.hangUp();
    await settle();
    expect(seenBy(b)).toEqual([]);
  });

  it('[P14] is for editors: who may only read neither hears nor is heard', async () => {
    const { joinSynced } = await createRooms();
    const editor = await joinSynced(SETUP, operator);
    const reader = await joinSynced(SETUP, grantOf('viewer'));
    editor.awareness.setLocalState({ name: 'Ada' });
    editor.tellAwareness();
    reader.awareness.setLocalState({ name: 'Vic' });
    reader.tellAwareness();
    reader.say(Uint8Array.of(3));
    await settle();
    expect(seenBy(reader)).toEqual([]);
    expect(seenBy(editor)).toEqual([]);
    expect(reader.closed()).toBeNull();
  });

  it('answers who asks', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    a.awareness.setLocalState({ name: 'Ada' });
    a.tellAwareness();
    const b = await joinSynced(SETUP, operator);
    const before = b.frames.length;
    b.say(Uint8Array.of(3));
    await settle();
    expect(b.frames.length).toBe(before + 1);
  });

  it('[P15] lets nobody speak for somebody else', async () => {
    const { joinSynced } = await createRooms();
    const victim = await joinSynced(SETUP, operator);
    victim.awareness.setLocalState({ name: 'Ada' });
    victim.tellAwareness();
    const watcher = await joinSynced(SETUP, operator);
    const liar = await joinSynced(SETUP, operator);
    await settle();
    const { clientID } = victim.doc;
    liar.awareness.states.set(clientID, { name: 'not Ada' });
    liar.awareness.meta.set(clientID, { clock: 1_000_000_000, lastUpdated: 0 });
    liar.tellAwareness([clientID]);
    await settle();
    expect(seenBy(watcher)).toEqual([{ name: 'Ada' }]);
    victim.awareness.setLocalState({ name: 'Ada, still' });
    victim.tellAwareness();
    await settle();
    expect(seenBy(watcher)).toEqual([{ name: 'Ada, still' }]);
  });

  it('is not fooled by an echo of somebody who has gone', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    const b = await joinSynced(SETUP, operator);
    a.awareness.setLocalState({ name: 'Ada' });
    a.tellAwareness();
    await settle();
    const { clientID } = a.doc;
    const ghost = { ...b.awareness.states.get(clientID) };
    a.hangUp();
    await settle();
    b.awareness.states.set(clientID, ghost);
    b.tellAwareness([clientID]);
    const c = await joinSynced(SETUP, operator);
    expect(seenBy(c)).toEqual([]);
  });
});

describe('who somebody is to the others', () => {
  it.each([
    [
      'an operator with a label',
      grantOf('operator', null, { label: 'Ada (tent)' }),
      { name: 'Ada (tent)', role: 'operator' },
    ],
    ['an operator without', operator, { name: 'operator', role: 'operator' }],
    ['the admin', grantOf('admin'), { name: 'admin', role: 'admin' }],
  ])('[P15] is what the token says of %s, whatever is claimed', async (_, grant, user) => {
    const { joinSynced } = await createRooms();
    const watcher = await joinSynced(SETUP, operator);
    const liar = await joinSynced(SETUP, grant);
    liar.awareness.setLocalState({ user: { name: 'Somebody else', role: 'admin', more: 1 }, editing: 'races/r1' });
    liar.tellAwareness();
    await settle();
    expect(usersSeenBy(watcher)).toEqual([user]);
    expect(seenBy(watcher)).toEqual([{ editing: 'races/r1' }]);
    const late = await joinSynced(SETUP, operator);
    expect(usersSeenBy(late)).toEqual([user]);
  });

  it('[P14] a receiver that may write its own document sees no people there, nor do they see it', async () => {
    const { joinSynced } = await createRooms();
    const name = 'events/spring-run/receivers/tent';
    const editor = await joinSynced(name, operator);
    const receiver = await joinSynced(name, grantOf('receiver', 'tent'));
    editor.awareness.setLocalState({ editing: 'selection' });
    editor.tellAwareness();
    receiver.awareness.setLocalState({ editing: 'selection' });
    receiver.tellAwareness();
    receiver.say(Uint8Array.of(3));
    await settle();
    expect(seenBy(receiver)).toEqual([]);
    expect(seenBy(editor)).toEqual([]);
  });

  it('[P15] cannot be forged in any state that is JSON', () => {
    const user = { name: 'Ada', role: 'operator' } as const;
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.constant('{"user":{"name":"x"},"user":1,"__proto__":{"user":2}}')),
        (state) => {
          const stamped: unknown = JSON.parse(stampEntry(entry(1, 1, state), user).state);
          if (state === 'null') expect(stamped).toBeNull();
          else expect(stamped).toMatchObject({ user });
          expect(Object.keys(Object(stamped))).not.toContain('__proto__');
        },
      ),
    );
  });

  it('is told once a turn, however often it changed', async () => {
    const { joinSynced } = await createRooms();
    const a = await joinSynced(SETUP, operator);
    const b = await joinSynced(SETUP, operator);
    const watcher = await joinSynced(SETUP, operator);
    await settle();
    const before = watcher.frames.length;
    for (let n = 0; n < 50; n++) {
      for (const client of [a, b]) {
        client.awareness.setLocalState({ cursor: n });
        client.tellAwareness();
      }
    }
    await settle();
    expect(watcher.frames.length).toBe(before + 1);
    expect(seenBy(watcher)).toEqual([{ cursor: 49 }, { cursor: 49 }]);
  });
});

describe('keep-alive', () => {
  it('sends every connection a frame at least each 20 s, busy or not', async () => {
    const { joinSynced, time } = await createRooms({ rooms: { keepAliveMs: 20_000 } });
    const silent = await joinSynced(SETUP, grantOf('viewer'));
    const busy = await joinSynced(SETUP, operator);
    for (let window = 0; window < 6; window++) {
      const before = [silent.frames.length, busy.frames.length] as const;
      // a change of its own sends the writer nothing
      busy.doc.getMap('m').set('n', window);
      await settle();
      await time.advanceAsync(20_000);
      expect(silent.frames.length).toBeGreaterThan(before[0]);
      expect(busy.frames.length).toBeGreaterThan(before[1]);
    }
  });

  it('does not send more than there is need for', async () => {
    const { joinSynced, time } = await createRooms({ rooms: { keepAliveMs: 20_000 } });
    const silent = await joinSynced(SETUP, grantOf('viewer'));
    const before = silent.frames.length;
    await time.advanceAsync(10 * 60_000);
    expect(silent.frames.length - before).toBeLessThanOrEqual(41);
  });

  it('means nothing to a stock client', () => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState(null);
    const changes: unknown[] = [];
    awareness.on('update', (change: unknown) => changes.push(change));
    const decoder = decoding.createDecoder(KEEP_ALIVE);
    expect(decoding.readVarUint(decoder)).toBe(1);
    applyAwarenessUpdate(awareness, decoding.readVarUint8Array(decoder), 'test');
    expect(changes).toEqual([]);
    expect(awareness.getStates().size).toBe(0);
    awareness.destroy();
  });
});

describe('createAwarenessTable', () => {
  it('takes newer states of the same speaker only', () => {
    const table = createAwarenessTable<string>();
    expect(table.take('a', [entry(1, 5)])).toEqual([entry(1, 5)]);
    expect(table.take('a', [entry(1, 5), entry(1, 4)])).toEqual([]);
    expect(table.take('a', [entry(1, 5, 'null')])).toEqual([entry(1, 5, 'null')]);
    expect(table.present()).toEqual([]);
    expect(table.take('a', [entry(1, 6)])).toEqual([entry(1, 6)]);
  });

  it('bounds what one speaker and all together may be', () => {
    const table = createAwarenessTable<string>({ ...AWARENESS_LIMITS, idsPerPeer: 2, ids: 3 });
    expect(table.take('a', [entry(1, 1), entry(2, 1), entry(3, 1)]).length).toBe(2);
    expect(table.take('b', [entry(4, 1), entry(5, 1)]).length).toBe(1);
    table.leave('a');
    expect(table.take('b', [entry(5, 1)]).length).toBe(1);
    expect(table.present().length).toBe(2);
  });

  it('reads what it writes', () => {
    const anyEntry = fc.record({
      clientId: fc.nat(),
      clock: fc.nat(),
      state: fc.json({ maxDepth: 2 }).filter((text) => text.length <= AWARENESS_LIMITS.stateChars),
    });
    fc.assert(
      fc.property(fc.array(anyEntry, { maxLength: 20 }), (entries) => {
        expect(decodeAwareness(encodeAwareness(entries))).toEqual({ ok: true, value: entries });
      }),
    );
  });

  it('refuses or reads, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => typeof decodeAwareness(bytes).ok === 'boolean'),
    );
  });
});
