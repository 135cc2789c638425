import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import type { Attention } from '../../src/platform/attention.ts';
import type { HttpReply, HttpRequest } from '../../src/platform/http.ts';
import type { Live } from '../../src/platform/live.ts';
import { pauseAfter } from '../../src/platform/pause-after.ts';
import { startPoll } from '../../src/platform/poll.ts';

const createAttention = () => {
  let visible = true;
  const listeners = new Set<() => void>();
  const attention: Attention = {
    visible: () => visible,
    online: () => true,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const setVisible = (value: boolean): void => {
    visible = value;
    for (const listener of listeners) listener();
  };
  return { attention, setVisible, listeners };
};

const start = () => {
  const time = createVirtualTime();
  const { attention, setVisible, listeners } = createAttention();
  const asked: (HttpRequest | undefined)[] = [];
  const replies: HttpReply[] = [];
  const seen: Live<string>[] = [];
  const poll = startPoll(
    {
      ...time,
      random: { next: () => 1 },
      attention,
      http: async (_, request) => {
        asked.push(request);
        return replies.shift() ?? { type: 'unreachable' };
      },
    },
    {
      path: '/x',
      decode: (body) => (typeof body === 'string' ? body : null),
      everyMs: 1000,
      onChange: (live) => seen.push(live),
    },
  );
  return { time, asked, replies, seen, poll, setVisible, listeners };
};

const okay = (body: unknown, etag: string | null = null): HttpReply => ({ type: 'ok', body, etag });

describe('polling', () => {
  it('asks at once and then again after each answer, with the last ETag', async () => {
    const { time, asked, replies, seen } = start();
    replies.push(okay('b', '"2"'), { type: 'not-modified' });
    await time.advanceAsync(0);
    expect(seen).toEqual([{ value: null, confirmedAt: null, problem: { type: 'unreachable' } }]);
    await time.advanceAsync(2000);
    expect(seen.at(-1)).toMatchObject({ value: 'b', problem: null });
    await time.advanceAsync(1000);
    expect(asked.at(-1)).toEqual({ etag: '"2"' });
    expect(seen.at(-1)).toMatchObject({ value: 'b', confirmedAt: time.clock.now(), problem: null });
  });

  it('keeps the value and its age when the relay goes away', async () => {
    const { time, replies, seen } = start();
    replies.push(okay('kept'));
    await time.advanceAsync(0);
    await time.advanceAsync(2000);
    replies.push(okay('kept'));
    await time.advanceAsync(4000);
    const confirmedAt = seen.at(-1)?.confirmedAt;
    await time.advanceAsync(2000);
    expect(seen.at(-1)).toEqual({ value: 'kept', confirmedAt, problem: { type: 'unreachable' } });
  });

  it('names a body that it does not understand instead of showing it', async () => {
    const { time, replies, seen } = start();
    replies.push(okay(42));
    await time.advanceAsync(0);
    await time.advanceAsync(2000);
    expect(seen.at(-1)).toEqual({ value: null, confirmedAt: null, problem: { type: 'unreadable' } });
  });

  it('rests while the page is hidden and asks at once when it is seen again', async () => {
    const { time, asked, setVisible } = start();
    await time.advanceAsync(0);
    setVisible(false);
    await time.advanceAsync(60_000);
    expect(asked).toHaveLength(1);
    setVisible(true);
    await time.advanceAsync(0);
    expect(asked).toHaveLength(2);
  });

  it('stops for good', async () => {
    const { time, asked, poll, setVisible, listeners } = start();
    await time.advanceAsync(0);
    poll.stop();
    setVisible(true);
    poll.refresh();
    await time.advanceAsync(60_000);
    expect(asked).toHaveLength(1);
    expect(listeners.size).toBe(0);
  });

  it('doubles the pause with each failure up to a bound, with jitter', () => {
    expect([0, 1, 2, 3].map((failures) => pauseAfter(1000, failures, 1))).toEqual([1000, 2000, 4000, 8000]);
    expect(pauseAfter(1000, 50, 1)).toBe(15_000);
    expect(pauseAfter(1000, 3, 0)).toBe(4000);
    expect(pauseAfter(30_000, 5, 1)).toBe(30_000);
  });

  it('[P28] tells at once what the device kept, then what the relay says, and keeps that with its age', async () => {
    const time = createVirtualTime();
    const { attention } = createAttention();
    const kept: [string, unknown, number][] = [];
    const seen: Live<string>[] = [];
    const replies: HttpReply[] = [{ type: 'unreachable' }, okay('new'), { type: 'not-modified' }];
    const known = (value: string): Live<string> => ({ value, confirmedAt: 7, problem: null });
    const deps = {
      ...time,
      random: { next: () => 1 },
      attention,
      http: async () => replies.shift() ?? ({ type: 'unreachable' } as const),
      kept: {
        recall: <T>(_: string, decode: (body: unknown) => T | null) => ({ ...known(''), value: decode('old') }),
        keep: (name: string, body: unknown, at: number) => void kept.push([name, body, at]),
        forget: () => {},
      },
    };
    const decode = (body: unknown): string | null => (typeof body === 'string' ? body : null);
    const plan = { path: '/x', decode, everyMs: 1000, onChange: (live: Live<string>) => seen.push(live) };
    startPoll(deps, { ...plan, isKept: true });
    expect(seen).toEqual([known('old')]);
    await time.advanceAsync(0);
    expect(seen.at(-1)).toEqual({ ...known('old'), problem: { type: 'unreachable' } });
    await time.advanceAsync(3000);
    expect(seen.at(-1)?.value).toBe('new');
    expect(kept.map(([name, body]) => [name, body])).toEqual([
      ['/x', 'new'],
      ['/x', 'new'],
    ]);
    expect(kept.at(-1)?.[2]).toBeGreaterThan(kept[0]?.[2] ?? 0);
    kept.length = 0;
    replies.push(okay('other'));
    startPoll(deps, plan);
    await time.advanceAsync(0);
    expect(kept).toEqual([]);
  });
});
