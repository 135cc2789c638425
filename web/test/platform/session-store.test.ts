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

const operator = { role: 'operator', eventId: 'spring', nodeId: null, label: 'Ann', expiresAt: null };
const okay = (body: unknown): HttpReply => ({ type: 'ok', body, etag: null });
const refused = (status: number, message = 'no'): HttpReply => ({
  type: 'refused',
  status,
  code: 'UNAUTHORIZED',
  message,
  details: {},
});

const open = (replies: HttpReply[], link: string | null, content: Record<string, string> = {}) => {
  const time = createVirtualTime();
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
    },
    link,
  );
  return { store, kept, time, asked };
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
    const { store, kept, time } = open([{ type: 'unreachable' }, refused(503), okay(operator)], 'good');
    await time.advanceAsync(0);
    expect(store.session.value).toEqual({ type: 'checking', unreachable: true });
    await time.advanceAsync(4000);
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
