import { UsageError } from '@baton/schema/command';
import { describe, expect, it } from 'vitest';
import { upstreamOf } from '../../src/config/upstream.ts';

const URL = 'https://results.example.org';

describe('--upstream', () => {
  it('stands alone without one, whatever token is in the environment', () => {
    expect(upstreamOf({})).toBeNull();
    expect(upstreamOf({ token: 'of something else' })).toBeNull();
  });

  it('takes its token by either name, the longer one first', () => {
    expect(upstreamOf({ upstream: URL, token: 't' })).toEqual({ url: URL, token: 't' });
    expect(upstreamOf({ upstream: URL, token: 't', 'upstream-token': 'u' })).toEqual({ url: URL, token: 'u' });
  });

  it.each([
    ['a token without an address', { 'upstream-token': 't' }, /--upstream:/],
    ['no token', { upstream: URL }, /--upstream-token:/],
    ['no address', { upstream: 'results', token: 't' }, /expected an address/],
    ['another scheme', { upstream: 'ftp://host', token: 't' }, /expected an address/],
    ['a secret in the address', { upstream: 'https://me:secret@host', token: 't' }, /expected an address/],
    ['a token in the address', { upstream: `${URL}?token=t`, token: 't' }, /expected an address/],
  ])('says what was expected: %s', (_, options, message) => {
    expect(() => upstreamOf(options)).toThrow(UsageError);
    expect(() => upstreamOf(options)).toThrow(message);
  });
});
