import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket as NodeSocket } from 'ws';
import type { Attention } from '../../src/platform/attention.ts';
import { createFeedSocket } from '../../src/platform/feed-socket.ts';
import { createHttp } from '../../src/platform/http.ts';
import { createEventSource, type EventSource } from '../../src/spectator/event-source.ts';
import { afterAsked, afterClose, afterQuiet, retryAfter } from '../../src/spectator/feed-link.ts';
import { followList } from '../../src/spectator/list-follower.ts';
import { QUIET_MS } from '../../src/spectator/quiet-check.ts';
import { everybody } from '../../src/spectator/row-window.ts';
import { type FeedServer, startFeedServer } from './feed-server.ts';
import { diffOf, type Entrant, RACE, rowsOf } from './race-model.ts';

const EVENT = '/api/v1/events/e';
const event = {
  eventId: 'e',
  title: 'Run',
  date: '2026-05-17',
  timezone: 'UTC',
  location: null,
  status: 'running',
};

const runner = (bib: string, finishMs: number | null): Entrant => ({
  bib,
  category: 'A',
  sex: 'F',
  status: null,
  finishMs,
  splitMs: 1,
  startedAt: 1,
});

const full = (entrants: readonly Entrant[], version: number, hub = 'h') => ({
  type: 'full',
  data: {
    hub,
    version,
    event,
    races: [RACE],
    results: rowsOf(entrants).slice(0, 3),
    oncourse: [],
    totals: { r: { results: entrants.length, oncourse: 0 } },
    asOf: 5,
  },
});

const list = (entrants: readonly Entrant[], version: number | null, hub: string | null = 'h') => ({
  data: rowsOf(entrants),
  total: entrants.length,
  asOf: 1,
  hub,
  version,
});

const PATIENCE_MS = 30_000;

/** Waits for real sockets, without moving the clock that timers go by. */
const until = async (isSo: () => boolean): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms in vain`);
    await new Promise((resolve) => setImmediate(resolve));
  }
};

interface World {
  readonly server: FeedServer;
  readonly source: EventSource;
  readonly time: ReturnType<typeof createVirtualTime>;
  readonly look: (state: { visible?: boolean; online?: boolean }) => void;
  readonly link: () => string;
  readonly until: (isSo: () => boolean) => Promise<void>;
  readonly follow: (limit: number) => ReturnType<typeof followList>;
}

const open = async (prepare: (server: FeedServer) => void = () => {}, Socket?: typeof WebSocket): Promise<World> => {
  const server = await startFeedServer();
  server.answers.set(EVENT, event);
  server.answers.set(`${EVENT}/races`, { races: [RACE] });
  prepare(server);
  const time = createVirtualTime();
  const listeners = new Set<() => void>();
  const seen = { visible: true, online: true };
  const attention: Attention = {
    visible: () => seen.visible,
    online: () => seen.online,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const http = createHttp((path, init) => fetch(`${server.origin}${path}`, init), null);
  const { clock, timers } = time;
  const random = { next: () => 0.5 };
  const source = createEventSource(
    {
      http,
      openSocket: createFeedSocket(Socket ?? (NodeSocket as unknown as typeof WebSocket), server.origin),
      clock,
      timers,
      random,
      attention,
      loadPolls: () => import('../../src/spectator/polled-event.ts'),
      isAwaited: () => false,
    },
    'e',
  );
  onTestFinished(source.stop);
  return {
    server,
    source,
    time,
    look: (state) => {
      Object.assign(seen, state);
      for (const it of listeners) it();
    },
    link: () => source.link.value.type,
    until,
    follow: (limit) => {
      const followed = followList({ http, clock, timers, random, source }, 'e', { filter: everybody('r'), limit });
      onTestFinished(followed.stop);
      return followed;
    },
  };
};

const live = async (entrants: readonly Entrant[] = []): Promise<World> => {
  const world = await open();
  await world.until(() => world.server.upgrades() === 1);
  world.server.send(full(entrants, 1));
  await world.until(() => world.link() === 'live');
  return world;
};

describe('the feed', () => {
  it('[CN-03] shows a change when it comes, and asks for nothing besides', async () => {
    const { server, source, until, follow, time } = await live([runner('1', 50)]);
    const rows = follow(50).window;
    expect(rows.value?.rows.map((it) => it.bib)).toEqual(['1']);
    const data = diffOf([runner('1', 50)], [runner('1', 50), runner('2', 40)], 2, 'rows');
    server.send({ type: 'diff', data });
    await until(() => rows.value?.rows.length === 2);
    expect(rows.value?.rows.map((it) => [it.bib, it.rank])).toEqual([
      ['2', 1],
      ['1', 2],
    ]);
    expect(server.asked).toEqual([]);
    expect(source.confirmedAt.value).toBe(time.clock.now());
    expect(source.skewMs.value).toBe(2 - time.clock.now());
  });

  it('[CN-19] comes back with a full state after a diff is missing, and after a refresh', async () => {
    for (const message of [{ type: 'diff', data: { version: 7 } }, { type: 'refresh' }, { type: 'diff', data: 7 }]) {
      const { server, link, until, time } = await live();
      server.send(message);
      await until(() => link() === 'lost');
      await time.advanceAsync(1000);
      await until(() => server.upgrades() === 2);
      server.send(full([], 9, 'other'));
      await until(() => link() === 'live');
    }
  });

  it('comes back also where diffs go on behind the one that is missing', async () => {
    const { server, link, until, time } = await live();
    for (let version = 7; version < 20; version++) server.send({ type: 'diff', data: { version } });
    await until(() => link() === 'lost');
    await until(() => time.untilNext() === 500);
    time.advance(400);
    for (let version = 20; version < 30; version++) server.send({ type: 'diff', data: { version } });
    const echoed = new Promise((resolve) => server.socket(-1).once('pong', resolve));
    server.socket(-1).ping();
    await echoed;
    time.advance(100);
    await until(() => server.upgrades() === 2);
  });

  it('takes a full state that follows a refresh at once', async () => {
    const { server, link, until, time } = await live();
    server.send({ type: 'refresh' });
    await until(() => link() === 'lost');
    server.send(full([], 9));
    await until(() => link() === 'live');
    await time.advanceAsync(5000);
    expect(server.upgrades()).toBe(1);
  });

  it('[CN-18] comes back after the relay went, each time a little later, and at once when somebody looks again', async () => {
    const { server, link, until, time, look } = await live();
    server.refuseWith = 500;
    server.answers.set(EVENT, 'a proxy’s page');
    server.socket(-1).terminate();
    await until(() => link() === 'lost');
    await time.advanceAsync(500);
    await until(() => server.upgrades() === 2 && server.asked.length === 1);
    await until(() => time.untilNext() === 1000);
    look({ visible: false });
    await time.advanceAsync(60_000);
    expect(server.upgrades()).toBe(2);
    server.refuseWith = null;
    look({ visible: true });
    await until(() => server.upgrades() === 3);
    server.send(full([], 1));
    await until(() => link() === 'live');
  });

  it('[CN-15] ends with official results: no socket is opened any more', async () => {
    const { server, source, link, until, time } = await live();
    server.answers.set(EVENT, { ...event, status: 'official' });
    server.send({ type: 'diff', data: { version: 2, status: 'official' } });
    server.socket(-1).close(1000, 'Event results are official');
    await until(() => link() === 'final');
    await time.advanceAsync(300_000);
    expect(server.upgrades()).toBe(1);
    expect(source.state.value?.event.status).toBe('official');
  });

  it('[CN-09] is over when the event is not published any more, and looks for it now and then', async () => {
    const { server, link, until, time } = await live();
    server.answers.delete(EVENT);
    server.send({ type: 'refresh' });
    server.socket(-1).close(4404);
    await until(() => link() === 'unknown');
    server.refuseWith = 404;
    await time.advanceAsync(30_000);
    await until(() => server.upgrades() === 2);
    await until(() => server.asked.includes(EVENT));
    expect(link()).toBe('unknown');
  });
});

describe('a feed that says nothing', () => {
  it('is confirmed by an answer of the same cut', async () => {
    const { server, source, until, time, link } = await live();
    const before = source.confirmedAt.value ?? 0;
    server.answers.set(`${EVENT}/oncourse`, list([], 1));
    await time.advanceAsync(QUIET_MS);
    await until(() => (source.confirmedAt.value ?? 0) > before);
    expect(link()).toBe('live');
  });

  it('is frozen when the relay is further, and is left', async () => {
    const { server, until, time, link } = await live();
    server.answers.set(`${EVENT}/oncourse`, list([], 3));
    await time.advanceAsync(QUIET_MS);
    await until(() => server.asked.length === 1);
    await until(() => time.untilNext() === 2000);
    await time.advanceAsync(2000);
    expect(link()).toBe('lost');
    await time.advanceAsync(500);
    await until(() => server.upgrades() === 2);
  });

  it('is not frozen when what was missing comes right behind', async () => {
    const { server, source, until, time, link } = await live();
    server.answers.set(`${EVENT}/oncourse`, list([], 2));
    await time.advanceAsync(QUIET_MS);
    await until(() => server.asked.length === 1);
    server.send({ type: 'diff', data: { version: 2 } });
    await until(() => source.state.value?.version === 2);
    await time.advanceAsync(5000);
    expect(link()).toBe('live');
    expect(server.upgrades()).toBe(1);
  });

  it('is lost when the relay does not answer either: what is shown is old from then on', async () => {
    const { server, source, until, time, link, look } = await live();
    const confirmed = source.confirmedAt.value;
    server.answers.clear();
    await time.advanceAsync(QUIET_MS - 1);
    look({ online: false });
    await until(() => link() === 'lost');
    expect(source.confirmedAt.value).toBe(confirmed);
  });
});

describe('without a feed', () => {
  it('[CN-11] asks again and again when the relay takes no more sockets, and goes on trying for one', async () => {
    const entrants = [runner('1', 50)];
    const { server, source, until, time, link, follow } = await open((it) => {
      it.refuseWith = 503;
      it.answers.set(`${EVENT}/results/r`, list(entrants, 7));
    });
    await until(() => source.state.value !== null);
    expect(link()).toBe('polling');
    const { window } = follow(50);
    await until(() => window.value?.rows.length === 1);
    server.answers.set(`${EVENT}/results/r`, list([...entrants, runner('2', 40)], 8));
    // the next question is planned when the last one is answered, which takes real time
    await until(() => {
      time.advance(50);
      return window.value?.rows.length === 2;
    });
    server.refuseWith = null;
    await until(() => {
      if (server.opened() === 0) time.advance(50);
      return server.opened() === 1;
    });
    server.send(full([...entrants, runner('2', 40)], 8));
    await until(() => link() === 'live');
    const asked = server.asked.length;
    await time.advanceAsync(15_000);
    expect(server.asked.length).toBe(asked);
  });

  it('shows what it asked for, not what an earlier feed said, and how old that is', async () => {
    const before = [runner('1', 50)];
    const { server, until, time, link, follow } = await live(before);
    const { window, confirmedAt } = follow(50);
    expect(window.value?.rows).toHaveLength(1);
    const heard = time.clock.now();
    server.refuseWith = 503;
    server.answers.set(`${EVENT}/results/r`, 'a proxy’s page');
    server.socket(-1).terminate();
    await until(() => link() === 'lost');
    await until(() => {
      if (link() !== 'polling') time.advance(10);
      return link() === 'polling' && server.asked.some((it) => it.startsWith(`${EVENT}/results/r`));
    });
    expect(confirmedAt.value).toBe(heard);
    expect(window.value?.rows).toHaveLength(1);
    server.answers.set(`${EVENT}/results/r`, list([...before, runner('2', 40)], 8));
    await until(() => {
      time.advance(50);
      return window.value?.rows.length === 2;
    });
    expect(confirmedAt.value).toBeGreaterThan(heard);
  });

  it('works in a browser that has no sockets', async () => {
    const server = await startFeedServer();
    const noSocket = createFeedSocket(undefined, server.origin);
    expect(noSocket('/x', { onFrame: () => {}, onClose: () => {} })).toBeNull();
  });

  it('says so when there is no such event', async () => {
    const { link, until } = await open((it) => {
      it.refuseWith = 404;
      it.answers.clear();
    });
    await until(() => link() === 'unknown');
  });
});

describe('a list longer than what the feed brings', () => {
  it('is asked for once and kept by the feed from then on', async () => {
    const entrants = ['1', '2', '3', '4', '5'].map((bib, at) => runner(bib, 50 + at));
    const { server, until, follow, time } = await live(entrants);
    server.answers.set(`${EVENT}/results/r`, list(entrants, 1));
    const { window } = follow(50);
    expect(window.value?.rows).toHaveLength(3);
    await until(() => window.value?.rows.length === 5);
    server.send({ type: 'diff', data: diffOf(entrants, entrants.slice(1), 2, 'moves') });
    await until(() => window.value?.rows.length === 4);
    expect(window.value?.rows.map((it) => it.rank)).toEqual([1, 2, 3, 4]);
    await time.advanceAsync(10_000);
    expect(server.asked).toHaveLength(1);
  });

  it('is asked for again when the answer is of another life of the relay', async () => {
    const entrants = ['1', '2', '3', '4'].map((bib, at) => runner(bib, 50 + at));
    const { server, until, follow, time } = await live(entrants);
    server.answers.set(`${EVENT}/results/r`, list(entrants, 1, 'before'));
    const { window } = follow(50);
    await until(() => server.asked.length === 1 && time.untilNext() !== null);
    server.answers.set(`${EVENT}/results/r`, list(entrants, 1));
    await time.advanceAsync(10_000);
    await until(() => window.value?.rows.length === 4);
    expect(server.asked).toHaveLength(2);
  });
});

describe('decisions about the link', () => {
  it('tries within 1 s, then doubles up to 30 s, any part of it by chance', () => {
    expect([0, 1, 2, 3, 4, 5, 50].map((failures) => retryAfter(failures, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    expect(retryAfter(5, 0)).toBe(0);
    expect(retryAfter(5, 0.5)).toBe(15_000);
  });

  it('knows what a close means', () => {
    expect(afterClose(4404, true)).toEqual({ type: 'unknown' });
    expect(afterClose(1000, true)).toEqual({ type: 'ask' });
    for (const code of [1001, 1006, 1013, 4429]) expect(afterClose(code, true)).toEqual({ type: 'return' });
    expect(afterClose(1006, false)).toEqual({ type: 'ask' });
  });

  it('knows what the event’s own answer means', () => {
    const refused = (status: number) => ({ type: 'refused', status, code: 'X', message: '', details: {} }) as const;
    expect(afterAsked(refused(404))).toEqual({ type: 'unknown' });
    expect(afterAsked(refused(503))).toEqual({ type: 'lost' });
    expect(afterAsked({ type: 'unreachable' })).toEqual({ type: 'lost' });
    expect(afterAsked({ type: 'ok', body: event, etag: null })).toEqual({ type: 'polling' });
    expect(afterAsked({ type: 'ok', body: { ...event, status: 'official' }, etag: null })).toEqual({ type: 'final' });
    expect(afterAsked({ type: 'ok', body: 'proxy', etag: null })).toEqual({ type: 'lost' });
  });

  it('knows what an answer says about a quiet feed', () => {
    const held = { hub: 'h', version: 4 };
    expect(afterQuiet(held, { hub: 'h', version: 4 })).toEqual({ type: 'confirmed' });
    expect(afterQuiet(held, { hub: 'h', version: 3 })).toEqual({ type: 'confirmed' });
    expect(afterQuiet(held, { hub: 'h', version: 5 })).toEqual({ type: 'behind', version: 5 });
    expect(afterQuiet(held, { hub: 'x', version: 4 })).toEqual({ type: 'lost' });
    expect(afterQuiet(held, null)).toEqual({ type: 'lost' });
  });
});
