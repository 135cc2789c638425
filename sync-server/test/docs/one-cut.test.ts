import { CLOSE, DOC_MESSAGE, SYNC_MESSAGE } from '@baton/schema/protocol';
import fc from 'fast-check';
import * as decoding from 'lib0/decoding';
import { describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { createDocClient, type DocClient, settle, turn } from './doc-client.ts';
import { createRooms, grantOf, SETUP } from './rooms-fixture.ts';

const operator = grantOf('operator');

interface SyncFrame {
  readonly kind: number;
  readonly update: Uint8Array;
}

const syncFrames = (client: DocClient): readonly SyncFrame[] =>
  client.frames.flatMap((frame) => {
    const decoder = decoding.createDecoder(frame);
    if (decoding.readVarUint(decoder) !== DOC_MESSAGE.sync) return [];
    const kind = decoding.readVarUint(decoder);
    return kind === SYNC_MESSAGE.step1 ? [] : [{ kind, update: decoding.readVarUint8Array(decoder) }];
  });

/** Fails when the answer does not end with one step 2, and when an update repeats what was had or leaves something out. */
const expectOneCut = (client: DocClient): void => {
  const had = new Map<number, number>();
  const frames = syncFrames(client);
  expect(frames.filter(({ kind }) => kind === SYNC_MESSAGE.step2).length).toBe(1);
  for (const { update } of frames) {
    for (const { id, length } of Y.decodeUpdate(update).structs) {
      expect(id.clock).toBe(had.get(id.client) ?? 0);
      had.set(id.client, id.clock + length);
    }
  }
};

type Step = { readonly type: 'join' | 'write' | 'relay' | 'turn' | 'leave'; readonly who: number };

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom('join', 'write', 'write', 'write', 'relay', 'turn', 'leave'),
  who: fc.nat({ max: 3 }),
});

/** Of what there is, so much takes several turns to encode. */
const MANY = 8000;

describe('the first answer and what follows it', () => {
  it.each([
    ['a turn', 0, 60],
    ['the turns that the answer takes', MANY, 8],
  ])(
    '[P10] have one cut, whoever joins, writes and leaves in whatever order within %s',
    async (_, entries, numRuns) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { docs, join, joinSynced } = await createRooms();
          const writers = await Promise.all(
            Array.from({ length: 4 }, () => joinSynced(SETUP, operator, { confirmsSaves: true })),
          );
          const held = await docs.hold(SETUP);
          await held.edit((doc) => {
            for (let n = 0; n < entries; n++) doc.getMap('m').set(`first ${n}`, n);
          });
          const readers: DocClient[] = [];
          let edits = 0;
          const run = async ({ type, who }: Step): Promise<void> => {
            if (type === 'join') readers.push(join(SETUP, grantOf('viewer'), { confirmsSaves: who % 2 === 0 }));
            if (type === 'write') writers[who]?.doc.getMap('m').set(`k${who}`, ++edits);
            if (type === 'relay') void held.edit((doc) => doc.getMap('m').set('relay', ++edits));
            if (type === 'turn') await turn();
            if (type === 'leave') readers.pop()?.hangUp();
          };
          for (const it of steps) await run(it);
          await settle();
          for (const reader of readers) {
            expectOneCut(reader);
            expect(Y.encodeStateVector(reader.doc)).toEqual(Y.encodeStateVector(held.doc));
            expect(reader.doc.getMap('m').toJSON()).toEqual(held.doc.getMap('m').toJSON());
          }
          held.release();
          await docs.close();
        }),
        { numRuns },
      );
    },
    60_000,
  );

  it('[P16] is encoded no further for who has left, and once for who asks again meanwhile', async () => {
    const { docs, join } = await createRooms();
    const held = await docs.hold(SETUP);
    await held.edit((doc) => {
      for (let n = 0; n < 5 * MANY; n++) doc.getMap('m').set(`first ${n}`, n);
    });
    const writes = vi.spyOn(Y.Item.prototype, 'write');
    const leaves = join(SETUP, grantOf('viewer'));
    await turn();
    leaves.hangUp();
    await settle();
    expect(leaves.frames.filter((frame) => frame[0] === DOC_MESSAGE.sync)).toEqual([]);
    expect(writes.mock.calls.length).toBeLessThan(5 * MANY);
    const asksTwice = join(SETUP, grantOf('viewer'));
    asksTwice.greet();
    await settle();
    expect(syncFrames(asksTwice).map(({ kind }) => kind)).toEqual([SYNC_MESSAGE.step2]);
    expect(asksTwice.doc.getMap('m').size).toBe(5 * MANY);
    writes.mockRestore();
    held.release();
  });

  it('[P11] a save is told behind the change that it is about', async () => {
    const { joinSynced } = await createRooms();
    const writer = await joinSynced(SETUP, operator);
    const reader = await joinSynced(SETUP, grantOf('viewer'), { confirmsSaves: true });
    const before = reader.frames.length;
    for (let n = 0; n < 5; n++) writer.doc.getMap('m').set('n', n);
    await settle();
    const types = reader.frames.slice(before).map((frame) => frame[0]);
    expect(types).toEqual([DOC_MESSAGE.sync, DOC_MESSAGE.saved]);
    expect(reader.doc.getMap('m').get('n')).toBe(4);
  });
});

describe('what a turn brings', () => {
  it('is written once to each socket', async () => {
    const { docs, join } = await createRooms();
    const client = createDocClient();
    const writes: number[] = [];
    const socket = { ...client.socket, sendWire: (pieces: readonly Uint8Array[]) => void writes.push(pieces.length) };
    docs.join(socket, { name: SETUP, grant: grantOf('viewer'), confirmsSaves: false, isLink: false });
    client.greet();
    const other = join(SETUP, operator);
    await settle();
    writes.splice(0);
    for (let n = 0; n < 20; n++) other.doc.getMap('m').set('n', n);
    await settle();
    expect(writes).toEqual([1]);
    client.dispose();
  });

  it('[P18] [P19] closes who does not drain, and keeps nothing from the others', async () => {
    const { docs, joinSynced } = await createRooms({ rooms: { maxBufferedBytes: 1000 } });
    const writer = await joinSynced(SETUP, operator);
    const slow = await joinSynced(SETUP, grantOf('viewer'));
    const others = await Promise.all([1, 2, 3].map(() => joinSynced(SETUP, grantOf('viewer'))));
    slow.setBuffered(100_000);
    for (let n = 0; n < 10; n++) writer.doc.getMap('m').set(`k${n}`, n);
    await settle();
    expect(slow.closed()?.code).toBe(CLOSE.tooSlow);
    for (const other of others) expect(other.doc.getMap('m').toJSON()).toEqual(writer.doc.getMap('m').toJSON());
    expect(docs.sockets()).toBe(4);
  });
});
