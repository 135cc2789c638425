import { followCollection, type LiveSocket } from '@baton/client-core/live';
import { createVirtualTime } from '@baton/testkit';
import { signal } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { followAnnouncements } from '../../src/spectator/announcements.ts';
import type { Link } from '../../src/spectator/feed-link.ts';

type Listener = (event: never) => void;

/** A page whose relay is the test. */
const stage = () => {
  const time = createVirtualTime();
  const lines: Map<string, Listener>[] = [];
  const link = signal<Link>({ type: 'connecting' });
  const confirmedAt = signal<number | null>(null);
  const openSocket = (): LiveSocket => {
    const listeners = new Map<string, Listener>();
    lines.push(listeners);
    return {
      send: () => {},
      close: () => {},
      addEventListener: (type: string, listener: Listener) => {
        listeners.set(type, listener);
      },
    };
  };
  const list = followAnnouncements(
    {
      source: { link, confirmedAt },
      clock: time.clock,
      relay: 'https://timing.example',
      follow: (options) =>
        followCollection({ timers: time.timers, random: { next: () => 0.999 }, openSocket }, options),
    },
    'run',
  );
  const fire = (type: string, event: object = {}): void => lines.at(-1)?.get(type)?.(event as never);
  return {
    time,
    link,
    confirmedAt,
    list,
    lines: () => lines.length,
    say: (type: string, payload: object) => fire('message', { data: JSON.stringify({ type, payload }) }),
    end: (code: number, reason: string) => fire('close', { code, reason }),
  };
};

const row = (bib: string | null, at: number) => ({
  id: `announcer/${bib ?? `unknown/${at}`}`,
  version: 1,
  bib,
  name: `Runner ${bib}`,
  raceId: 'r',
  at,
});
const snapshotOf = (...documents: readonly object[]) => ({ subId: 'live', complete: true, documents, place: 'e:1' });

describe('the announcer’s list', () => {
  it('[RT-43] is followed once the event is there, newest first, at most as long as a screen', () => {
    const page = stage();
    expect(page.lines()).toBe(0);
    page.link.value = { type: 'live' };
    page.confirmedAt.value = page.time.clock.now();
    expect([page.lines(), page.list.rows.value]).toEqual([1, null]);
    page.say(
      'snapshot',
      snapshotOf(
        ...Array.from({ length: 30 }, (_, at) => row(String(at), at)),
        { ...row('x', 99), at: 'never' },
        row(null, 50),
      ),
    );
    expect(page.list.rows.value?.map(({ bib }) => bib).slice(0, 3)).toEqual([null, '29', '28']);
    expect(page.list.rows.value).toHaveLength(25);
    page.say('event', { delta: { type: 'delete', id: 'announcer/29', timestamp: 1 } });
    expect(page.list.rows.value?.map(({ bib }) => bib).slice(0, 2)).toEqual([null, '28']);
    expect(page.list.link.value).toEqual({ type: 'live' });
  });

  it('is as old as the last word of the relay, and shown on as stale while it is silent', () => {
    const page = stage();
    page.link.value = { type: 'live' };
    page.say('snapshot', snapshotOf(row('1', 1)));
    const heardAt = page.time.clock.now();
    page.time.advance(20_000);
    page.confirmedAt.value = page.time.clock.now();
    expect(page.list.confirmedAt.value).toBe(heardAt + 20_000);
    page.end(1006, '');
    expect([page.list.link.value.type, page.list.confirmedAt.value]).toEqual(['lost', heardAt + 20_000]);
    expect(page.list.rows.value).toHaveLength(1);
    page.time.advance(5000);
    expect(page.lines()).toBe(2);
    page.say('subscribeAck', { subId: 'live', resumed: true });
    expect(page.list.link.value.type).toBe('live');
  });

  it('begins anew when an event that was taken back is published again', () => {
    const page = stage();
    page.link.value = { type: 'live' };
    page.say('error', { code: 'NOT_FOUND', message: 'there is no such event any more' });
    expect(page.list.link.value.type).toBe('lost');
    page.link.value = { type: 'unknown' };
    page.link.value = { type: 'polling' };
    expect(page.lines()).toBe(2);
    page.say('snapshot', snapshotOf(row('1', 1)));
    expect([page.list.link.value.type, page.list.rows.value?.length]).toEqual(['polling', 1]);
    page.list.stop();
    page.end(1006, '');
    page.time.advance(60_000);
    expect(page.lines()).toBe(2);
  });
});
