import { NodeId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { describe, expect, it } from 'vitest';
import { createLinkSessions, type LinkSessions } from '../../src/venue/link-sessions.ts';
import { ADDRESSES, createLinkStage } from './link-stage.ts';
import { EVENT } from './model-relay.ts';

const setUp = (random?: () => number) => {
  const stage = createLinkStage(random === undefined ? {} : { random });
  const events: string[] = [];
  const hello = { eventId: EVENT, nodeId: NodeId.parse('venue-1~spring-run'), clientVersion: '0.1' };
  const sessions: LinkSessions = createLinkSessions(stage.deps, {
    relays: ADDRESSES,
    hello: () => hello,
    onJoined: ({ here, there }) => events.push(`joined ${here.sessionId} ${there.sessionId}`),
    onLeft: () => events.push('left'),
    onMessage: () => {},
    onReads: () => {},
  });
  return { ...stage, sessions, events };
};

/** Milliseconds between the tries at the far relay, over this time. */
const waitsOf = async ({ time, network, opened }: ReturnType<typeof setUp>, ms: number): Promise<readonly number[]> => {
  const begun: number[] = [];
  for (let gone = 0; gone < ms; gone += 500) {
    network.flush();
    while (begun.length < opened('/sync', 'there').length) begun.push(gone);
    await time.advanceAsync(500);
  }
  return begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
};

describe('the two sessions of a link', () => {
  it('calls the relay elsewhere first, the one here once that has answered, and is joined with both', async () => {
    const it0 = setUp();
    it0.sessions.connect();
    expect([it0.opened('/sync', 'there').length, it0.opened('/sync', 'here').length]).toEqual([1, 0]);
    expect(it0.sessions.isJoined()).toBe(false);
    await it0.pass(0);
    expect(it0.opened('/sync', 'here')).toHaveLength(1);
    expect(it0.events).toEqual(['joined here-1 there-1']);
    expect(it0.sessions.isJoined()).toBe(true);
  });

  it.each(['here', 'there'] as const)(
    'both end when the one %s is cut, and begin anew with what is so then',
    async (side) => {
      const it0 = setUp();
      it0.sessions.connect();
      await it0.pass(0);
      it0[side].cut();
      it0.network.flush();
      expect(it0.sessions.isJoined()).toBe(false);
      expect(it0.events.at(-1)).toBe('left');
      expect([it0.here.sessions().length, it0.there.sessions().length]).toEqual([0, 0]);
      await it0.pass(2_000);
      expect(it0.events).toEqual(['joined here-1 there-1', 'left', 'joined here-2 there-2']);
    },
  );

  it('a relay here that comes later than the other is waited for, and no session there is wasted on it', async () => {
    const it0 = setUp();
    it0.here.setReachable(false);
    it0.sessions.connect();
    await it0.pass(20_000);
    expect(it0.events).toEqual([]);
    expect(it0.opened('/sync', 'there')).toHaveLength(1);
    it0.here.setReachable(true);
    await it0.pass(30_000);
    expect(it0.events).toEqual(['joined here-1 there-1']);
  });

  it('[P20] asks a relay that is away with waits that double up to 30 s, all of them drawn anew', async () => {
    const longest = setUp(() => 0.999_999);
    longest.there.setReachable(false);
    longest.sessions.connect();
    expect((await waitsOf(longest, 200_000)).slice(0, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    const draws = [0.5, 0.25, 0.75];
    const jittered = setUp(() => draws.shift() ?? 0.999_999);
    jittered.there.setReachable(false);
    jittered.sessions.connect();
    expect((await waitsOf(jittered, 30_000)).slice(0, 4)).toEqual([500, 500, 3000, 8000]);
  });

  it('[P20] a relay that dies after each welcome is not hammered; once caught up the waits begin from the shortest', async () => {
    const it0 = setUp(() => 0.999_999);
    it0.sessions.connect();
    const untilJoined = async (): Promise<number> => {
      for (let ms = 0; ; ms += 500) {
        await it0.pass(ms === 0 ? 0 : 500);
        if (it0.sessions.isJoined()) return ms;
      }
    };
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      waits.push(await untilJoined());
      if (round === 5) it0.sessions.there.settle();
      it0.there.cut();
    }
    expect(waits).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 1000]);
  });

  it('[P8] a refusal for good ends both and is not tried again by itself', async () => {
    const it0 = setUp();
    it0.sessions.connect();
    await it0.pass(0);
    it0.there.closeWith(CLOSE.unauthorized, 'UNAUTHORIZED');
    await it0.pass(600_000, 5_000);
    expect(it0.events).toEqual(['joined here-1 there-1', 'left']);
    expect(it0.opened('/sync', 'there')).toHaveLength(1);
    expect(it0.here.sessions()).toEqual([]);
    expect(it0.said('refuses this session for good')).toHaveLength(1);
  });

  it('a relay elsewhere that says nothing more counts as gone after three heartbeats', async () => {
    const it0 = setUp();
    it0.sessions.connect();
    await it0.pass(0);
    it0.opened('/sync', 'there')[0]?.vanish();
    await it0.pass(40_000, 1_000);
    expect(it0.sessions.isJoined()).toBe(true);
    await it0.pass(6_000, 1_000);
    expect(it0.events.slice(0, 2)).toEqual(['joined here-1 there-1', 'left']);
  });

  it.each(['calling', 'greeting', 'joined', 'waiting'])(
    'closed while it is %s, it leaves both and nothing behind',
    async (phase) => {
      const it0 = setUp();
      it0.there.setReachable(phase !== 'waiting');
      it0.sessions.connect();
      if (phase === 'greeting') it0.network.latest().deliver('down');
      if (phase === 'joined' || phase === 'waiting') it0.network.flush();
      it0.sessions.close();
      it0.network.flush();
      const opened = it0.network.pairs.length;
      it0.sessions.connect();
      await it0.pass(60_000, 5_000);
      expect(it0.network.pairs).toHaveLength(opened);
      expect(it0.time.pending()).toBe(0);
      expect([it0.here.sessions().length, it0.there.sessions().length]).toEqual([0, 0]);
      expect(it0.sessions.isJoined()).toBe(false);
    },
  );
});
