import { describe, expect, it } from 'vitest';
import { attachForwarder, createParts, EVENT, grantOf, hello, type Parts, stream } from '../support/relay-parts.ts';

const raiseFloor = async ({ registry }: Parts, minClientVersion: string): Promise<void> => {
  const event = registry.event(EVENT);
  if (event === undefined) throw new Error('no event');
  await registry.change([{ type: 'putEvent', event: { ...event, minClientVersion } }]);
};

const stateOf = (parts: Parts, nodeId: string) =>
  parts.attachments.nodes(EVENT).find((it) => it.nodeId === nodeId)?.state;

const MANUAL = { mode: 'manual' as const, streams: [stream('gate.mat')] };

describe('a hello', () => {
  it('is an attachment: the welcome carries it, with its state', async () => {
    const parts = await createParts();
    const { welcome } = await attachForwarder(parts, 'gate', ['mat']);
    const [node] = parts.attachments.nodes(EVENT);
    expect(welcome).toMatchObject({ attachmentId: node?.attachmentId, state: 'online', readOnly: false });
  });

  it('[RN-25] without capabilities registers; the first ones make the node online', async () => {
    const parts = await createParts();
    const peer = parts.connect(grantOf('receiver', 'tent'));
    peer.say({ ...hello('tent'), capabilities: {} } as ReturnType<typeof hello>);
    expect(await peer.next('welcome')).toMatchObject({ state: 'registering' });
    peer.say({ type: 'heartbeat', health: 'online' });
    expect(stateOf(parts, 'tent')).toBe('registering');
    peer.say({ type: 'capabilities', capabilities: { receive: true } });
    await expect.poll(() => stateOf(parts, 'tent')).toBe('online');
  });

  it('[RN-19] of a node that is active elsewhere is refused, to be tried again', async () => {
    const parts = await createParts();
    const event = parts.registry.event(EVENT);
    if (event === undefined) throw new Error('no event');
    const other = 'other-run' as typeof EVENT;
    await parts.registry.change([{ type: 'putEvent', event: { ...event, eventId: other } }]);
    const away = parts.connect({ ...grantOf('forwarder', 'gate'), eventId: other });
    away.say({ ...hello('gate', ['elsewhere']), eventId: other } as ReturnType<typeof hello>);
    await away.next('welcome');
    const peer = parts.connect(grantOf('forwarder', 'gate'));
    peer.say(hello('gate', ['mat']));
    expect((await peer.next('error')).error).toMatchObject({ code: 'NODE_ATTACH_CONFLICT' });
    expect(peer.closed()?.code).toBe(1013);
    expect(JSON.stringify(peer.messages)).not.toContain(other);
    expect(parts.registry.streams(EVENT)).toEqual([]);
  });

  it('[RN-22] of a revoked node is refused for good; an open session of it ends', async () => {
    const parts = await createParts();
    const { peer } = await attachForwarder(parts, 'gate', ['mat']);
    const node = { nodeId: 'gate', eventId: EVENT } as Parameters<Parts['attachments']['revoke']>[0];
    await parts.attachments.revoke(node, 'forwarder');
    parts.presence.dismiss(node.nodeId, EVENT, parts.attachments.refuseWrite(node));
    expect(peer.closed()?.code).toBe(4403);
    const again = parts.connect(grantOf('forwarder', 'gate'));
    again.say(hello('gate', ['mat']));
    expect((await again.next('error')).error).toMatchObject({ code: 'NODE_REVOKED' });
    expect(again.closed()?.code).toBe(4403);
  });

  it('[P8] of a second device takes over, and the operator can see that it did', async () => {
    const parts = await createParts();
    const first = await attachForwarder(parts, 'gate', ['mat']);
    await attachForwarder(parts, 'gate', ['mat']);
    expect(first.peer.closed()?.code).toBe(4409);
    const [node] = parts.attachments.nodes(EVENT);
    expect(node).toMatchObject({ state: 'online' });
    expect(parts.presence.takeovers(node?.nodeId as never)).toMatchObject({ count: 1 });
  });
});

describe('leaving', () => {
  it('[RN-23] by detach is at once, by a lost connection when the silence is long enough', async () => {
    const parts = await createParts();
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    const other = await attachForwarder(parts, 'other', ['mat']);
    gate.peer.say({ type: 'detach', reason: 'stopped' });
    await gate.peer.until(() => gate.peer.closed() !== null);
    other.peer.hangUp();
    expect([stateOf(parts, 'gate'), stateOf(parts, 'other')]).toEqual(['offline', 'online']);
  });
});

describe('below the version floor', () => {
  it('[RN-03] a node joins read-only and is told so; what it asks to read, it gets', async () => {
    const parts = await createParts();
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    await gate.push('mat', 1, 1, 5);
    await raiseFloor(parts, '0.2');
    const peer = parts.connect(grantOf('receiver', 'tent'));
    peer.say(hello('tent'));
    expect(await peer.next('welcome')).toMatchObject({ state: 'online', readOnly: true });
    peer.say({ type: 'credit', reads: 100 });
    peer.say({ type: 'select', selection: MANUAL, clock: {} });
    await peer.until(() => peer.reads.length === 5);
  });

  it('[RN-04] its ack, its next selection and its capabilities are refused; it is not ejected', async () => {
    const parts = await createParts();
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    await gate.push('mat', 1, 1, 5);
    const peer = parts.connect(grantOf('receiver', 'tent'));
    peer.say(hello('tent'));
    peer.say({ type: 'credit', reads: 100 });
    peer.say({ type: 'select', selection: MANUAL, clock: {} });
    await peer.until(() => peer.reads.length === 5);
    await raiseFloor(parts, '0.2');
    peer.say({ type: 'ack', entries: [{ streamId: stream('gate.mat'), epoch: 1, seq: 5 }] });
    peer.say({ type: 'select', selection: { mode: 'manual', streams: [] } });
    peer.say({ type: 'capabilities', capabilities: {} });
    for (const _ of [1, 2, 3]) {
      const { error } = await peer.next('error');
      expect(error).toMatchObject({
        code: 'VERSION_FLOOR_EXCEEDED',
        details: { attemptedVersion: '0.1', acceptedRange: { min: '0.2', max: null } },
      });
    }
    expect(parts.registry.cursors('tent' as never)).toEqual([]);
    expect(peer.closed()).toBeNull();
  });

  it('[RN-06] a push after the floor rose is refused and not stored; reads go on', async () => {
    const parts = await createParts();
    const gate = await attachForwarder(parts, 'gate', ['mat']);
    expect(await gate.push('mat', 1, 1, 3)).toMatchObject({ outcome: 'accepted' });
    await raiseFloor(parts, '0.2');
    expect(await gate.push('mat', 1, 4, 3)).toMatchObject({
      outcome: 'refused',
      error: { code: 'VERSION_FLOOR_EXCEEDED', details: { attemptedVersion: '0.1' } },
    });
    expect(parts.log.head({ streamId: stream('gate.mat'), epoch: 1 })).toBe(3);
    gate.peer.say({ type: 'epochOpened', streamId: stream('gate.mat'), epoch: 2 });
    expect((await gate.peer.next('error')).error.code).toBe('VERSION_FLOOR_EXCEEDED');
    expect(parts.registry.stream(stream('gate.mat'))?.currentEpoch).toBe(1);
    gate.peer.say({ type: 'heartbeat', health: 'online' });
    expect(gate.peer.closed()).toBeNull();
  });

  it('a page that only looks is no node', async () => {
    const parts = await createParts();
    await raiseFloor(parts, '9.0');
    const peer = parts.connect(grantOf('operator', null));
    peer.say(hello(null));
    expect(await peer.next('welcome')).toMatchObject({ attachmentId: null, state: null, readOnly: false });
    for (const _ of [1, 2]) peer.say({ type: 'select', selection: { mode: 'manual', streams: [] } });
    await peer.next('applied');
    await peer.next('applied');
  });
});

describe('what a forwarder tells of its readers', () => {
  it('is kept, with the relay’s own estimate of its clock', async () => {
    const parts = await createParts();
    const { peer } = await attachForwarder(parts, 'gate', ['mat']);
    const sentAt = parts.deps.core.clock.now() - 1500;
    const readers = [
      {
        reader: 'mat',
        connected: true,
        lastLineAt: 5,
        linesPerSecond: 2.5,
        unparsable: 1,
        journalHead: 9,
        clockOffsetMs: -20_000,
      },
    ];
    peer.say({ type: 'heartbeat', health: 'degraded', readers, sentAt });
    expect(parts.presence.readerState(stream('gate.mat'))).toMatchObject({
      linesPerSecond: 2.5,
      clockOffsetMs: -20_000,
    });
    expect(parts.attachments.nodes(EVENT)[0]).toMatchObject({ state: 'degraded', skewMs: -1500 });
  });
});
