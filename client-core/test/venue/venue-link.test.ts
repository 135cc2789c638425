import type { VenueLink } from '@baton/schema/command';
import { type EventId, NodeId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createVenueLink } from '../../src/venue/venue-link.ts';
import { ADDRESSES, createLinkStage, type LinkStage, numbered } from './link-stage.ts';
import { EVENT } from './model-relay.ts';

const links: VenueLink[] = [];

const open = (stage: LinkStage, venueId = 'venue-1'): VenueLink => {
  const link = createVenueLink(stage.deps, { relays: ADDRESSES, venueId });
  links.push(link);
  return link;
};

const addEvent = (relay: LinkStage['here'], eventId: string): void => {
  const [event] = relay.events.values();
  if (event !== undefined) relay.events.set(eventId as EventId, { ...event, eventId: eventId as EventId });
};

const asked = ({ there }: LinkStage): number => there.asked.filter((it) => it === 'GET /me').length;

describe('a link to the relay elsewhere', () => {
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
  });

  it('with an operator’s token carries the one event of that token, as a node of its own in it', async () => {
    const stage = createLinkStage();
    addEvent(stage.there, 'autumn-run');
    open(stage);
    await stage.pass(5_000);
    expect(stage.there.hellos.map(({ eventId, nodeId }) => [eventId, nodeId])).toEqual([[EVENT, `venue-1~${EVENT}`]]);
    expect(stage.here.events.has('autumn-run' as EventId)).toBe(false);
  });

  it('with the admin’s carries all events of both, and finds those that come later', async () => {
    const stage = createLinkStage();
    stage.there.setRole('admin');
    addEvent(stage.here, 'tent-run');
    open(stage);
    await stage.pass(5_000);
    addEvent(stage.there, 'autumn-run');
    await stage.pass(15_000);
    expect([...stage.here.events.keys()].sort()).toEqual(['autumn-run', EVENT, 'tent-run']);
    expect([...stage.there.events.keys()].sort()).toEqual(['autumn-run', EVENT, 'tent-run']);
    const nodes = stage.there.hellos.map(({ nodeId }) => nodeId).sort();
    expect(nodes).toEqual(['venue-1~autumn-run', `venue-1~${EVENT}`, 'venue-1~tent-run']);
  });

  it('[P8] says which token it needs when it has another, and links nothing', async () => {
    const stage = createLinkStage();
    stage.there.setRole('viewer');
    const link = open(stage);
    await stage.pass(5_000);
    expect(stage.said('gives no events')[0]?.fields).toEqual({
      cause: 'expected an operator’s token or the admin’s, this is one of role viewer; give --upstream-token another',
    });
    expect(link.sight()).toMatchObject({
      events: [],
      failure: { kind: 'refused', cause: expect.stringContaining('give --upstream-token another') },
    });
    expect(stage.network.pairs).toEqual([]);
  });

  it('says where the other relay is, when it was heard, and what went over the line to it', async () => {
    const stage = createLinkStage();
    const mat = stage.here.addStream('box', 'mat');
    stage.here.attached.add(NodeId.parse('box'));
    const link = open(stage);
    expect(link.sight()).toEqual({
      upstream: 'http://far',
      heardAt: null,
      failure: null,
      sentBytes: 0,
      receivedBytes: 0,
      events: [],
    });
    await stage.pass(5_000);
    const before = link.sight();
    expect(before.events).toMatchObject([{ eventId: EVENT, state: 'connected' }]);
    expect(before.receivedBytes).toBeGreaterThan(0);
    const lines = numbered('a line that is sent over to the other relay', 100);
    stage.here.write(mat, 1, lines);
    await stage.pass(0);
    const carried = lines.join('').length;
    const { sentBytes } = link.sight();
    expect(sentBytes - before.sentBytes).toBeGreaterThan(carried);
    // what the relay here sent and was sent does not count
    expect(sentBytes - before.sentBytes).toBeLessThan(carried * 1.5);
    expect(link.sight().receivedBytes - before.receivedBytes).toBeLessThan(carried / 2);
    stage.there.setReachable(false);
    stage.there.cut();
    const heardAt = link.sight().heardAt ?? 0;
    await stage.pass(60_000, 1_000);
    // why there is no line, its event says
    expect(link.sight()).toMatchObject({
      heardAt,
      failure: null,
      events: [{ cause: expect.stringContaining('no line') }],
    });
    expect(stage.time.clock.now() - heardAt).toBeGreaterThanOrEqual(60_000);
  });

  it('[P20] asks a relay that is away with waits up to half a minute, and links once it is there', async () => {
    const stage = createLinkStage({ random: () => 0.999_999 });
    stage.there.setReachable(false);
    const link = open(stage);
    await stage.pass(600_000, 1_000);
    expect(link.sight().failure).toEqual({ kind: 'away', cause: 'the relay cannot be reached: no line' });
    const before = asked(stage);
    await stage.pass(320_000, 1_000);
    expect(asked(stage) - before).toBe(10);
    stage.there.setReachable(true);
    await stage.pass(40_000, 1_000);
    expect(stage.there.sessions()).toHaveLength(1);
    expect(link.sight().failure).toBeNull();
  });

  it('tells a relay that refuses the token from one that is not there', async () => {
    const stage = createLinkStage();
    stage.there.closeWith(CLOSE.unauthorized, 'UNAUTHORIZED');
    const link = open(stage);
    await stage.pass(5_000);
    expect(link.sight().failure).toEqual({ kind: 'refused', cause: 'the relay refused: UNAUTHORIZED (UNAUTHORIZED)' });
  });

  it.each(['asking', 'linked', 'away'])(
    'closed while it is %s, it opens nothing more and sets no timer',
    async (phase) => {
      const stage = createLinkStage();
      stage.there.setReachable(phase !== 'away');
      const link = open(stage);
      if (phase !== 'asking') await stage.pass(5_000);
      await link.close();
      await stage.pass(0);
      const [asks, connections] = [stage.there.asked.length, stage.network.pairs.length];
      await stage.pass(120_000, 1_000);
      expect([stage.there.asked.length, stage.network.pairs.length]).toEqual([asks, connections]);
      expect(stage.time.pending()).toBe(0);
      expect(stage.there.sessions()).toEqual([]);
    },
  );
});
