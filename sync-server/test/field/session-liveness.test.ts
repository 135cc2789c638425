import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../src/storage/memory/memory-store.ts';
import type { AppendReply, Store } from '../../src/storage/store.ts';
import { grantOf, hello } from '../support/relay-parts.ts';
import {
  attachF,
  attachV1,
  attachV11,
  createFieldParts,
  eventsOf,
  manualSelection,
  READER,
  streamOf,
  upTo,
} from './support/field-parts.ts';

const S = streamOf('f1', READER);

describe('sessions in the field: silence', () => {
  it('the relay’s heartbeat comes each 30 s', async () => {
    const time = createVirtualTime();
    const parts = await createFieldParts({ timers: time.timers });
    const { peer, session } = await attachF(parts);
    await time.advanceAsync(60_000);
    const beats = peer.untaken('heartbeat');
    expect(beats).toEqual([1, 2].map(() => ({ kind: 'heartbeat', session_id: session, device_id: 'f1' })));
  });

  it('[RT-39] 90 s without a word from the peer end the session, whatever the relay sends meanwhile', async () => {
    const time = createVirtualTime();
    const parts = await createFieldParts({ timers: time.timers });
    const { peer } = await attachF(parts);
    await time.advanceAsync(89_999);
    expect(peer.closed()).toBeNull();
    expect(peer.untaken('heartbeat')).toHaveLength(2);
    await time.advanceAsync(1);
    expect(await peer.next('error')).toMatchObject({ code: 'SESSION_EXPIRED', retryable: true });
    expect(peer.closed()).not.toBeNull();
    expect(parts.presence.isAttached('f1' as never)).toBe(false);
  });

  it('anything it says prolongs it; receivers are held to the same', async () => {
    const time = createVirtualTime();
    const parts = await createFieldParts({ timers: time.timers });
    const r = await attachV11(parts, manualSelection());
    for (let round = 0; round < 5; round++) {
      await time.advanceAsync(80_000);
      r.peer.say({ kind: 'heartbeat', session_id: r.session, device_id: 'r1' });
    }
    expect(r.peer.closed()).toBeNull();
    await time.advanceAsync(90_000);
    expect(r.peer.untaken('error')).toMatchObject([{ code: 'SESSION_EXPIRED' }]);
  });

  it('a peer that never says hello is ended too, and leaves nothing behind', async () => {
    const time = createVirtualTime();
    const parts = await createFieldParts({ timers: time.timers });
    const before = time.pending();
    const peer = parts.connectForwarder(grantOf('forwarder', 'f1'));
    await time.advanceAsync(90_000);
    expect(peer.closed()).not.toBeNull();
    expect(time.pending()).toBe(before);
  });

  it('a session that ends leaves no timer', async () => {
    const time = createVirtualTime();
    const parts = await createFieldParts({ timers: time.timers });
    const before = time.pending();
    const { peer } = await attachF(parts);
    const r = await attachV1(parts, []);
    expect(time.pending()).toBeGreaterThan(before);
    peer.hangUp();
    r.peer.hangUp();
    await time.advanceAsync(100); // changes that wait to be told together
    expect(time.pending()).toBe(before);
  });
});

describe('sessions in the field: takeover', () => {
  it('[RT-39] [P8] the newest session of a device wins; the older one is told, closed, and acks nothing more', async () => {
    const parts = await createFieldParts();
    const frozen = await attachF(parts);
    await frozen.push({ count: 2 });
    const fresh = await attachF(parts);
    expect(await frozen.peer.next('error')).toMatchObject({ code: 'PROTOCOL_ERROR', retryable: false });
    expect(frozen.peer.closed()?.code).toBe(4409);
    frozen.send(eventsOf('f1', { from: 3, label: 'late' }));
    expect(await fresh.push({ from: 3, count: 2 })).toMatchObject({ entries: [{ last_seq: 4 }] });
    expect(frozen.peer.untaken('forwarder_ack')).toEqual([]);
    expect(parts.registry.stream(S)).toMatchObject({ conflicts: 0, accepted: 4 });
    expect(parts.presence.commandEpoch(S, 2)).toBe(true);
    expect(await fresh.peer.next('epoch_reset_command')).toMatchObject({ new_stream_epoch: 2 });
  });

  it('[P8] a batch that waits for the disk while its session is fenced is not acked', async () => {
    const memory = createMemoryStore();
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const store: Store = {
      ...memory,
      append: async (command): Promise<AppendReply> => {
        const reply = await memory.append(command);
        await held;
        return reply;
      },
    };
    const parts = await createFieldParts({ store });
    const old = await attachF(parts);
    old.send(eventsOf('f1', { count: 2 }));
    const fresh = await attachF(parts);
    release();
    expect(await fresh.push({ count: 3 })).toMatchObject({ entries: [{ last_seq: 3 }] });
    expect(old.peer.untaken('forwarder_ack')).toEqual([]);
  });

  it('[P8] a conflict of a fenced session commands nothing: the newer one is not at fault', async () => {
    const memory = createMemoryStore();
    let release: () => void = () => {};
    let holds = false;
    const store: Store = {
      ...memory,
      append: async (command): Promise<AppendReply> => {
        const reply = await memory.append(command);
        if (holds) await new Promise<void>((resolve) => (release = resolve));
        return reply;
      },
    };
    const parts = await createFieldParts({ store });
    const old = await attachF(parts);
    await old.push({ count: 2 });
    holds = true;
    old.send(eventsOf('f1', { count: 2, label: 'other' }));
    const fresh = await attachF(parts);
    holds = false;
    release();
    await fresh.push({ from: 3 });
    expect(parts.registry.stream(S)).toMatchObject({ commandedEpoch: null, currentEpoch: 1 });
  });

  it('[RT-39] receivers take over as well, from one version or /sync to the other', async () => {
    const parts = await createFieldParts();
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const v1 = await attachV1(parts, [{ seq: 0 }]);
    await v1.peer.until(() => v1.seqs().length === 2);
    const v11 = await attachV11(parts, manualSelection(['f1', READER]));
    expect(v1.peer.closed()?.code).toBe(4409);
    await v11.peer.until(() => v11.seqs().length === 2);
    const native = parts.connect(grantOf('receiver', 'r1'));
    native.say(hello('r1'));
    await native.next('welcome');
    expect(v11.peer.closed()?.code).toBe(4409);
    await f.push({ from: 3 });
    expect([v1.seqs(), v11.seqs()]).toEqual([upTo(2), upTo(2)]);
  });
});

describe('sessions in the field: a slow or failing disk', () => {
  it('[P22] a full disk gives a retryable error and no ack; the same reads are taken later', async () => {
    const memory = createMemoryStore();
    let full = true;
    const store: Store = {
      ...memory,
      append: async (command) => (full ? { type: 'storage-full', message: 'no space' } : memory.append(command)),
    };
    const parts = await createFieldParts({ store });
    const f = await attachF(parts);
    expect(await f.push({ count: 2 })).toMatchObject({ kind: 'error', code: 'INTERNAL_ERROR', retryable: true });
    full = false;
    const again = await attachF(parts);
    expect(await again.push({ count: 2 })).toMatchObject({ entries: [{ last_seq: 2 }] });
  });

  it('[P22] a cursor that cannot be stored ends no delivery', async () => {
    const memory = createMemoryStore();
    const store: Store = {
      ...memory,
      commit: async (changes) =>
        changes.some((it) => it.type === 'raiseCursors')
          ? { type: 'storage-full', message: 'no space' }
          : memory.commit(changes),
    };
    const parts = await createFieldParts({ store });
    const f = await attachF(parts);
    await f.push({ count: 2 });
    const r = await attachV11(parts, manualSelection(['f1', READER]));
    await r.peer.until(() => r.seqs().length === 2);
    r.ack([{ seq: 2 }]);
    await f.push({ from: 3 });
    await r.peer.until(() => r.seqs().length === 3);
    expect(r.peer.closed()).toBeNull();
  });

  it('[P18] a forwarder that sends faster than the disk takes is not read from until it has caught up', async () => {
    const memory = createMemoryStore();
    const held: (() => void)[] = [];
    const store: Store = {
      ...memory,
      append: async (command) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return memory.append(command);
      },
    };
    const parts = await createFieldParts({ store });
    const f = await attachF(parts);
    let from = 1;
    for (; !f.peer.isPaused(); from += 100) f.send(eventsOf('f1', { from, count: 100, label: 'x'.repeat(900) }));
    expect(from).toBeLessThan(3000);
    while (f.peer.isPaused()) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(parts.log.head({ streamId: S, epoch: 1 })).toBeGreaterThan(0);
  });

  it('a defect is told without internals, and retryable', async () => {
    const memory = createMemoryStore();
    const store: Store = {
      ...memory,
      append: async () => {
        throw new Error('a secret of the relay');
      },
    };
    const parts = await createFieldParts({ store });
    const f = await attachF(parts);
    const error = await f.push();
    expect(error).toMatchObject({ code: 'INTERNAL_ERROR', retryable: true });
    expect(JSON.stringify(error)).not.toContain('secret');
  });
});
