import type { UpMessageInput } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import {
  addRace,
  attachForwarder,
  attachReceiver,
  createParts,
  grantOf,
  hello,
  map,
  OTHER_RACE,
  type Parts,
  RACE,
  stream,
} from '../support/relay-parts.ts';
import type { ScriptedPeer } from '../support/scripted-peer.ts';

const race = (raceId: string, epochScope: 'all' | 'current'): UpMessageInput =>
  ({ type: 'select', selection: { mode: 'race', raceId, epochScope }, clock: {} }) as UpMessageInput;
const manual = (...streams: string[]): UpMessageInput =>
  ({ type: 'select', selection: { mode: 'manual', streams }, clock: {} }) as UpMessageInput;

const seqsOf = (peer: ScriptedPeer, key: string): readonly number[] =>
  peer.reads.filter((it) => it.key === key).map((it) => it.seq);
const upTo = (n: number, from = 1): number[] => Array.from({ length: n - from + 1 }, (_, index) => from + index);

const prepared = async (): Promise<Parts> => {
  const parts = await createParts();
  await addRace(parts, RACE, '10 km');
  await addRace(parts, OTHER_RACE, '5 km');
  return parts;
};

describe('a receiver on /sync', () => {
  it('[RT-16] race/all: every mapped epoch of every stream, unmapped ones never', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a', 'b']);
    for (const [reader, epoch] of [
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 1],
    ] as const)
      await f.push(reader, epoch, 1, 5);
    await map(parts, 'f1.a', 1, RACE);
    await map(parts, 'f1.a', 3, RACE);
    await map(parts, 'f1.b', 1, RACE);
    await map(parts, 'f1.a', 2, OTHER_RACE);
    const r = await attachReceiver(parts, 'r1');
    r.say(race(RACE, 'all'));
    const caughtUp = await r.next('caughtUp');
    expect(caughtUp.clock).toEqual({ 'f1.a': { 1: 5, 3: 5 }, 'f1.b': { 1: 5 } });
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(5));
    expect(seqsOf(r, 'f1.a/2')).toEqual([]);
    expect((await r.next('applied')).targets).toHaveLength(3);
  });

  it('[RT-17] race/current: mapped and current only; none and a warning when the current one is not mapped', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 3);
    await map(parts, 'f1.a', 1, RACE);
    const r = await attachReceiver(parts, 'r1');
    r.say(race(RACE, 'current'));
    await r.next('applied');
    await r.next('caughtUp');
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(3));
    await f.push('a', 2, 1, 2);
    const after = await r.next('applied');
    expect(after.targets).toEqual([]);
    expect(after.warnings).toMatchObject([{ type: 'no-current-epoch-mapped' }]);
    await f.push('a', 1, 4, 1);
    await map(parts, 'f1.a', 2, RACE);
    expect((await r.next('applied')).targets).toMatchObject([{ streamId: 'f1.a', epoch: 2, head: 2 }]);
    await r.until(() => seqsOf(r, 'f1.a/2').length === 2);
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(3)); // the late read of the old epoch is not for `current`
  });

  it('[RT-28] tells targets anew when one of them is sealed, with the hash of its lines, and sends nothing again', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a', 'b']);
    await f.push('a', 1, 1, 3);
    await f.push('b', 1, 1, 3);
    const r = await attachReceiver(parts, 'r1');
    r.say(manual('f1.a'));
    expect((await r.next('applied')).targets).toMatchObject([{ epoch: 1, sealed: false, hash: null }]);
    await f.push('a', 2, 1, 1);
    expect((await r.next('applied')).targets).toHaveLength(2);
    await r.until(() => seqsOf(r, 'f1.a/2').length === 1);
    await parts.log.seal({ streamId: stream('f1.a'), epoch: 1 }, 3);
    const { targets } = await r.next('applied');
    expect(targets).toMatchObject([
      { epoch: 1, head: 3, sealed: true, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      { epoch: 2, head: 1, sealed: false, hash: null },
    ]);
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(3));
  });

  it('[RT-18] two runs from the start give the same list', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    for (let n = 0; n < 30; n++) await f.push('a', 1, n * 7 + 1, 7);
    await map(parts, 'f1.a', 1, RACE);
    const runs: unknown[] = [];
    for (const node of ['r1', 'r2']) {
      const r = await attachReceiver(parts, node);
      r.say(race(RACE, 'all'));
      await r.next('caughtUp');
      expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(210));
      runs.push(r.reads);
    }
    expect(runs[0]).toEqual(runs[1]);
  });

  it('[RT-10] [RT-11] without a clock it goes on from its cursors, one for each epoch, which only rise', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 9);
    await f.push('a', 2, 1, 9);
    const r = await attachReceiver(parts, 'r1');
    r.say({ type: 'ack', entries: [{ streamId: stream('f1.a'), epoch: 1, seq: 5 }] });
    r.say({ type: 'ack', entries: [{ streamId: stream('f1.a'), epoch: 2, seq: 3 }] });
    r.say({ type: 'ack', entries: [{ streamId: stream('f1.a'), epoch: 1, seq: 2 }] });
    r.hangUp();
    const again = await attachReceiver(parts, 'r1');
    again.say({ type: 'select', selection: { mode: 'manual', streams: [stream('f1.a')] } });
    await again.next('caughtUp');
    expect(seqsOf(again, 'f1.a/1')).toEqual(upTo(9, 6));
    expect(seqsOf(again, 'f1.a/2')).toEqual(upTo(9, 4));
  });

  it('an ack beyond the head counts as the head', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 4);
    const r = await attachReceiver(parts, 'r1');
    r.say({ type: 'ack', entries: [{ streamId: stream('f1.a'), epoch: 1, seq: 4000 }] });
    await f.push('a', 1, 5, 2);
    r.say({ type: 'select', selection: { mode: 'manual', streams: [stream('f1.a')] } });
    await r.next('caughtUp');
    expect(seqsOf(r, 'f1.a/1')).toEqual([5, 6]);
  });

  it('[RT-19] [RT-20] unmap stops, map again goes on where it stood, unasked', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a', 'b']);
    await f.push('a', 1, 1, 4);
    await map(parts, 'f1.a', 1, RACE);
    await map(parts, 'f1.b', 1, RACE);
    const r = await attachReceiver(parts, 'r1');
    r.say(race(RACE, 'all'));
    await r.next('applied');
    await r.next('caughtUp');
    await map(parts, 'f1.a', 1, null);
    expect((await r.next('applied')).targets).toMatchObject([{ streamId: 'f1.b' }]);
    await f.push('a', 1, 5, 2);
    await f.push('b', 1, 1, 2);
    await r.until(() => seqsOf(r, 'f1.b/1').length === 2);
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(4));
    await map(parts, 'f1.a', 1, RACE);
    await r.next('caughtUp');
    expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(6));
    expect(seqsOf(r, 'f1.b/1')).toEqual(upTo(2));
  });

  it('[RT-22] a forwarder at another race is a warning; reads flow', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 2);
    await map(parts, 'f1.a', 1, RACE);
    const { setForwarderRace } = await import('@baton/schema/doc');
    await parts.setup.edit((doc) =>
      setForwarderRace(doc, parts.registry.stream(stream('f1.a'))!.forwarderId, OTHER_RACE),
    );
    const r = await attachReceiver(parts, 'r1');
    r.say(race(RACE, 'all'));
    expect((await r.next('applied')).warnings).toMatchObject([{ type: 'forwarder-race-differs', streamId: 'f1.a' }]);
    await r.next('caughtUp');
    expect(seqsOf(r, 'f1.a/1')).toEqual([1, 2]);
  });

  it('[RT-23] joins while the forwarder writes: exactly once, in order, 20 times', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    let head = 0;
    for (let round = 0; round < 20; round++) {
      const r = await attachReceiver(parts, `r${round}`);
      const writing = (async () => {
        for (let n = 0; n < 10; n++) {
          await f.push('a', 1, head + 1, 3);
          head += 3;
        }
      })();
      r.say(manual('f1.a'));
      await writing;
      await r.until(() => seqsOf(r, 'f1.a/1').length >= head);
      expect(seqsOf(r, 'f1.a/1')).toEqual(upTo(head));
      r.hangUp();
    }
  });

  it('[RT-25] an unknown race is an error and the former selection goes on', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 1);
    const r = await attachReceiver(parts, 'r1');
    r.say(manual('f1.a'));
    await r.next('caughtUp');
    r.say(race('0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9aff', 'all'));
    expect((await r.next('error')).error.code).toBe('UNKNOWN_RACE');
    await f.push('a', 1, 2, 1);
    await r.until(() => seqsOf(r, 'f1.a/1').length === 2);
    expect(r.closed()).toBeNull();
  });

  it('a stream that comes later is delivered when it comes', async () => {
    const parts = await prepared();
    const r = await attachReceiver(parts, 'r1');
    r.say(manual('f9.late'));
    expect((await r.next('applied')).warnings).toMatchObject([{ type: 'unknown-stream', streamId: 'f9.late' }]);
    const f = await attachForwarder(parts, 'f9', ['late']);
    await f.push('late', 1, 1, 2);
    await r.until(() => seqsOf(r, 'f9.late/1').length === 2);
  });

  it('[P9] tells when the relay is behind the receiver, and refills are delivered from there', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    await f.push('a', 1, 1, 3);
    const r = await attachReceiver(parts, 'r1');
    r.say({ type: 'select', selection: { mode: 'manual', streams: [stream('f1.a')] }, clock: { 'f1.a': { 1: 5 } } });
    expect((await r.next('applied')).warnings).toMatchObject([{ type: 'relay-behind', streamId: 'f1.a', epoch: 1 }]);
    await f.push('a', 1, 4, 4);
    await r.until(() => seqsOf(r, 'f1.a/1').length === 2);
    expect(seqsOf(r, 'f1.a/1')).toEqual([6, 7]);
  });

  it('a receiver without credit is told how far the log is', async () => {
    const parts = await prepared();
    const f = await attachForwarder(parts, 'f1', ['a']);
    const peer = parts.connect(grantOf('receiver', 'r1'));
    peer.say(hello('r1'));
    peer.say(manual('f1.a'));
    await peer.next('applied');
    await f.push('a', 1, 1, 8);
    expect((await peer.next('heads')).heads).toEqual({ 'f1.a': { 1: 8 } });
    expect(peer.reads).toEqual([]);
  });

  it.each(['forwarder', 'viewer'] as const)('[P14] a %s selects no reads', async (role) => {
    const parts = await prepared();
    const node = role === 'forwarder' ? 'f1' : null;
    const peer = parts.connect(grantOf(role, node));
    peer.say(hello(node));
    peer.say(manual('f1.a'));
    expect((await peer.next('error')).error.code).toBe('FORBIDDEN');
    expect(peer.messages.some((it) => it.type === 'applied')).toBe(false);
  });
});
