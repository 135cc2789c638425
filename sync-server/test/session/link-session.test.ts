import { NodeId } from '@baton/schema/ids';
import type { Capabilities } from '@baton/schema/protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  attachForwarder,
  batch,
  createParts,
  EVENT,
  grantOf,
  hello,
  type Parts,
  stream,
} from '../support/relay-parts.ts';

const relay = (forwarders: readonly string[]): Capabilities => ({
  relay: { side: 'venue', forwarders: [...forwarders] },
});

const holds = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), 30_000);

/** A hello that says it is a link. */
const linkHello = (nodeId: string, forwarders: readonly string[]) => {
  const said = hello(nodeId);
  if (said.type !== 'hello') throw new Error('expected a hello');
  return { ...said, capabilities: relay(forwarders) };
};

const attachLink = async (parts: Parts, forwarders: readonly string[] = []) => {
  const peer = parts.connect(grantOf('operator', null));
  peer.say(linkHello('tent', forwarders));
  const welcome = await peer.next('welcome');
  return { peer, welcome };
};

const MAT = stream('f1.mat');
const forwarder = NodeId.parse('f1');

/** A stream that another relay has told of. */
const announceMat = (parts: Parts) =>
  parts.registry.change([
    {
      type: 'putStream',
      stream: {
        streamId: MAT,
        eventId: EVENT,
        forwarderId: forwarder,
        reader: 'mat',
        currentEpoch: 1,
        commandedEpoch: null,
        createdAt: 0,
      },
    },
  ]);

describe('a link between relays on /sync', () => {
  it('[P3] is welcomed with the heads of all epochs of the event, and brings reads of any of its streams', async () => {
    const parts = await createParts();
    const { push } = await attachForwarder(parts, 'f2', ['mat']);
    await push('mat', 1, 1, 3);
    await announceMat(parts);
    const { peer, welcome } = await attachLink(parts);
    expect(welcome.heads).toEqual({ 'f2.mat': { 1: 3 }, 'f1.mat': { 1: 0 } });
    expect(welcome.streams.map((it) => it.streamId)).toEqual(['f2.mat', 'f1.mat']);
    peer.push({ streamId: MAT, epoch: 1, firstSeq: 1, pushId: 1, batch: batch('x', 1, 2) });
    expect((await peer.next('pushed')).entries).toEqual([{ pushId: 1, outcome: 'accepted', head: 2 }]);
    peer.say({ type: 'epochOpened', streamId: MAT, epoch: 2, ended: [{ epoch: 1, seq: 2 }] });
    await holds(() => parts.registry.epoch({ streamId: MAT, epoch: 1 })?.sealed === true);
    expect(parts.registry.stream(MAT)?.currentEpoch).toBe(2);
  });

  it('[P15] is none with a token of another role, and brings nothing of another event', async () => {
    const parts = await createParts();
    await announceMat(parts);
    const pretender = parts.connect(grantOf('receiver', 'desk'));
    pretender.say(linkHello('desk', ['f1']));
    expect((await pretender.next('welcome')).streams).toEqual([]);
    pretender.push({ streamId: MAT, epoch: 1, firstSeq: 1, pushId: 1, batch: batch('x', 1, 1) });
    await pretender.until(() => pretender.closed() !== null);
    expect(parts.log.head({ streamId: MAT, epoch: 1 })).toBe(0);
    expect(parts.presence.isReached(forwarder, EVENT)).toBe(false);
  });

  it('[P4] is told of a conflict as a forwarder is, and nothing is overwritten', async () => {
    const parts = await createParts();
    const { push } = await attachForwarder(parts, 'f1', ['mat']);
    await push('mat', 1, 1, 3, 'here');
    const { peer } = await attachLink(parts);
    peer.push({ streamId: MAT, epoch: 1, firstSeq: 2, pushId: 7, batch: batch('there', 2, 4) });
    expect((await peer.next('pushed')).entries).toMatchObject([{ pushId: 7, outcome: 'conflict', head: 3, seq: 2 }]);
    expect(parts.registry.stream(MAT)).toMatchObject({ conflicts: 1, accepted: 3 });
  });

  it('gets the commands of forwarders that it says it leads to, again after each attach until they are confirmed', async () => {
    const parts = await createParts();
    await announceMat(parts);
    const { peer } = await attachLink(parts);
    expect(parts.presence.isReached(forwarder, EVENT)).toBe(false);
    peer.say({ type: 'capabilities', capabilities: relay(['f1']) });
    await holds(() => parts.presence.isReached(forwarder, EVENT));
    await parts.registry.editStream(MAT, (it) => ({ ...it, currentEpoch: 2, commandedEpoch: 2 }));
    expect(parts.presence.commandEpoch(MAT, 2)).toBe(true);
    expect(await peer.next('epochCommand')).toMatchObject({ streamId: MAT, epoch: 2 });

    const again = await attachLink(parts, ['f1']);
    expect(await again.peer.next('epochCommand')).toMatchObject({ streamId: MAT, epoch: 2 });
    again.peer.say({ type: 'epochOpened', streamId: MAT, epoch: 2 });
    await holds(() => parts.registry.stream(MAT)?.commandedEpoch === null);
    again.peer.hangUp();
    expect(parts.presence.isReached(forwarder, EVENT)).toBe(false);
  });

  it('[P8] never takes the place of a forwarder: what is attached here is spoken to itself', async () => {
    const parts = await createParts();
    const { peer } = await attachForwarder(parts, 'f1', ['mat']);
    const link = await attachLink(parts, ['f1']);
    parts.presence.commandEpoch(MAT, 2);
    expect(await peer.next('epochCommand')).toMatchObject({ epoch: 2 });
    expect(link.peer.messages.some((it) => it.type === 'epochCommand')).toBe(false);
    expect(peer.closed()).toBeNull();
  });
});
