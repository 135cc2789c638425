import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachNode, createEvent, createToken, type RelayFixture, startRelay } from '../http/relay-fixture.ts';
import { watch } from './feed-fixture.ts';

let f: RelayFixture;
beforeAll(async () => {
  f = await startRelay();
});
afterAll(() => f.close());

const attachVenue = async (eventId: string, nodeId: string, side = 'venue') => {
  const hello = { nodeId, eventId, readers: [], capabilities: { relay: { side, forwarders: [] } } };
  return attachNode(f, await createToken(f, 'operator', eventId), hello);
};

describe('how fresh a race is that is timed at the venue', () => {
  it('is in the first message, and told when the relay there goes and comes', async () => {
    const { eventId } = await createEvent(f, 'e1');
    const early = await watch(f, eventId);
    const [first] = [await early.until((it) => it.type === 'full')];
    expect(first).not.toHaveProperty('data.venue');

    const tent = await attachVenue(eventId, 'tent');
    await early.until((it) => it.type === 'diff' && it.data.venue?.connected === true);
    const joined = await watch(f, eventId);
    expect(await joined.until((it) => it.type === 'full')).toMatchObject({ data: { venue: { connected: true } } });

    const before = Date.now();
    await tent.close();
    const gone = await joined.until((it) => it.type === 'diff' && it.data.venue?.connected === false);
    const heardAt = gone.type === 'diff' ? (gone.data.venue?.heardAt ?? 0) : 0;
    expect(heardAt).toBeGreaterThan(0);
    expect(heardAt).toBeLessThanOrEqual(before + 60_000);
    const late = await watch(f, eventId);
    expect(await late.until((it) => it.type === 'full')).toMatchObject({
      data: { venue: { connected: false, heardAt } },
    });
    // no diff was jumped over
    const versions = joined.messages.map((it) => (it.type === 'refresh' ? 0 : (it.data.version ?? 0)));
    expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index));
    for (const it of [early, joined, late]) it.socket.close();
  });

  it('says nothing of a link that leads elsewhere, and speaks for the venue that was heard longest ago', async () => {
    const { eventId } = await createEvent(f, 'e2');
    const up = await attachVenue(eventId, 'cloud', 'upstream');
    const viewer = await watch(f, eventId);
    expect(await viewer.until((it) => it.type === 'full')).not.toHaveProperty('data.venue');
    const [north, south] = [await attachVenue(eventId, 'north'), await attachVenue(eventId, 'south')];
    await viewer.until((it) => it.type === 'diff' && it.data.venue?.connected === true);
    await north.close();
    await viewer.until((it) => it.type === 'diff' && it.data.venue?.connected === false);
    await attachVenue(eventId, 'north');
    const last = await watch(f, eventId);
    expect(await last.until((it) => it.type === 'full')).toMatchObject({ data: { venue: { connected: true } } });
    for (const it of [viewer, last]) it.socket.close();
    await Promise.all([up.close(), south.close()]);
  });
});
