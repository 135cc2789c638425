import { UsageError } from '@baton/schema/command';
import { describe, expect, it } from 'vitest';
import { hostingConfigOf } from '../../src/config/hosting.ts';

describe('where a relay listens', () => {
  it.each([
    [{}, '127.0.0.1'],
    [{ lan: true }, '0.0.0.0'],
    [{ lan: 'false' }, '127.0.0.1'],
    [{ host: '::1' }, '::1'],
    [{ lan: true, host: '192.168.1.5' }, '192.168.1.5'],
  ])('%j: %s', (options, host) => {
    expect(hostingConfigOf(options).host).toBe(host);
  });

  it('is no loopback address where others are to come', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1', '127.1.2.3'])
      expect(() => hostingConfigOf({ lan: true, host })).toThrow(UsageError);
  });
});

describe('the public address', () => {
  it.each([
    ['https://timing.example', 'https://timing.example'],
    ['https://Timing.example/', 'https://timing.example'],
    ['http://10.0.0.2:8080', 'http://10.0.0.2:8080'],
  ])('%s', (given, publicUrl) => {
    expect(hostingConfigOf({ 'public-url': given })).toMatchObject({ publicUrl });
  });

  it.each([
    'timing.example',
    'ftp://x',
    'https://x/baton',
    'https://x/?token=s3cret',
    'https://me:s3cret@x',
    'https://x#s3cret',
    '',
  ])('is not %j, which is not repeated', (given) => {
    const read = () => hostingConfigOf({ 'public-url': given });
    expect(read).toThrow(/^--public-url: expected an address without a path, like https:\/\/timing\.example$/);
  });
});
