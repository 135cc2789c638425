import { encodePush } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import { attachForwarder, batch, createParts, EVENT, grantOf, hello, stream } from '../support/relay-parts.ts';

describe('a forwarder on /sync', () => {
  it('is welcomed with its streams, their epochs and heads', async () => {
    const parts = await createParts();
    const { welcome, push } = await attachForwarder(parts, 'f1', ['finish', 'mat 2']);
    expect(welcome).toMatchObject({ protocol: 1, state: 'online', readOnly: false });
    expect(welcome.streams.map((it) => [it.streamId, it.epoch, it.head])).toEqual([
      ['f1.finish', 1, 0],
      ['f1.mat~2', 1, 0],
    ]);
    await push('finish', 1, 1, 5);
    const again = await attachForwarder(parts, 'f1', ['finish']);
    expect(again.welcome.heads).toEqual({ 'f1.finish': { 1: 5 } });
  });

  it('[RT-34] gets each outcome of the ingest rules, and nothing is changed by a refusal', async () => {
    const parts = await createParts();
    const { push } = await attachForwarder(parts, 'f1', ['finish']);
    expect(await push('finish', 1, 1, 3)).toMatchObject({ outcome: 'accepted', head: 3 });
    expect(await push('finish', 1, 1, 3)).toMatchObject({ outcome: 'duplicate', head: 3 });
    expect(await push('finish', 1, 2, 4)).toMatchObject({ outcome: 'accepted', head: 5 });
    expect(await push('finish', 1, 9, 1)).toMatchObject({ outcome: 'gap', head: 5, expected: 6 });
    expect(await push('finish', 1, 4, 4, 'other')).toMatchObject({ outcome: 'conflict', seq: 4, nextEpoch: 2 });
    expect(await push('unknown', 1, 1, 1)).toMatchObject({ outcome: 'refused', error: { code: 'NOT_FOUND' } });
    expect(await push('finish', 5000, 1, 1)).toMatchObject({ outcome: 'refused', error: { code: 'BAD_REQUEST' } });
    expect(parts.registry.stream(stream('f1.finish'))).toMatchObject({ accepted: 5, conflicts: 1, currentEpoch: 1 });
  });

  it('[P15] cannot push into a stream of another forwarder', async () => {
    const parts = await createParts();
    await attachForwarder(parts, 'f1', ['finish']);
    const thief = await attachForwarder(parts, 'f2', ['finish']);
    thief.peer.push({ streamId: stream('f1.finish'), epoch: 1, firstSeq: 1, pushId: 9, batch: batch('x', 1, 1) });
    expect((await thief.peer.next('pushed')).entries).toMatchObject([
      { outcome: 'refused', error: { code: 'FORBIDDEN' } },
    ]);
    expect(parts.log.head({ streamId: stream('f1.finish'), epoch: 1 })).toBe(0);
  });

  it('a batch that does not decode is refused, the session goes on', async () => {
    const parts = await createParts();
    const { peer, push } = await attachForwarder(parts, 'f1', ['finish']);
    const head = { streamId: stream('f1.finish'), epoch: 1, firstSeq: 1, pushId: 99 };
    peer.push({ ...head, batch: Uint8Array.of(9, 9, 9) });
    expect((await peer.next('pushed')).entries).toMatchObject([{ outcome: 'refused', error: { code: 'BAD_REQUEST' } }]);
    expect(await push('finish', 1, 1, 1)).toMatchObject({ outcome: 'accepted' });
  });

  it.each([
    ['text that is no JSON', '{'],
    [
      'binary before the hello',
      encodePush({ streamId: stream('f1.finish'), epoch: 1, firstSeq: 1, pushId: 1, batch: batch('x', 1, 1) }),
    ],
    ['another message first', JSON.stringify({ type: 'credit', reads: 1 })],
  ])('ends at %s before the hello (4400)', async (_, frame) => {
    const parts = await createParts();
    const peer = parts.connect(grantOf('forwarder', 'f1'));
    peer.raw(frame);
    expect(peer.closed()?.code).toBe(4400);
    expect((await peer.next('error')).error.code).toBe('PROTOCOL_ERROR');
  });

  it.each([
    ['a seq of 2^53', [1, 1, 0x61, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['an epoch of 0', [1, 3, 0x61, 0x2e, 0x62, 0, 1, 1]],
    ['nothing', []],
  ])('ends at a frame with %s (4400)', async (_, bytes) => {
    const parts = await createParts();
    const { peer } = await attachForwarder(parts, 'f1', ['finish']);
    peer.raw(Uint8Array.from(bytes));
    expect(peer.closed()?.code).toBe(4400);
  });

  it.each([
    ['another node', 'forwarder', 'f1', hello('f2'), 4403, 'FORBIDDEN'],
    ['no node', 'forwarder', 'f1', hello(null), 4403, 'FORBIDDEN'],
    ['a protocol of the future', 'forwarder', 'f1', { ...hello('f1'), protocol: 999 }, 4400, 'UNSUPPORTED_VERSION'],
    ['another event', 'forwarder', 'f1', { ...hello('f1'), eventId: 'other' }, 4403, 'FORBIDDEN'],
    ['an unknown event', 'admin', null, { ...hello('f1'), eventId: 'other' }, 4404, 'NOT_FOUND'],
    ['readers without being a forwarder', 'receiver', 'r1', hello('r1', ['x']), 4403, 'FORBIDDEN'],
    ['a bad version', 'forwarder', 'f1', { ...hello('f1'), clientVersion: 'v1.0' }, 4400, 'PROTOCOL_ERROR'],
    ['a node id that climbs', 'forwarder', 'f1', { ...hello('f1'), nodeId: '..' }, 4400, 'PROTOCOL_ERROR'],
  ] as const)('[P15] a hello with %s is refused', async (_, role, nodeId, message, code, error) => {
    const parts = await createParts();
    const peer = parts.connect(grantOf(role, nodeId));
    peer.raw(JSON.stringify(message));
    expect((await peer.next('error')).error.code).toBe(error);
    expect(peer.closed()?.code).toBe(code);
    expect(parts.presence.nodes(EVENT)).toEqual([]);
  });

  it('[P26] an unknown message is answered and the session goes on', async () => {
    const parts = await createParts();
    const { peer, push } = await attachForwarder(parts, 'f1', ['finish']);
    peer.raw(JSON.stringify({ type: 'fromTheFuture', x: 1 }));
    expect((await peer.next('error')).error.code).toBe('PROTOCOL_ERROR');
    peer.raw(Uint8Array.of(9, 9));
    expect((await peer.next('error')).error).toMatchObject({ code: 'PROTOCOL_ERROR', message: 'unknown frame kind 9' });
    peer.raw(JSON.stringify({ type: 'heartbeat', somethingNew: 1 }));
    expect(await push('finish', 1, 1, 1)).toMatchObject({ outcome: 'accepted' });
  });

  it('[P8] the newest session of a node wins; the older is told, closed 4409 and appends no more', async () => {
    const parts = await createParts();
    const old = await attachForwarder(parts, 'f1', ['finish']);
    const fresh = await attachForwarder(parts, 'f1', ['finish']);
    expect((await old.peer.next('error')).error.code).toBe('FENCED');
    expect(old.peer.closed()?.code).toBe(4409);
    await old.push('finish', 1, 1, 2);
    expect(parts.log.head({ streamId: stream('f1.finish'), epoch: 1 })).toBe(0);
    expect(await fresh.push('finish', 1, 1, 2)).toMatchObject({ outcome: 'accepted' });
    expect(parts.presence.isAttached(parts.registry.stream(stream('f1.finish'))!.forwarderId)).toBe(true);
  });

  it('more than 16 unanswered pushes end the session', async () => {
    const parts = await createParts();
    const { peer } = await attachForwarder(parts, 'f1', ['finish']);
    for (let n = 0; n < 17; n++) {
      peer.push({ streamId: stream('f1.finish'), epoch: 1, firstSeq: n + 1, pushId: n, batch: batch('x', n + 1, 1) });
    }
    expect(peer.closed()?.code).toBe(1013);
  });

  it('[RT-14] an epoch command is repeated at each hello until the journal confirms it', async () => {
    const parts = await createParts();
    const first = await attachForwarder(parts, 'f1', ['finish']);
    await first.push('finish', 1, 1, 3);
    const row = parts.registry.stream(stream('f1.finish'))!;
    await parts.registry.change([{ type: 'putStream', stream: { ...row, currentEpoch: 2, commandedEpoch: 2 } }]);
    parts.presence.commandEpoch(row.streamId, 2);
    expect(await first.peer.next('epochCommand')).toMatchObject({ streamId: 'f1.finish', epoch: 2 });
    const second = await attachForwarder(parts, 'f1', ['finish']);
    expect(await second.peer.next('epochCommand')).toMatchObject({ epoch: 2 });
    second.peer.say({ type: 'epochOpened', streamId: row.streamId, epoch: 2, ended: [{ epoch: 1, seq: 3 }] });
    await second.push('finish', 2, 1, 1);
    const third = await attachForwarder(parts, 'f1', ['finish']);
    expect(third.peer.messages.some((it) => it.type === 'epochCommand')).toBe(false);
    expect(third.welcome.streams).toMatchObject([{ epoch: 2, head: 1 }]);
    expect(parts.registry.epoch({ streamId: row.streamId, epoch: 1 })).toMatchObject({ sealed: true });
  });
});
