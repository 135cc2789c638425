import { describe, expect, it } from 'vitest';
import { isAllowedOrigin, refuseAtDoor } from '../../src/auth/origin.ts';

const host = 'relay.example:8787';

describe('isAllowedOrigin', () => {
  it.each([
    ['no Origin: a program', undefined, true],
    ['the same host and port', 'http://relay.example:8787', true],
    ['the same host behind a proxy that took the TLS off', 'https://relay.example:8787', true],
    ['another port', 'http://relay.example:8788', false],
    ['another host', 'http://evil.example', false],
    ['a host that begins the same', 'http://relay.example:8787.evil.example', false],
    ['a user that looks like the host', 'http://relay.example:8787@evil.example', false],
    ['null, as from a file or a sandbox', 'null', false],
    ['an empty one', '', false],
    ['another scheme', 'ftp://relay.example:8787', false],
    ['an origin that was allowed by name', 'https://scores.example', true],
    ['the allowed one with another port', 'https://scores.example:1', false],
  ])('%s', (_, origin, expected) => {
    const headers = origin === undefined ? { host } : { host, origin };
    expect(isAllowedOrigin(headers, ['https://scores.example'])).toBe(expected);
  });

  it('does not care for the letter case of the host', () => {
    expect(isAllowedOrigin({ host: 'Relay.Example', origin: 'http://relay.example' }, [])).toBe(true);
  });

  it('refuses a browser when the request names no host', () => {
    expect(isAllowedOrigin({ origin: 'http://relay.example' }, [])).toBe(false);
  });
});

describe('refuseAtDoor', () => {
  it.each(['/docs/x?token=a', '/?a=1&token=b', '/?token=', '/?token', '/sync?%74oken=x'])(
    '[SX-17] refuses a token in the URL: %s',
    (target) => {
      expect(refuseAtDoor(target, { host }, [])).toMatchObject({ code: 'UNAUTHORIZED' });
    },
  );

  it.each(['/token', '/?tokens=a', '/?q=token', '/?q=%26token%3D1'])('lets %s pass', (target) => {
    expect(refuseAtDoor(target, { host }, [])).toBeNull();
  });

  it('refuses a foreign origin', () => {
    expect(refuseAtDoor('/', { host, origin: 'http://evil.example' }, [])).toMatchObject({ code: 'FORBIDDEN' });
  });
});
