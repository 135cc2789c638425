import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { qrPath } from '../../src/ui/qr-code.tsx';

/** The modules that a path of unit rectangles covers. */
const drawn = (path: string, size: number): readonly (readonly boolean[])[] => {
  const modules = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
  for (const [, x = '', y = '', run = '', back = ''] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)) {
    expect(back).toBe(run);
    for (let at = 0; at < Number(run); at++) modules[Number(y)]![Number(x) + at] = true;
  }
  return modules;
};

describe('qrPath', () => {
  it('draws every dark module of a code and no other', () => {
    const { data, size } = encode('https://relay.example/operate#token=vUk9QWpKtj7KzVsDH8s1avFEse8WUIqMXn-uJCzOwfM', {
      ecc: 'M',
      border: 4,
    });
    expect(drawn(qrPath(data), size)).toEqual(data);
  });

  it('begins and ends runs at the edges', () => {
    expect(qrPath([[true, false, true, true], [], [false]])).toBe('M0 0h1v1h-1zM2 0h2v1h-2z');
  });
});
