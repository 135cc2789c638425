import { describe, expect, it } from 'vitest';

interface Platform {
  readonly platform: string;
  readonly arch: string;
  readonly libc: string | null;
  readonly libcVersion: string | null;
  readonly modules: string;
  readonly node: string;
}

const { mismatch, platformHere } = (await import(
  new URL('../../../bin/package/platform.mjs', import.meta.url).href
)) as {
  readonly mismatch: (made: Platform, here: Platform) => string | null;
  readonly platformHere: () => Platform;
};

const LINUX: Platform = {
  platform: 'linux',
  arch: 'x64',
  libc: 'glibc',
  libcVersion: '2.36',
  modules: '115',
  node: '20.20.2',
};
const MAC: Platform = { ...LINUX, platform: 'darwin', arch: 'arm64', libc: null, libcVersion: null };

describe('a package runs', () => {
  it.each([
    ['where it was made', LINUX],
    ['with a newer Node of the same kind, and a newer C library', { ...LINUX, node: '20.21.0', libcVersion: '2.41' }],
  ])('%s', (_, here) => {
    expect(mismatch(LINUX, here)).toBeNull();
  });

  it('here, when it was made here', () => {
    expect(mismatch(platformHere(), platformHere())).toBeNull();
    expect(mismatch(MAC, MAC)).toBeNull();
  });
});

describe('a package says what it was made for, and what helps', () => {
  const made = 'this package was made for linux-x64, glibc 2.36, Node 20.20.2; this is ';
  const elsewhere =
    'make a package on a machine like this one (npm run package in the repository), or use the container';

  it.each([
    ['another processor', { ...LINUX, arch: 'arm64' }, 'linux-arm64, glibc 2.36, Node 20.20.2', elsewhere],
    ['another system', MAC, 'darwin-arm64, Node 20.20.2', elsewhere],
    ['another C library', { ...LINUX, libc: 'musl', libcVersion: null }, 'linux-x64, musl, Node 20.20.2', elsewhere],
    ['an older C library', { ...LINUX, libcVersion: '2.9' }, 'linux-x64, glibc 2.9, Node 20.20.2', elsewhere],
    [
      'another Node',
      { ...LINUX, modules: '127', node: '22.11.0' },
      'linux-x64, glibc 2.36, Node 22.11.0',
      'run it with Node 20, or make a package with this Node (npm run package in the repository)',
    ],
  ])('on %s', (_, here, name, cure) => {
    expect(mismatch(LINUX, here)).toBe(`${made}${name}: ${cure}`);
  });
});
