import { UsageError } from '@baton/schema/command';
import { describe, expect, it } from 'vitest';
import { allowedOriginsOf, hostingConfigOf } from '../../src/config/hosting.ts';
import { relayConfigOf } from '../../src/config.ts';

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

describe('other origins', () => {
  it('are taken as browsers write them', () => {
    const given = ['https://Scores.example/', 'http://10.0.0.2:8080', 'https://x:443'];
    const origins = ['https://scores.example', 'http://10.0.0.2:8080', 'https://x'];
    expect(allowedOriginsOf({ 'allow-origin': given })).toEqual(origins);
  });

  it.each(['scores.example', '*', 'null', 'https://x/page', ''])('are not %j', (given) => {
    expect(() => allowedOriginsOf({ 'allow-origin': [given] })).toThrow(UsageError);
  });
});

describe('the admin token', () => {
  it('is made where none is given, and is not the empty text', () => {
    expect(relayConfigOf({ 'data-dir': 'd' }).adminToken).toBeNull();
    expect(() => relayConfigOf({ 'data-dir': 'd', 'admin-token': '' })).toThrow(UsageError);
  });
});
