import { describe, expect, it } from 'vitest';
import { httpUrl, socketUrl } from '../../src/connection/relay-url.ts';

describe('relay address', () => {
  it.each([
    ['http://127.0.0.1:8787', 'ws://127.0.0.1:8787/sync'],
    ['https://race.example/', 'wss://race.example/sync'],
    ['wss://race.example/baton//', 'wss://race.example/baton/sync'],
    ['ws://[::1]:8787', 'ws://[::1]:8787/sync'],
  ])('%s becomes %s', (base, expected) => {
    expect(socketUrl(base, '/sync')).toEqual({ ok: true, value: expected });
  });

  it('keeps http for requests', () => {
    expect(httpUrl('wss://race.example/baton', '/api/v1/me')).toEqual({
      ok: true,
      value: 'https://race.example/baton/api/v1/me',
    });
  });

  it.each(['', 'race.example', 'ftp://race.example', 'http://me:secret@race.example', 'http://race.example/?token=x'])(
    '%j is refused with what was expected',
    (base) => {
      const url = socketUrl(base, '/sync');
      expect(url.ok).toBe(false);
      expect(url.ok ? '' : url.error.message).toMatch(/^expected a relay address/);
    },
  );
});
