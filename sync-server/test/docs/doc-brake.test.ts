import { TokenId } from '@baton/schema/ids';
import { CLOSE } from '@baton/schema/protocol';
import { createVirtualTime } from '@baton/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocBrake, type SendLimits, sendLimitsOf } from '../../src/docs/doc-brake.ts';
import { DOC_ROOMS_DEFAULTS } from '../../src/docs/doc-rooms.ts';
import { settle, syncFrame } from './doc-client.ts';
import { createRooms, EVENT, grantOf, SETUP } from './rooms-fixture.ts';

const UPDATE = syncFrame(2, Uint8Array.of(0, 0));
const STEP1 = syncFrame(0, Uint8Array.of(0));

const braked = (limits: SendLimits) => {
  const time = createVirtualTime();
  let paused = false;
  let closed: number | null = null;
  let pauses = 0;
  const socket = {
    close: (code: number) => {
      closed = code;
    },
    pause: () => {
      paused = true;
      pauses++;
    },
    resume: () => {
      paused = false;
    },
  };
  const brake = createDocBrake(socket, limits, time.timers);
  return { time, brake, isPaused: () => paused, closed: () => closed, pauses: () => pauses };
};

describe('a connection that sends much', () => {
  it('[P19] gets through what its limit says and no more, and loses nothing', () => {
    const anyRate = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(anyRate, fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 40 }), (perSecond, waits) => {
        const { time, brake, isPaused, closed } = braked(sendLimitsOf(perSecond, 1_000_000));
        let taken = 0;
        for (const ms of waits) {
          // as much as it can until nothing is read from it any more
          while (!isPaused() && brake.take(UPDATE)) taken++;
          time.advance(ms);
        }
        const seconds = waits.reduce((sum, ms) => sum + ms, 0) / 1000;
        expect(closed()).toBeNull();
        expect(taken).toBeLessThanOrEqual(5 * perSecond + perSecond * seconds + waits.length);
        if (waits.length > 0) expect(taken).toBeGreaterThanOrEqual(5 * perSecond);
      }),
    );
  });

  it('is not held back for an import of 55,000 people in frames of 1 MiB, nor for a storm of undos', () => {
    const { brake, pauses } = braked(DOC_ROOMS_DEFAULTS.editors);
    const frame = new Uint8Array(1024 * 1024);
    for (let n = 0; n < 12; n++) brake.take(frame);
    for (let n = 0; n < 4000; n++) brake.take(UPDATE);
    expect(pauses()).toBe(0);
  });

  it('asks for the whole document again and again only so often', () => {
    const { brake, pauses } = braked(sendLimitsOf(100, 1_000_000));
    for (let n = 0; n < 26; n++) brake.take(STEP1);
    expect(pauses()).toBe(1);
  });

  it('[P16] is closed for good when what it owes is absurd', () => {
    const { brake, closed } = braked(sendLimitsOf(10, 1_000_000));
    let taken = 0;
    while (brake.take(UPDATE)) taken++;
    expect(closed()).toBe(CLOSE.rate);
    expect(taken).toBe(350);
  });

  it('leaves no timer behind', () => {
    const { time, brake } = braked(sendLimitsOf(1, 1_000_000));
    for (let n = 0; n < 10; n++) brake.take(UPDATE);
    expect(time.pending()).toBe(1);
    brake.release();
    expect(time.pending()).toBe(0);
  });
});

describe('in a document', () => {
  it('[P19] who may only read is stopped long before who may write, and the others go on', async () => {
    const { joinSynced } = await createRooms();
    const editor = await joinSynced(SETUP, grantOf('operator'));
    const other = await joinSynced(SETUP, grantOf('viewer'));
    const flooder = await joinSynced(SETUP, grantOf('viewer'));
    for (let n = 0; n < 1000; n++) {
      flooder.say(UPDATE);
      editor.doc.getMap('m').set('n', n);
    }
    await settle();
    expect(flooder.closed()?.code).toBe(CLOSE.rate);
    expect(editor.closed()).toBeNull();
    expect(other.doc.getMap('m').get('n')).toBe(999);
  });

  it('one token has so many connections and no more, whatever their documents', async () => {
    const { join, registry, refusals } = await createRooms({
      rooms: { tokens: { connections: 2, joins: { perSecond: 1, burst: 100 } } },
    });
    const tokenOf = (id: string) => ({
      tokenId: TokenId.parse(id),
      hash: id,
      role: 'operator' as const,
      eventId: EVENT,
      nodeId: null,
      label: null,
      createdAt: 0,
      expiresAt: null,
    });
    await registry.change(['one', 'two'].map((id) => ({ type: 'putToken', token: tokenOf(id) }) as const));
    const grant = grantOf('operator', null, { tokenId: TokenId.parse('one') });
    const first = join(SETUP, grant);
    join('events/spring-run/roster', grant);
    const third = join(SETUP, grant);
    await settle();
    expect(third.closed()?.code).toBe(CLOSE.rate);
    expect(refusals).toEqual(['RATE_LIMITED']);
    const others = join(SETUP, grantOf('operator', null, { tokenId: TokenId.parse('two') }));
    first.hangUp();
    const again = join(SETUP, grant);
    await settle();
    expect([others.isSynced(), again.isSynced()]).toEqual([true, true]);
  });

  it('one token opens so many a second; who comes back later is let in', async () => {
    const { join, time } = await createRooms({
      rooms: { tokens: { connections: 100, joins: { perSecond: 10, burst: 20 } } },
    });
    const clients = Array.from({ length: 30 }, () => join(SETUP, grantOf('operator')));
    await settle();
    expect(clients.map((it) => it.closed()?.code).filter((code) => code === CLOSE.tryLater).length).toBe(10);
    await time.advanceAsync(1000);
    const later = Array.from({ length: 10 }, () => join(SETUP, grantOf('operator')));
    await settle();
    expect(later.every((it) => it.isSynced())).toBe(true);
  });
});
