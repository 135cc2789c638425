import { silentLog } from '@baton/schema/ports';
import { createVirtualTime } from '@baton/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocClient, type DocClientDeps, type DocClientOptions } from '../../src/doc/doc-client.ts';
import type { CopyEvents, KeepCopy } from '../../src/doc/local-copy.ts';
import { createFakeRoom } from './fake-web-socket.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A copy that does what the test says: the real ones need a browser, and are tried there. */
const createScriptedCopy = () => {
  const said: string[] = [];
  let events: CopyEvents | null = null;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const keepCopy: KeepCopy = (_name, given) => {
    events = given;
    return {
      opened,
      state: () => ({ type: 'kept', edits: 0, damaged: 0 }),
      keepEdit: () => void said.push('edit'),
      keepState: () => void said.push('state'),
      settle: (edits) => void said.push(`settle ${edits}`),
      close: () => {},
    };
  };
  return {
    keepCopy,
    said,
    open: () => open(),
    events: () => {
      if (events === null) throw new Error('nobody has opened the copy');
      return events;
    },
  };
};

const stage = (options: Partial<DocClientOptions> = {}, onWake?: DocClientDeps['onWake']) => {
  const room = createFakeRoom();
  const time = createVirtualTime();
  const client = createDocClient(
    {
      timers: time.timers,
      random: { next: () => 0.5 },
      log: silentLog,
      WebSocket: room.WebSocket,
      ...(onWake === undefined ? {} : { onWake }),
    },
    { relay: 'http://relay:8787/base/', token: 'secret', name: 'events/e1/setup', ...options },
  );
  closing.push(client.close);
  const races = (doc: Y.Doc) => doc.getMap('races');
  return { room, time, client, races };
};

describe('a followed document', () => {
  it('[P14] carries its token beside the URL, never in it', () => {
    const { room } = stage();
    expect(room.latest().url).toBe('ws://relay:8787/base/docs/events/e1/setup');
    expect(room.latest().protocols).toEqual(['baton.v1', 'bearer.secret']);
  });

  it('merges what the relay has, and says when it did', () => {
    const { room, client, races } = stage();
    races(room.doc).set('r1', '10 km');
    expect([client.link().type, client.isLoaded()]).toEqual(['connecting', false]);
    room.latest().open();
    expect([client.link().type, client.isLoaded()]).toEqual(['synced', true]);
    expect(races(client.doc).get('r1')).toBe('10 km');
  });

  it.each([
    ['a message', Uint8Array.of(99, 1, 2, 3)],
    ['a sync message', Uint8Array.of(0, 9, 1, 0)],
    ['an auth message', Uint8Array.of(2, 9, 1, 65)],
  ])('[P26] passes %s of a later relay over', (_, frame) => {
    const { room, client, races } = stage();
    room.latest().open();
    room.latest().say(frame);
    races(client.doc).set('r1', '10 km');
    room.latest().tellSaved(2);
    expect(client.link().type).toBe('synced');
    expect(races(room.doc).get('r1')).toBe('10 km');
  });

  it('[P11] says synced only once the relay has the edit on disk', () => {
    const { room, client, races } = stage();
    room.latest().open();
    room.latest().tellSaved(1);
    races(client.doc).set('r1', '10 km');
    expect(client.link()).toMatchObject({ type: 'syncing', unsaved: true });
    expect(races(room.doc).get('r1')).toBe('10 km');
    room.latest().tellSaved(2);
    expect(client.link()).toMatchObject({ type: 'synced', unsaved: false });
  });

  it('[P12] keeps edits made while offline and delivers them', () => {
    const { room, client, races, time } = stage();
    room.latest().open();
    room.latest().close(1006);
    races(client.doc).set('r1', '10 km');
    expect(client.link()).toMatchObject({ type: 'offline', unsaved: true });
    time.advance(1000);
    room.latest().open();
    expect(races(room.doc).get('r1')).toBe('10 km');
    expect(client.link()).toMatchObject({ type: 'syncing', unsaved: true });
    room.latest().tellSaved(1);
    expect(client.link()).toMatchObject({ type: 'synced', unsaved: false });
  });

  it('[P20] comes back with full jitter, doubling up to the cap, and from the beginning once synced', () => {
    const { room, time } = stage();
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      room.latest().close(1006);
      const wait = time.untilNext() ?? -1;
      waits.push(wait);
      const before = room.sockets.length;
      time.advance(wait - 1);
      expect(room.sockets.length).toBe(before);
      time.advance(1);
      expect(room.sockets.length).toBe(before + 1);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    room.latest().open();
    room.latest().close(1001);
    expect(time.untilNext()).toBe(500);
  });

  it('[P20] comes back soon when the network does, or somebody looks', () => {
    let wake = (): void => {};
    const { room, time } = stage({}, (listener) => {
      wake = listener;
      return () => {};
    });
    for (let failure = 0; failure < 8; failure++) {
      room.latest().close(1006);
      if (failure < 7) time.advance(time.untilNext() ?? 0);
    }
    expect(time.untilNext()).toBe(15_000);
    wake();
    time.advance(500);
    expect(room.sockets).toHaveLength(9);
  });

  it('[P10] passes on an edit of another tab that waits for its predecessors here', async () => {
    const writer = new Y.Doc();
    const updates: Uint8Array[] = [];
    writer.on('update', (update: Uint8Array) => updates.push(update));
    writer.getMap('races').set('r1', 'first');
    writer.getMap('races').set('r1', 'second');
    const copy = createScriptedCopy();
    const { room, client, races } = stage({ keepCopy: copy.keepCopy });
    expect(room.sockets).toHaveLength(0);
    copy.open();
    await Promise.resolve();
    room.latest().open();
    const [first, second] = updates;
    if (first === undefined || second === undefined) throw new Error('expected two updates');
    copy.events().onEdits([second]);
    expect(races(client.doc).has('r1')).toBe(false);
    Y.applyUpdate(room.doc, first);
    expect(races(room.doc).get('r1')).toBe('second');
    expect(client.link()).toMatchObject({ type: 'syncing', unsaved: true });
    room.latest().tellSaved(2);
    expect(copy.said).toContain('settle 1');
  });

  it('[P12] hands its own edits to the outbox, the relay’s to the cache, and lets an edit go once the relay has it', async () => {
    const copy = createScriptedCopy();
    const { room, client, races } = stage({ keepCopy: copy.keepCopy });
    races(client.doc).set('r1', 'before');
    copy.open();
    await Promise.resolve();
    races(room.doc).set('r2', 'there');
    room.latest().open();
    races(client.doc).set('r3', 'after');
    expect(copy.said).toEqual(['edit', 'state', 'edit']);
    room.latest().tellSaved(1);
    room.latest().tellSaved(2);
    expect(copy.said.slice(3)).toEqual(['settle 1', 'settle 2']);
  });

  it('stops at a permanent refusal until somebody tries again', () => {
    const { room, client, time } = stage();
    room.latest().close(4403, 'not allowed');
    expect(client.link()).toMatchObject({ type: 'refused', reason: 'not allowed' });
    time.advance(120_000);
    expect(room.sockets).toHaveLength(1);
    client.connect();
    room.latest().open();
    expect(client.link().type).toBe('synced');
    client.connect();
    expect([client.link().type, room.sockets.length]).toEqual(['synced', 2]);
  });

  it('follows into a document that is kept elsewhere, and leaves it whole', () => {
    const doc = new Y.Doc();
    doc.getMap('races').set('r1', 'from before');
    const first = stage({ doc });
    first.room.latest().open();
    expect(first.races(first.room.doc).get('r1')).toBe('from before');
    first.client.close();
    doc.getMap('races').set('r2', 'between');
    const second = stage({ doc });
    second.races(second.room.doc).set('r3', 'from there');
    second.room.latest().open();
    expect([doc.isDestroyed, doc.getMap('races').toJSON()]).toEqual([
      false,
      { r1: 'from before', r2: 'between', r3: 'from there' },
    ]);
    expect(second.races(second.room.doc).get('r2')).toBe('between');
  });

  it('tells of changes until it is closed', () => {
    const { room, client, time } = stage();
    let told = 0;
    client.onChange(() => told++);
    room.latest().open();
    expect(told).toBeGreaterThan(0);
    client.close();
    const before = told;
    room.latest().close(1006);
    time.advance(60_000);
    expect(told).toBe(before);
    expect(room.sockets).toHaveLength(1);
  });
});
