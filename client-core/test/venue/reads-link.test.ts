import { NodeId } from '@baton/schema/ids';
import { encodeReads } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import { LINK_CREDIT, SIDES, type Side } from '../../src/venue/link-state.ts';
import { createReadsLink } from '../../src/venue/reads-link.ts';
import { createStreamListing } from '../../src/venue/stream-lists.ts';
import { ADDRESSES, createLinkStage, numbered } from './link-stage.ts';
import { EVENT } from './model-relay.ts';

const FULL = { code: 'STORAGE_FULL', message: 'the disk is full', retryable: true } as const;

/** A link whose lists are looked at when the test says so. The mat is attached here. */
const setUp = (options: Parameters<typeof createLinkStage>[0] = {}) => {
  const stage = createLinkStage(options);
  const commands: string[] = [];
  const link = createReadsLink(stage.deps, {
    relays: ADDRESSES,
    eventId: EVENT,
    nodeId: NodeId.parse('venue-1~spring-run'),
    onJoined: () => {},
    onLeft: () => {},
    onCommand: (from, streamId, epoch) => commands.push(`${from} ${streamId} ${epoch}`),
  });
  const list = createStreamListing(stage.deps.apis, EVENT, () => {}).both;
  const mat = stage.here.addStream('box', 'mat');
  stage.there.addStream('box', 'mat');
  stage.here.attached.add(NodeId.parse('box'));
  const look = async (): Promise<void> => {
    const lists = await list();
    if (lists !== null) link.look(lists);
    await stage.pass(0);
  };
  const join = async (): Promise<void> => {
    link.connect();
    await stage.pass(0);
    await look();
  };
  return { ...stage, link, look, join, mat, commands };
};

describe('reads between two relays', () => {
  it('[P1] go both ways, each once, and what has come is not sent back', async () => {
    const it0 = setUp();
    const across = it0.there.addStream('other', 'mat');
    it0.here.addStream('other', 'mat');
    it0.here.write(it0.mat, 1, numbered('near', 1200));
    it0.there.write(across, 1, numbered('far', 700));
    await it0.join();
    expect(it0.there.held(it0.mat, 1)).toEqual(numbered('near', 1200));
    expect(it0.here.held(across, 1)).toEqual(numbered('far', 700));
    expect(it0.link.isInStep()).toBe(true);
    const pushed = [...it0.here.outcomes, ...it0.there.outcomes];
    it0.here.write(it0.mat, 1, numbered('later', 3));
    await it0.pass(0);
    expect(it0.there.held(it0.mat, 1)).toHaveLength(1203);
    expect([...it0.here.outcomes, ...it0.there.outcomes]).toHaveLength(pushed.length + 1);
    expect(pushed.map(({ outcome }) => outcome)).toEqual(pushed.map(() => 'accepted'));
  });

  it.each([
    ['pushes wait unanswered', 'down'],
    ['pushes wait unsent', 'up'],
  ] as const)('[P1] [P3] cut while %s: nothing is lost, doubled or out of order', async (_what, stalled) => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('read', 6000));
    it0.link.connect();
    await it0.pass(0);
    it0.opened('/sync', 'there')[0]?.stall(stalled, true);
    await it0.look();
    expect(it0.link.isInStep()).toBe(false);
    it0.there.cut();
    await it0.pass(2_000);
    await it0.look();
    expect(it0.there.held(it0.mat, 1)).toEqual(numbered('read', 6000));
    expect(it0.link.isInStep()).toBe(true);
  });

  it('[P3] cut while it is being sent what it asked for: it asks anew from where the other side stands', async () => {
    const it0 = setUp();
    it0.here.deliverAtMost(10);
    it0.here.write(it0.mat, 1, numbered('read', 3000));
    it0.link.connect();
    await it0.pass(0);
    // the first reads are through, the rest is on its way from the relay here
    const pair = it0.opened('/sync', 'here')[0];
    pair?.stall('down', true);
    await it0.look();
    for (let frame = 0; frame < 100; frame++) {
      pair?.stall('down', false);
      pair?.deliver('down');
      pair?.stall('down', true);
    }
    await it0.pass(0);
    const through = it0.there.held(it0.mat, 1).length;
    expect(through).toBeGreaterThan(0);
    expect(through).toBeLessThan(3000);
    it0.here.cut();
    await it0.pass(2_000);
    await it0.look();
    const selected = it0.here.messages.filter((message) => message.type === 'select').at(-1);
    expect(selected).toMatchObject({ clock: { [it0.mat]: { 1: through } } });
    expect(it0.there.held(it0.mat, 1)).toEqual(numbered('read', 3000));
  });

  it('[P9] the relay elsewhere comes back with less than it had, or with nothing: it is filled again', async () => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('read', 500));
    await it0.join();
    for (const left of [320, 0]) {
      it0.there.cut();
      it0.there.forget(it0.mat, 1, left);
      await it0.pass(2_000);
      await it0.look();
      expect(it0.there.held(it0.mat, 1)).toEqual(numbered('read', 500));
    }
    expect(it0.said('INTEGRITY_CONFLICT')).toEqual([]);
  });

  it('[P20] a relay that takes nothing is asked with waits that double, and from the shortest again once it did', async () => {
    const it0 = setUp({ random: () => 0.999_999 });
    await it0.join();
    it0.there.refuseWith(FULL);
    it0.here.write(it0.mat, 1, numbered('read', 10));
    const waits: number[] = [];
    const refusals = (): number => it0.there.outcomes.filter(({ outcome }) => outcome === 'refused').length;
    const untilRefused = async (): Promise<number> => {
      const before = refusals();
      for (let ms = 0; ; ms += 500) {
        await it0.pass(500);
        if (refusals() > before) return ms + 500;
      }
    };
    await it0.pass(0);
    for (let round = 0; round < 6; round++) waits.push(await untilRefused());
    // a second, and a wait that doubles up to thirty
    expect(waits).toEqual([2000, 3000, 5000, 9000, 17_000, 31_000]);
    expect(it0.said('takes no reads right now')).toHaveLength(7);
    it0.there.refuseWith(null);
    await it0.pass(31_000, 500);
    expect(it0.there.held(it0.mat, 1)).toEqual(numbered('read', 10));
    it0.there.refuseWith(FULL);
    it0.here.write(it0.mat, 1, ['one more']);
    await it0.pass(0);
    expect(await untilRefused()).toBe(2000);
  });

  it('holds no more than the credit of a side that takes nothing, and goes on when it does', async () => {
    const it0 = setUp();
    await it0.join();
    const there = it0.opened('/sync', 'there')[0];
    there?.stall('down', true);
    it0.here.write(it0.mat, 1, numbered('read', LINK_CREDIT + 2500));
    await it0.pass(0);
    const [session] = it0.here.sessions();
    const sent = session?.positions.get(`${it0.mat}/1` as never) ?? 0;
    // the last delivery may overdraw by less than one batch
    expect(sent).toBeGreaterThanOrEqual(LINK_CREDIT);
    expect(sent).toBeLessThan(LINK_CREDIT + 500);
    expect(it0.there.outcomes).toHaveLength(4);
    there?.stall('down', false);
    await it0.pass(0);
    expect(it0.there.held(it0.mat, 1)).toHaveLength(LINK_CREDIT + 2500);
  });

  it('is sent no more than its credit for a side that refuses, however long that is', async () => {
    const it0 = setUp();
    await it0.join();
    it0.there.refuseWith(FULL);
    it0.here.write(it0.mat, 1, numbered('read', LINK_CREDIT + 2500));
    await it0.pass(500);
    const sent = it0.here.sessions()[0]?.positions.get(`${it0.mat}/1` as never) ?? 0;
    expect(sent).toBeLessThan(LINK_CREDIT + 500);
    it0.there.refuseWith(null);
    await it0.pass(5_000);
    expect(it0.there.held(it0.mat, 1)).toHaveLength(LINK_CREDIT + 2500);
  });

  it('[P4] other reads under one number are told once, stay as they are on both sides, and the next epoch is carried', async () => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('one device', 40));
    it0.there.write(it0.mat, 1, numbered('another', 60));
    await it0.join();
    it0.here.write(it0.mat, 1, ['later']);
    it0.there.write(it0.mat, 1, ['late']);
    it0.here.write(it0.mat, 2, numbered('again', 5));
    await it0.look();
    expect(it0.here.held(it0.mat, 1)).toEqual([...numbered('one device', 40), 'later']);
    expect(it0.there.held(it0.mat, 1)).toEqual([...numbered('another', 60), 'late']);
    expect(it0.there.held(it0.mat, 2)).toEqual(numbered('again', 5));
    expect(it0.said('INTEGRITY_CONFLICT')).toMatchObject([{ level: 'error', fields: { streamId: it0.mat, epoch: 1 } }]);
  });

  it('[P4] [P9] what differed is compared anew at each attach: a relay restored from before it is filled from the other', async () => {
    const it0 = setUp();
    for (const side of SIDES) it0[side].write(it0.mat, 1, numbered('common', 20));
    await it0.join();
    it0.here.cut();
    it0.here.write(it0.mat, 1, numbered('one device', 40));
    it0.there.write(it0.mat, 1, numbered('another', 60));
    await it0.pass(2_000);
    await it0.look();
    const conflict = { streamId: it0.mat, epoch: 1, seq: 29 };
    expect(it0.link.report()).toEqual({ conflicts: [conflict], isComplete: true, sealedAlike: [] });
    // again, and still
    it0.there.cut();
    await it0.pass(2_000);
    await it0.look();
    expect(it0.link.report().conflicts).toEqual([conflict]);
    it0.there.cut();
    it0.there.forget(it0.mat, 1, 15);
    expect(it0.link.report().isComplete).toBe(false);
    await it0.pass(2_000);
    await it0.look();
    expect(it0.link.report()).toEqual({ conflicts: [], isComplete: true, sealedAlike: [] });
    expect(it0.there.held(it0.mat, 1)).toEqual([...numbered('common', 20), ...numbered('one device', 40)]);
  });

  it('[P27] an epoch that is sealed at one side is sealed at the other once its last reads are there, to the same hash', async () => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('read', 2000));
    it0.here.seal(it0.mat, 1);
    it0.link.connect();
    await it0.pass(0);
    const there = it0.opened('/sync', 'there')[0];
    there?.stall('up', true);
    await it0.look();
    // reads are on their way: to be told of the end now would seal an epoch that lacks some
    expect(it0.there.isSealed(it0.mat, 1)).toBe(false);
    const told = () =>
      it0.there.messages.filter((message) => message.type === 'epochOpened' && message.ended.length > 0);
    expect(told()).toEqual([]);
    there?.stall('up', false);
    await it0.pass(0);
    await it0.look();
    expect(it0.there.isSealed(it0.mat, 1)).toBe(true);
    expect(told()).toMatchObject([{ streamId: it0.mat, ended: [{ epoch: 1, seq: 2000 }] }]);
    expect(it0.there.hashOf(it0.mat, 1)).toBe(it0.here.hashOf(it0.mat, 1));
    await it0.look();
    expect(told()).toHaveLength(1);
  });

  it('[P27] a seal that got lost with the line is told again after the next attach', async () => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('read', 20));
    await it0.join();
    it0.opened('/sync', 'there')[0]?.stall('up', true);
    it0.here.openEpoch(it0.mat, 2);
    it0.here.seal(it0.mat, 1);
    await it0.pass(0);
    it0.there.cut();
    await it0.pass(2_000);
    await it0.look();
    expect(it0.there.isSealed(it0.mat, 1)).toBe(true);
  });

  it('[P20] once both have caught up, the waits after a cut begin from the shortest again', async () => {
    const it0 = setUp({ random: () => 0.999_999 });
    it0.link.connect();
    for (let round = 0; round < 4; round++) {
      await it0.pass(0);
      it0.there.cut();
      await it0.pass(1000 * 2 ** round);
    }
    expect(it0.link.isJoined()).toBe(true);
    await it0.look();
    it0.there.cut();
    await it0.pass(1_000);
    expect(it0.link.isJoined()).toBe(true);
  });

  it('[P27] an epoch that ends while both are in step is sealed at once, before the lists are looked at again', async () => {
    const it0 = setUp();
    it0.here.write(it0.mat, 1, numbered('read', 20));
    await it0.join();
    it0.here.openEpoch(it0.mat, 2);
    it0.here.seal(it0.mat, 1);
    await it0.pass(0);
    expect(it0.there.isSealed(it0.mat, 1)).toBe(true);
    expect(it0.there.streams.get(it0.mat)?.epoch).toBe(2);
  });

  it('[P4] an epoch that both have sealed, and not as the same, is told of once', async () => {
    const it0 = setUp();
    // alike where the link compares, and not before
    for (const side of SIDES) {
      it0[side].write(it0.mat, 1, [side, ...numbered('read', 200)]);
      it0[side].seal(it0.mat, 1);
    }
    it0.here.attached.clear();
    await it0.join();
    await it0.look();
    expect(it0.said('a sealed epoch is another one')).toHaveLength(1);
    const conflict = { streamId: it0.mat, epoch: 1, seq: null };
    expect(it0.link.report().conflicts).toEqual([conflict]);
    // known as long as nothing else is
    it0.there.cut();
    await it0.pass(2_000);
    expect(it0.link.report().conflicts).toEqual([conflict]);
    it0.there.cut();
    it0.there.forget(it0.mat, 1, 0);
    it0.there.write(it0.mat, 1, it0.here.held(it0.mat, 1));
    await it0.pass(2_000);
    await it0.look();
    expect(it0.link.report()).toMatchObject({ conflicts: [], sealedAlike: [{ streamId: it0.mat, epoch: 1 }] });
  });

  it('a command for a forwarder at the other end is handed on, and confirmed where it came from', async () => {
    const it0 = setUp();
    await it0.join();
    it0.there.command(it0.mat, 2);
    await it0.pass(0);
    expect(it0.commands).toEqual([`there ${it0.mat} 2`]);
    it0.link.confirm('there', it0.mat, 2);
    await it0.pass(0);
    expect(it0.there.messages.at(-1)).toMatchObject({ type: 'epochOpened', streamId: it0.mat, epoch: 2 });
  });

  it('tells each side which forwarders are attached at the other, when that changes', async () => {
    const it0 = setUp();
    await it0.join();
    const toldAt = (side: Side) => it0[side].messages.filter(({ type }) => type === 'capabilities');
    expect(toldAt('there')).toMatchObject([{ capabilities: { relay: { side: 'venue', forwarders: ['box'] } } }]);
    await it0.look();
    expect(toldAt('there')).toHaveLength(1);
    it0.here.attached.clear();
    await it0.look();
    expect(toldAt('there').at(-1)).toMatchObject({ capabilities: { relay: { side: 'venue', forwarders: [] } } });
  });

  it('a relay that sends what does not decode is left, and asked again', async () => {
    const it0 = setUp();
    await it0.join();
    const frame = encodeReads({ streamId: it0.mat, epoch: 1, firstSeq: 1, batch: Uint8Array.of(250, 1, 2) });
    it0.here.sessions()[0]?.pair.send(frame);
    await it0.pass(0);
    expect(it0.link.isJoined()).toBe(false);
    await it0.pass(3_000);
    expect(it0.link.isJoined()).toBe(true);
    expect(it0.there.held(it0.mat, 1)).toEqual([]);
  });

  it('stopped in the middle of its work, it leaves both, sends nothing more and sets no timer', async () => {
    const it0 = setUp();
    it0.there.refuseWith(FULL);
    it0.here.write(it0.mat, 1, numbered('read', 5000));
    await it0.join();
    it0.link.close();
    const said = it0.there.messages.length;
    it0.network.flush();
    expect(it0.time.pending()).toBe(0);
    await it0.pass(120_000, 5_000);
    expect(it0.there.sessions()).toEqual([]);
    expect(it0.there.messages.slice(said).map(({ type }) => type)).toEqual(['detach']);
    expect(it0.there.held(it0.mat, 1)).toEqual([]);
  });
});
