import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import {
  followCollection,
  type LiveCollectionOptions,
  type LiveCollectionState,
  type LiveSocket,
} from '../../src/live-client/live-collection.ts';

type Listener = (event: never) => void;

/** A socket whose other end is the test. */
const createLine = () => {
  const listeners = new Map<string, Listener[]>();
  const sent: string[] = [];
  let closed: number | null = null;
  const fire = (type: string, event: object = {}): void => {
    for (const listener of listeners.get(type) ?? []) listener(event as never);
  };
  const socket: LiveSocket = {
    send: (text) => sent.push(text),
    close: (code) => {
      closed ??= code ?? 1005;
    },
    addEventListener: (type: string, listener: Listener) => {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
  };
  return {
    socket,
    sent: () =>
      sent.map((text) => JSON.parse(text) as { readonly type: string; readonly payload: Record<string, unknown> }),
    open: () => fire('open'),
    say: (type: string, payload: object) => fire('message', { data: JSON.stringify({ type, payload }) }),
    raw: (data: unknown) => fire('message', { data }),
    end: (code = 1006, reason = '') => fire('close', { code, reason }),
    closed: () => closed,
  };
};

const stage = (options: Partial<LiveCollectionOptions> = {}) => {
  const time = createVirtualTime();
  const lines: ReturnType<typeof createLine>[] = [];
  const urls: string[] = [];
  const states: LiveCollectionState[] = [];
  const followed = followCollection(
    {
      timers: time.timers,
      random: { next: () => 0.999 },
      openSocket: (url) => {
        const line = createLine();
        lines.push(line);
        urls.push(url);
        return line.socket;
      },
    },
    {
      relay: 'https://timing.example/',
      eventId: 'run',
      collection: 'results',
      onChange: (_, state) => states.push(state),
      ...options,
    },
  );
  const line = () => {
    const last = lines.at(-1);
    if (last === undefined) throw new Error('no socket was opened');
    return last;
  };
  return { time, lines, urls, states, followed, line };
};

const doc = (bib: string, version = 1) => ({ id: `results/r/${bib}`, version, bib });
const bibs = ({ followed }: ReturnType<typeof stage>) => [...followed.documents().values()].map((it) => it['bib']);

describe('the small client', () => {
  it('shows its token in a message, never in the address, and asks for a snapshot', () => {
    const it = stage({ token: 'secret', filters: [{ field: 'rank', op: '<=', value: 3 }] });
    it.line().open();
    expect(it.urls).toEqual(['wss://timing.example/api/v1/live']);
    expect(it.line().sent()).toMatchObject([
      { type: 'auth', payload: { token: 'secret' } },
      {
        type: 'subscribe',
        payload: { eventId: 'run', filters: [{ field: 'rank', op: '<=', value: 3 }], sendSnapshot: true },
      },
    ]);
  });

  it('merges snapshot and changes, leaving included', () => {
    const it = stage();
    it.line().open();
    it.line().say('snapshot', { documents: [doc('1')], complete: false });
    expect([bibs(it), it.followed.state().isCurrent]).toEqual([[], false]);
    it.line().say('snapshot', { documents: [doc('2')], complete: true, place: 'era:4' });
    expect([bibs(it), it.followed.state().isCurrent]).toEqual([['1', '2'], true]);
    it.line().say('event', { delta: { type: 'create', id: 'results/r/3', document: doc('3') }, place: 'era:5' });
    it.line().say('event', { delta: { type: 'delete', id: 'results/r/1' }, place: 'era:6' });
    expect(bibs(it)).toEqual(['2', '3']);
  });

  it('keeps what it holds through a break, says that it is old, and goes on from its place', () => {
    const it = stage();
    it.line().open();
    it.line().say('snapshot', { documents: [doc('1')], complete: true, place: 'era:4' });
    it.line().end();
    expect([bibs(it), it.followed.state()]).toEqual([['1'], { isCurrent: false, refused: null }]);
    it.time.advance(1000);
    it.line().open();
    expect(it.line().sent()[0]).toMatchObject({ payload: { after: 'era:4' } });
    it.line().say('subscribeAck', { resumed: true });
    it.line().say('event', { delta: { type: 'update', id: 'results/r/1', document: doc('1', 2) }, place: 'era:5' });
    expect(it.followed.state().isCurrent).toBe(true);
    expect(it.followed.documents().get('results/r/1')?.version).toBe(2);
  });

  it('drops a snapshot that was cut, and takes the next one whole', () => {
    const it = stage();
    it.line().open();
    it.line().say('snapshot', { documents: [doc('old')], complete: false });
    it.line().end();
    it.time.advance(1000);
    it.line().open();
    it.line().say('snapshot', { documents: [doc('new')], complete: true });
    expect(bibs(it)).toEqual(['new']);
  });

  it('starts anew when it is told so, and shows the old until then', () => {
    const it = stage();
    it.line().open();
    it.line().say('snapshot', { documents: [doc('1'), doc('2')], complete: true });
    it.line().say('resync', {});
    expect([bibs(it), it.followed.state().isCurrent]).toEqual([['1', '2'], false]);
    it.line().say('snapshot', { documents: [doc('2')], complete: true });
    expect([bibs(it), it.followed.state().isCurrent]).toEqual([['2'], true]);
  });

  it('waits 1, 2, 4 … 30 s at most, and 1 s again once it was current', () => {
    const it = stage();
    const waits: number[] = [];
    for (let round = 0; round < 7; round++) {
      it.line().end();
      waits.push(Math.round((it.time.untilNext() ?? 0) / 1000));
      it.time.advance(30_000);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
    it.line().open();
    it.line().say('snapshot', { documents: [], complete: true });
    it.line().end();
    expect(Math.round((it.time.untilNext() ?? 0) / 1000)).toBe(1);
  });

  it('gives up a connection on which nothing comes for 90 s', () => {
    const it = stage();
    it.line().open();
    it.time.advance(60_000);
    it.line().say('heartbeat', { at: 1 });
    it.time.advance(89_000);
    expect(it.line().closed()).toBeNull();
    it.time.advance(2000);
    expect(it.line().closed()).not.toBeNull();
  });

  it.each([4401, 4403, 4404])('stays away after %i, and says why', (code) => {
    const it = stage();
    it.line().end(code, 'no such token');
    it.time.advance(100_000);
    expect(it.lines).toHaveLength(1);
    expect(it.followed.state()).toEqual({ isCurrent: false, refused: 'no such token' });
  });

  it('stays away when the subscription is refused', () => {
    const it = stage();
    it.line().open();
    it.line().say('error', { code: 'BAD_REQUEST', message: 'unknown operator' });
    it.line().end(1000);
    it.time.advance(100_000);
    expect(it.lines).toHaveLength(1);
    expect(it.followed.state().refused).toBe('unknown operator');
  });

  it('ignores what it does not understand', () => {
    const it = stage();
    it.line().open();
    for (const data of ['{', 'null', '7', new ArrayBuffer(3), '{"type":"later"}']) it.line().raw(data);
    expect(it.followed.state()).toEqual({ isCurrent: false, refused: null });
  });

  it('is quiet once it was closed', () => {
    const it = stage();
    it.line().open();
    const before = it.states.length;
    it.followed.close();
    it.line().say('snapshot', { documents: [doc('1')], complete: true });
    it.line().end();
    it.time.advance(100_000);
    expect([it.states.length, it.lines.length, it.time.pending()]).toEqual([before, 1, 0]);
  });
});
