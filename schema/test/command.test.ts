import { describe, expect, it } from 'vitest';
import { flag, hostPort, integer, list, oneOf, positive, requiredText, text, UsageError } from '../src/command.ts';

describe('option values', () => {
  it('are texts, or are missed', () => {
    expect(text({ name: 'x' }, 'name')).toBe('x');
    expect(text({ name: true }, 'name')).toBeUndefined();
    expect(requiredText({ name: 'x' }, 'name')).toBe('x');
    expect(() => requiredText({}, 'name')).toThrow(UsageError);
    expect(() => requiredText({ name: '' }, 'name')).toThrow('--name: a value is required');
  });

  it('may come several times', () => {
    expect([list({ r: ['a', 'b'] }, 'r'), list({ r: 'a' }, 'r'), list({}, 'r')]).toEqual([['a', 'b'], ['a'], []]);
  });

  it('are switches', () => {
    expect([true, 'true', '1', ''].map((it) => flag({ loop: it }, 'loop'))).toEqual([true, true, true, true]);
    expect([undefined, false, 'false', '0'].map((it) => flag({ loop: it }, 'loop'))).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect(() => flag({ loop: 'yes' }, 'loop')).toThrow('--loop: expected true or false, got "yes"');
  });

  it.each(['', '-1', '1.5', '1e3', '0x1', ' 1', '70000', '9'.repeat(30)])('%j is no port', (value) => {
    expect(() => integer({ port: value }, 'port', 0, 65_535)).toThrow(UsageError);
  });

  it('are whole numbers within bounds', () => {
    expect(integer({ port: '0' }, 'port', 0, 65_535)).toBe(0);
    expect(integer({ port: '65535' }, 'port', 0, 65_535)).toBe(65_535);
    expect(integer({}, 'port', 0, 65_535)).toBeUndefined();
  });

  it('are positive numbers', () => {
    expect(positive({ speed: '0.5' }, 'speed')).toBe(0.5);
    for (const value of ['0', '-1', 'x', '1e9', 'Infinity'])
      expect(() => positive({ speed: value }, 'speed')).toThrow(UsageError);
  });

  it('are one of a few words', () => {
    expect(oneOf({ scope: 'all' }, 'scope', ['all', 'current'])).toBe('all');
    expect(() => oneOf({ scope: 'latest' }, 'scope', ['all', 'current'])).toThrow('expected all or current');
  });

  it('are a host and a port', () => {
    expect(hostPort('reader', 'mat.local:10000')).toEqual({ host: 'mat.local', port: 10_000 });
    expect(hostPort('reader', '[::1]:0')).toEqual({ host: '::1', port: 0 });
    for (const value of ['', ':1', 'mat', 'mat:', 'mat:x', 'mat:65536', 'a b:1', 'http://mat:1', '::1:80']) {
      expect(() => hostPort('reader', value)).toThrow('--reader: expected HOST:PORT');
    }
  });

  it('show at most 80 characters of what was wrong', () => {
    expect(() => hostPort('reader', 'x'.repeat(10_000))).toThrow(/^.{1,140}$/);
  });
});
