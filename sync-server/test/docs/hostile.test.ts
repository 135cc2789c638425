import { CLOSE, MAX_DOC_FRAME_BYTES } from '@baton/schema/protocol';
import fc from 'fast-check';
import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { createDocClient, type DocClient, settle, syncFrame } from './doc-client.ts';
import { createHeldStore, createRooms, grantOf, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');

const updateOf = (change: (doc: Y.Doc) => void): Uint8Array => {
  const doc = new Y.Doc();
  change(doc);
  return Y.encodeStateAsUpdate(doc);
};

const honest = updateOf((doc) => {
  for (let n = 0; n < 5; n++) doc.getMap('m').set(`k${n}`, { nested: [n, 'text', null] });
});

/** Structs of many clients that each begin past what anybody has. */
const gapUpdate = (clients: number): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, clients);
  for (let client = 1; client <= clients; client++) {
    encoding.writeVarUint(encoder, 1);
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, 1000);
    encoding.writeUint8(encoder, 0);
    encoding.writeVarUint(encoder, 1);
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
};

/** Seven bytes that declare thirty million structs. */
const declaredStructs = (): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, 30_000_000);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
};

const nestedArrays = (depth: number): Uint8Array => {
  const encoder = encoding.createEncoder();
  for (const number of [1, 1, 1, 0]) encoding.writeVarUint(encoder, number);
  encoding.writeUint8(encoder, 8);
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarString(encoder, 'm');
  encoding.writeVarUint(encoder, 1);
  for (let at = 0; at < depth; at++) {
    encoding.writeUint8(encoder, 117);
    encoding.writeVarUint(encoder, 1);
  }
  encoding.writeUint8(encoder, 126);
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
};

const awarenessFrame = (...states: readonly (readonly [number, number, string])[]): Uint8Array => {
  const inner = encoding.createEncoder();
  encoding.writeVarUint(inner, states.length);
  for (const [client, clock, state] of states) {
    encoding.writeVarUint(inner, client);
    encoding.writeVarUint(inner, clock);
    encoding.writeVarString(inner, state);
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(inner));
  return encoding.toUint8Array(encoder);
};

const stage = async () => {
  const held = createHeldStore();
  const rooms = await createRooms({ store: held.store });
  const innocent = await rooms.joinSynced(SETUP, operator);
  innocent.doc.getMap('m').set('mine', 1);
  await settle();
  const attacker = await rooms.joinSynced(SETUP, operator);
  return { ...rooms, disk: held.inner, innocent, attacker };
};

/** The document on disk, rebuilt; and that it is what the relay has in memory. */
const onDisk = async ({ disk, docs }: Awaited<ReturnType<typeof stage>>): Promise<unknown> => {
  const doc = new Y.Doc();
  for (const update of await disk.loadDoc(SETUP)) Y.applyUpdate(doc, update);
  const held = await docs.hold(SETUP);
  expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVector(held.doc));
  held.release();
  return doc.getMap('m').toJSON();
};

describe('bad frames', () => {
  it.each([
    ['a text frame', 'hello'],
    ['an empty frame', new Uint8Array()],
    ['a sync message without a kind', Uint8Array.of(0)],
    ['a length beyond the end', Uint8Array.of(0, 2, 200, 1, 1)],
    ['a number without an end', Uint8Array.of(0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)],
    ['an empty update', syncFrame(2, new Uint8Array())],
    ['an update that is no update', syncFrame(2, Uint8Array.of(9, 9, 9, 9))],
    ['a truncated update', syncFrame(2, honest.subarray(0, honest.length - 3))],
    ['30 million declared structs', syncFrame(2, declaredStructs())],
    ['arrays nested 6000 deep', syncFrame(2, nestedArrays(6000))],
    ['structs of 1000 clients past a gap', syncFrame(2, gapUpdate(1000))],
    ['a bad state vector', syncFrame(0, Uint8Array.of(200, 1, 1))],
    ['an awareness frame that ends early', Uint8Array.of(1, 3, 5, 1, 1)],
    ['an awareness state that is no JSON', awarenessFrame([1, 1, '{'])],
    ['an awareness state of 5 KB', awarenessFrame([1, 1, JSON.stringify('x'.repeat(5000))])],
    ['100,000 declared awareness states', Uint8Array.of(1, 3, 160, 141, 6)],
  ])('[P16] %s ends its connection (4400), and touches neither document nor others', async (_, frame) => {
    const scene = await stage();
    const before = await onDisk(scene);
    scene.attacker.say(frame);
    await settle();
    expect(scene.attacker.closed()?.code).toBe(CLOSE.badFrame);
    expect(scene.innocent.closed()).toBeNull();
    expect(await onDisk(scene)).toEqual(before);
    expect(scene.refusals).toContain('PROTOCOL_ERROR');
    scene.innocent.doc.getMap('m').set('after', 1);
    await settle();
    expect(await onDisk(scene)).toEqual({ mine: 1, after: 1 });
  });

  it('a frame over the limit ends its connection (4413)', async () => {
    const scene = await stage();
    scene.attacker.say(syncFrame(2, new Uint8Array(MAX_DOC_FRAME_BYTES)));
    await settle();
    expect(scene.attacker.closed()?.code).toBe(CLOSE.tooLarge);
    expect(scene.innocent.closed()).toBeNull();
  });

  it.each([
    ['a message', Uint8Array.of(99, 1, 2, 3)],
    ['a sync message', syncFrame(7, Uint8Array.of(0))],
    ['a field behind a message', Uint8Array.of(0, 2, 2, 0, 0, 9)],
  ])('[P26] %s of a later version is ignored, and its sender goes on', async (_, frame) => {
    const scene = await stage();
    const before = await onDisk(scene);
    scene.attacker.say(frame);
    await settle();
    expect(scene.attacker.closed()).toBeNull();
    expect(await onDisk(scene)).toEqual(before);
    scene.attacker.doc.getMap('m').set('after', 1);
    await settle();
    expect(await onDisk(scene)).toEqual({ mine: 1, after: 1 });
  });

  it('changes whose predecessors are missing are asked for once, and kept by nobody', async () => {
    const scene = await stage();
    const before = await onDisk(scene);
    for (let n = 0; n < 100; n++) scene.attacker.say(syncFrame(2, gapUpdate(1)));
    await settle();
    const asked = scene.attacker.frames.filter(([type, kind]) => type === 0 && kind === 0);
    // once as it came, and then after each answer
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(scene.attacker.closed()).toBeNull();
    expect(await onDisk(scene)).toEqual(before);
  });

  it('[P18] who keeps sending such is sent away, to come back and sync', async () => {
    const scene = await stage();
    for (let n = 0; n < 100; n++) {
      scene.attacker.say(syncFrame(2, gapUpdate(1)));
      await settle();
    }
    expect(scene.attacker.closed()?.code).toBe(CLOSE.tryLater);
    expect(scene.innocent.closed()).toBeNull();
  });

  it('[P10] an update whose predecessor was lost on the way is whole in the end', async () => {
    const scene = await stage();
    const { doc, socket } = scene.attacker;
    const lost = updateOf((other) => other.getMap('m').set('a', 1));
    Y.applyUpdate(doc, lost, socket);
    doc.getMap('m').set('a', 2);
    await settle();
    expect(scene.attacker.closed()).toBeNull();
    expect(await onDisk(scene)).toEqual({ mine: 1, a: 2 });
    expect(scene.innocent.doc.getMap('m').toJSON()).toEqual({ mine: 1, a: 2 });
  });

  it('[P16] no truncation and no flipped bit of an update parts memory from disk, or the innocent from both', async () => {
    const scene = await stage();
    const mutants = [
      ...Array.from({ length: honest.length }, (_, length) => honest.subarray(0, length)),
      ...Array.from({ length: honest.length * 2 }, (_, at) => {
        const flipped = honest.slice();
        const index = Math.floor(at / 2);
        flipped[index] = (flipped[index] ?? 0) ^ (at % 2 === 0 ? 1 : 64);
        return flipped;
      }),
    ];
    for (const mutant of mutants) {
      const attacker = createDocClient();
      scene.join(SETUP, operator, { client: attacker });
      attacker.say(syncFrame(2, mutant));
      await settle();
      attacker.hangUp();
      expect(scene.innocent.closed()).toBeNull();
    }
    const stored = await onDisk(scene);
    expect(scene.innocent.doc.getMap('m').toJSON()).toEqual(stored);
    expect(stored).toMatchObject({ mine: 1 });
    expect(scene.failures).toEqual([]);
  }, 180_000);

  it('[P16] no bytes at all harm anybody else', async () => {
    const scene = await stage();
    const play = async (frame: Uint8Array): Promise<void> => {
      const attacker: DocClient = createDocClient();
      scene.join(SETUP, operator, { client: attacker });
      attacker.say(frame);
      await settle();
      attacker.hangUp();
      expect(scene.innocent.closed()).toBeNull();
    };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.tuple(fc.constantFrom(0, 1, 2), fc.uint8Array({ maxLength: 200 })).map(([k, b]) => syncFrame(k, b)),
        ),
        play,
      ),
      { numRuns: 150 },
    );
    expect(scene.failures).toEqual([]);
  }, 180_000);
});

describe('slow peers', () => {
  it('[P18] who does not drain is closed (4508) and may come back; others go on', async () => {
    const { joinSynced } = await createRooms({ rooms: { maxBufferedBytes: 1000 } });
    const writer = await joinSynced(SETUP, operator);
    const slow = await joinSynced(SETUP, operator);
    slow.setBuffered(100_000);
    writer.doc.getMap('m').set('k', 1);
    await settle();
    expect(slow.closed()?.code).toBe(CLOSE.tooSlow);
    expect(CLOSE.tooSlow).toBeGreaterThanOrEqual(4500);
    expect(writer.closed()).toBeNull();
    const back = await joinSynced(SETUP, operator, { client: createDocClient(slow.doc) });
    expect(back.doc.getMap('m').get('k')).toBe(1);
  });

  it('does not punish who is still taking the document it asked for', async () => {
    const { joinSynced } = await createRooms({ rooms: { maxBufferedBytes: 1000 } });
    const writer = await joinSynced(SETUP, operator);
    writer.doc.getMap('m').set('big', 'x'.repeat(50_000));
    await settle();
    const joining = await joinSynced(SETUP, operator);
    joining.setBuffered(50_500);
    writer.doc.getMap('m').set('k', 1);
    await settle();
    expect(joining.closed()).toBeNull();
    expect(joining.doc.getMap('m').get('k')).toBe(1);
  });
});
