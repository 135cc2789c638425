import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { Store } from '../../src/storage/store.ts';
import {
  attachForwarder,
  attachReceiver,
  batch,
  createParts,
  EVENT,
  grantOf,
  hello,
  stream,
} from '../support/relay-parts.ts';

const DAY = 25 * 3_600_000;

/** Tokens with an id: the admin's own has none. */
const tokenOf = (nodeId: string) => ({ ...grantOf('forwarder', nodeId), tokenId: `token-of-${nodeId}` as never });

const bytesOf = (count: number): number => batch('e1', 1, count).length;

describe('bytes of a day, on /sync', () => {
  it('[P2] [P18] a push beyond them is refused to be sent again, the session and its reading go on, and a day later it is taken', async () => {
    const time = createVirtualTime();
    const limits = { eventBytesADay: bytesOf(10) };
    const parts = await createParts({ timers: time.timers, limits });
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    expect(await gate.push('mat', 1, 1, 10)).toMatchObject({ outcome: 'accepted', head: 10 });
    const refused = await gate.push('mat', 1, 11, 1);
    expect(refused).toMatchObject({
      outcome: 'refused',
      error: { code: 'DAILY_LIMIT_REACHED', retryable: true, details: { of: 'event', limit: limits.eventBytesADay } },
    });
    expect(gate.peer.closed()).toBeNull();
    expect(parts.log.head({ streamId: stream('gate.mat'), epoch: 1 })).toBe(10);
    // who reads is not bound by what others sent
    const tent = await attachReceiver(parts, 'tent');
    tent.say({ type: 'select', selection: { mode: 'manual', streams: [stream('gate.mat')] } });
    await tent.until(() => tent.reads.length === 10);

    time.advance(DAY);
    const back = await attachForwarder(parts, 'gate', ['mat']);
    expect(await back.push('mat', 1, 11, 1)).toMatchObject({ outcome: 'accepted', head: 11 });
  });

  it('[P22] reads that a full disk refused are not counted: they come again', async () => {
    const store = createMemoryStore();
    let isFull = true;
    const append: Store['append'] = async (command) =>
      isFull ? { type: 'storage-full', message: 'full' } : store.append(command);
    const parts = await createParts({ store: { ...store, append }, limits: { eventBytesADay: bytesOf(10) } });
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    for (let attempt = 0; attempt < 3; attempt++)
      expect(await gate.push('mat', 1, 1, 10)).toMatchObject({ error: { code: 'STORAGE_FULL' } });
    expect(parts.quotas.diskBytes(EVENT)).toBe(0);
    isFull = false;
    expect(await gate.push('mat', 1, 1, 10)).toMatchObject({ outcome: 'accepted' });
  });

  it('one token that has used up its own leaves the others theirs', async () => {
    const time = createVirtualTime();
    const parts = await createParts({ timers: time.timers, limits: { tokenBytesADay: 1 } });
    const push = async (nodeId: string, firstSeq: number) => {
      const peer = parts.connect(tokenOf(nodeId));
      peer.say(hello(nodeId, ['mat']));
      await peer.next('welcome');
      const frame = { streamId: stream(`${nodeId}.mat`), epoch: 1, firstSeq, pushId: 1 };
      peer.push({ ...frame, batch: batch('x', firstSeq, 1) });
      return (await peer.next('pushed')).entries[0];
    };
    expect(await push('one', 1)).toMatchObject({ outcome: 'accepted' });
    expect(await push('one', 2)).toMatchObject({ error: { code: 'DAILY_LIMIT_REACHED', details: { of: 'token' } } });
    expect(await push('two', 1)).toMatchObject({ outcome: 'accepted' });
  });
});

describe('bytes of an event on the disk', () => {
  it('[P2] [P22] reads wait beyond them and are taken once there is room; edits may take an eighth more', async () => {
    const time = createVirtualTime();
    const limit = bytesOf(10);
    const parts = await createParts({ timers: time.timers, limits: { eventDiskBytes: limit } });
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    expect(await gate.push('mat', 1, 1, 10)).toMatchObject({ outcome: 'accepted', head: 10 });
    const refused = await gate.push('mat', 1, 11, 1);
    expect(refused).toMatchObject({
      outcome: 'refused',
      error: { code: 'LIMIT_REACHED', retryable: true, details: { of: 'event', what: 'bytes', limit, held: limit } },
    });
    expect(gate.peer.closed()).toBeNull();
    const edit = (bytes: number) => parts.quotas.takeBytes(grantOf('operator', null), EVENT, bytes, 'edits');
    expect(edit(Math.ceil(limit / 8))).toBeNull();
    expect(edit(1)).toMatchObject({ code: 'LIMIT_REACHED' });
    // the store knows that nothing came of those edits, and that the epoch was archived
    const hash = (await parts.store.seal(stream('gate.mat'), 1, 10))?.hash ?? '';
    await parts.store.commit([{ type: 'archiveEpoch', streamId: stream('gate.mat'), epoch: 1, hash }]);
    await time.advanceAsync(5000);
    expect(parts.quotas.diskBytes(EVENT)).toBe(0);
    expect(await gate.push('mat', 2, 1, 1)).toMatchObject({ outcome: 'accepted', head: 1 });
  });
});

describe('bytes of a day, over a restart', () => {
  it('[P22] are kept some seconds later, or when the relay ends; a full disk only puts that off', async () => {
    const time = createVirtualTime();
    const store = createMemoryStore();
    let isFull = false;
    const commit: Store['commit'] = async (changes) =>
      isFull ? { type: 'storage-full', message: 'full' } : store.commit(changes);
    const limits = { eventBytesADay: bytesOf(10) };
    const start = () => createParts({ timers: time.timers, clock: time.clock, store: { ...store, commit }, limits });
    const kept = async (): Promise<number> => (await store.load()).dayUses.length;
    const parts = await start();
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    await gate.push('mat', 1, 1, 5);
    expect(await kept()).toBe(0);
    isFull = true;
    await time.advanceAsync(5000);
    expect(await kept()).toBe(0);
    isFull = false;
    await time.advanceAsync(5000);
    expect(await kept()).toBe(1);
    await gate.push('mat', 1, 6, 5);
    await parts.quotas.stop();
    gate.peer.hangUp();

    const again = await attachForwarder(await start(), 'gate', ['mat']);
    expect(await again.push('mat', 1, 11, 1)).toMatchObject({ error: { code: 'DAILY_LIMIT_REACHED' } });
    time.advance(DAY);
    const later = await attachForwarder(await start(), 'gate', ['mat']);
    expect(await later.push('mat', 1, 11, 1)).toMatchObject({ outcome: 'accepted', head: 11 });
  });
});

describe('streams', () => {
  it('a forwarder whose reader would be one too many comes back later; one whose readers are known goes on', async () => {
    const parts = await createParts({ limits: { eventStreams: 2 } });
    const known = await attachForwarder(parts, 'gate', ['mat', 'far']);
    const late = parts.connect(grantOf('forwarder', 'late'));
    late.say(hello('late', ['mat']));
    expect((await late.next('error')).error).toMatchObject({
      code: 'LIMIT_REACHED',
      retryable: true,
      details: { of: 'event', what: 'streams', limit: 2 },
    });
    expect(late.closed()?.code).toBe(1013);
    expect(await known.push('mat', 1, 1, 3)).toMatchObject({ outcome: 'accepted' });
    known.peer.hangUp();
    const again = await attachForwarder(parts, 'gate', ['mat', 'far']);
    expect(await again.push('mat', 1, 4, 1)).toMatchObject({ outcome: 'accepted', head: 4 });
  });

  it('[P19] one forwarder cannot use up an event’s streams, hello by hello', async () => {
    const parts = await createParts({ limits: { nodeStreams: 3 } });
    for (const readers of [['a', 'b'], ['c']]) (await attachForwarder(parts, 'gate', readers)).peer.hangUp();
    const peer = parts.connect(grantOf('forwarder', 'gate'));
    peer.say(hello('gate', ['d']));
    expect((await peer.next('error')).error).toMatchObject({ code: 'LIMIT_REACHED', details: { of: 'node' } });
    expect(parts.registry.streams(tokenOf('gate').eventId as never)).toHaveLength(3);
    expect(await (await attachForwarder(parts, 'other', ['a'])).push('a', 1, 1, 1)).toMatchObject({
      outcome: 'accepted',
    });
  });
});
