import { createVirtualTime } from '@baton/testkit';
import { describe, expect, it } from 'vitest';
import type { HttpReply } from '../../src/platform/http.ts';
import type { KeyValue } from '../../src/platform/key-value.ts';
import { createSessionStore } from '../../src/platform/session-store.ts';
import { tokenLink, tokenOfFragment } from '../../src/platform/token-link.ts';

const createMemory = (content: Record<string, string> = {}) => {
  const kept = new Map(Object.entries(content));
  const storage: KeyValue = {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => {
      kept.set(key, value);
      return true;
    },
    remove: (key) => {
      kept.delete(key);
    },
  };
  return { storage, kept };
};

const operator = { tokenId: 't1', role: 'operator', eventId: 'spring', nodeId: null, label: 'Ann', expiresAt: null };
const okay = (body: unknown): HttpReply => ({ type: 'ok', body, etag: null });
const refused = (status: number, message = 'no'): HttpReply => ({
  type: 'refused',
  status,
  code: 'UNAUTHORIZED',
  message,
  details: {},
});

const open = (
  replies: HttpReply[],
  link: string | null,
  content: Record<string, string> = {},
  memory?: { readonly now: number },
) => {
  const time = createVirtualTime();
  let forgotten = 0;
  const { storage, kept } = createMemory(content);
  const asked: string[] = [];
  const store = createSessionStore(
    {
      httpAs: (token) => async () => {
        asked.push(token);
        return replies.shift() ?? { type: 'unreachable' };
      },
      storage,
      timers: time.timers,
      key: 'k',
      roles: ['admin', 'operator'],
      ...(memory === undefined
        ? {}
        : { memory: { clock: { now: () => memory.now }, onForget: () => void forgotten++ } }),
    },
    link,
  );
  return { store, kept, time, asked, forgotten: () => forgotten };
};

describe('signing in', () => {
  it('takes the token of a link, keeps it on the device, and asks the relay who it is', async () => {
    const { store, kept, asked, time } = open([okay(operator)], 'from-link', { k: 'older' });
    expect(kept.get('k')).toBe('from-link');
    await time.advanceAsync(0);
    expect(asked).toEqual(['from-link']);
    expect(store.session.value).toMatchObject({ type: 'signed-in', token: 'from-link', me: { eventId: 'spring' } });
  });

  it('goes on with the token kept on the device', async () => {
    const { store, time } = open([okay(operator)], null, { k: 'kept' });
    await time.advanceAsync(0);
    expect(store.token()).toBe('kept');
    expect(store.session.value.type).toBe('signed-in');
  });

  it('asks for a token where there is none', () => {
    expect(open([], null).store.session.value).toEqual({ type: 'signed-out', problem: null });
  });

  it('drops a token that the relay does not know, and says what to do', async () => {
    const { store, kept, time } = open([refused(401)], 'bad');
    await time.advanceAsync(0);
    expect(store.session.value).toMatchObject({
      type: 'signed-out',
      problem: expect.stringContaining('Ask for a new link'),
    });
    expect(kept.size).toBe(0);
  });

  it('refuses a token of another role by name', async () => {
    const { store, time } = open([okay({ ...operator, role: 'forwarder', nodeId: 'mat-1' })], 'fwd');
    await time.advanceAsync(0);
    expect(store.session.value).toMatchObject({ problem: expect.stringContaining('forwarder') });
  });

  it('keeps trying while the relay does not answer, and never drops the token for it', async () => {
    const { store, kept, time } = open([{ type: 'unreachable' }, refused(503), refused(429), okay(operator)], 'good');
    await time.advanceAsync(0);
    expect(store.session.value).toEqual({ type: 'checking', unreachable: true });
    await time.advanceAsync(6000);
    expect(store.session.value.type).toBe('signed-in');
    expect(kept.get('k')).toBe('good');
  });

  it('ignores the answer about a token that was replaced meanwhile', async () => {
    const { store, time } = open([refused(401), okay(operator)], 'first');
    store.signIn('second');
    await time.advanceAsync(0);
    expect(store.session.value).toMatchObject({ type: 'signed-in', token: 'second' });
  });

  it('ends when the token is revoked, and when somebody signs out', async () => {
    const { store, kept, time } = open([okay(operator)], 'good');
    await time.advanceAsync(0);
    store.expire();
    expect(store.session.value).toMatchObject({ type: 'signed-out', problem: expect.stringContaining('revoked') });
    expect(kept.size).toBe(0);
    store.signOut();
    expect(store.session.value).toEqual({ type: 'signed-out', problem: null });
  });
});

describe('a page that remembers', () => {
  const remembered = { k: 'good', 'k.me': JSON.stringify(operator) };
  const now = 1_000_000;

  it('[P28] is open at once without the relay, unconfirmed, and goes on asking', async () => {
    const { store, kept, time, asked } = open([{ type: 'unreachable' }, refused(503)], null, remembered, { now });
    expect(store.session.value).toMatchObject({ type: 'signed-in', token: 'good', confirmed: false });
    await time.advanceAsync(60_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(store.session.value).toMatchObject({ type: 'signed-in', me: { label: 'Ann' }, confirmed: false });
    expect(kept.get('k')).toBe('good');
  });

  it('is confirmed by the relay, and remembers what it says now', async () => {
    const { store, kept, time } = open([okay({ ...operator, label: 'Anna' })], null, remembered, { now });
    await time.advanceAsync(0);
    expect(store.session.value).toMatchObject({ confirmed: true, me: { label: 'Anna' } });
    expect(kept.get('k.me')).toContain('Anna');
  });

  it('[P17] is signed out by name once the relay says no, and forgets', async () => {
    const { store, kept, time, forgotten } = open([{ type: 'unreachable' }, refused(401)], null, remembered, { now });
    await time.advanceAsync(6000);
    expect(store.session.value).toMatchObject({ type: 'signed-out', problem: expect.stringContaining('revoked') });
    expect([...kept.keys()]).toEqual([]);
    expect(forgotten()).toBe(1);
  });

  it('[P17] does not open for a token whose time is over, whatever it remembers', () => {
    const old = { k: 'good', 'k.me': JSON.stringify({ ...operator, expiresAt: now }) };
    expect(open([], null, old, { now }).store.session.value).toEqual({ type: 'checking', unreachable: false });
    expect(open([], null, old, { now: now - 1 }).store.session.value.type).toBe('signed-in');
  });

  it('remembers nothing of another token’s bearer', () => {
    const { store, kept, forgotten } = open([], 'another', remembered, { now });
    expect(store.session.value.type).toBe('checking');
    expect(kept.get('k.me')).toBeUndefined();
    expect(forgotten()).toBe(1);
  });

  it('opens with the same link again as before', () => {
    expect(open([], 'good', remembered, { now }).store.session.value).toMatchObject({ type: 'signed-in' });
  });

  it.each(['', '{', '[]', '{"role":"king"}', JSON.stringify({ ...operator, role: 'viewer' })])(
    'takes %j for no memory',
    (text) => {
      const { store } = open([], null, { k: 'good', 'k.me': text }, { now });
      expect(store.session.value.type).toBe('checking');
    },
  );

  it('[P28] says when the device keeps nothing', () => {
    const time = createVirtualTime();
    const storage: KeyValue = { get: () => null, set: () => false, remove: () => {} };
    const httpAs = () => async () => okay(operator);
    const deps = { httpAs, storage, timers: time.timers, key: 'k', roles: ['operator' as const] };
    expect(createSessionStore(deps, null).isKept.value).toBe(true);
    expect(createSessionStore(deps, 'good').isKept.value).toBe(false);
  });

  it('leaves nothing behind on signing out', async () => {
    const { store, kept, time } = open([okay(operator)], 'good', {}, { now });
    await time.advanceAsync(0);
    expect([...kept.keys()].sort()).toEqual(['k', 'k.me']);
    store.signOut();
    expect([...kept.keys()]).toEqual([]);
  });
});

describe('invitation links', () => {
  it('carry the secret in the fragment only', () => {
    const link = tokenLink('https://relay.example', 'operate', 'a+b/c&d=');
    const url = new URL(link);
    expect(url.search).toBe('');
    expect(url.pathname).toBe('/operate');
    expect(tokenOfFragment(url.hash)).toBe('a+b/c&d=');
  });

  it('are nothing without a token', () => {
    for (const fragment of ['', '#', '#main', '#token=', '#token=%20']) expect(tokenOfFragment(fragment)).toBeNull();
  });
});
