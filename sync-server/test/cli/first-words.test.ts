import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import { type Beginning, firstWords } from '../../src/cli/first-words.ts';

const SECRET = 'a-b_c';

const beginning = (over: Partial<Beginning> = {}): Beginning => ({
  config: { lan: false, publicUrl: null, hideAdminToken: false },
  address: { host: '127.0.0.1', port: 8787 },
  dataDir: '/srv/baton',
  adminToken: { secret: SECRET, fresh: false },
  pages: true,
  lanAddresses: [],
  onTerminal: false,
  ...over,
});

const fresh = { secret: SECRET, fresh: true };
const network = [
  { address: '192.168.1.20', interface: 'eth0' },
  { address: '10.0.0.7', interface: 'wlan0' },
];

describe('the first start', () => {
  it('says what is needed next: address, token, the admin page with the secret in the fragment, where the data are', () => {
    expect(firstWords(beginning({ adminToken: fresh }))).toEqual([
      'listening http://127.0.0.1:8787',
      `admin token: ${SECRET}`,
      `admin page: http://127.0.0.1:8787/admin#token=${SECRET}`,
      'data directory: /srv/baton',
    ]);
  });

  it('[P14] has the secret in no address but behind the #, and in none at all where it is to be hidden', () => {
    const config = { lan: true, publicUrl: 'https://timing.example', hideAdminToken: true };
    const lines = firstWords(beginning({ adminToken: fresh, config, lanAddresses: network }));
    expect(lines.join('\n')).not.toContain(SECRET);
    expect(lines.slice(0, 4)).toEqual([
      'listening http://127.0.0.1:8787',
      'admin token: kept in /srv/baton/admin-token',
      'admin page: https://timing.example/admin',
      'data directory: /srv/baton',
    ]);
    const odd = firstWords(beginning({ adminToken: { secret: 'a&b#c d', fresh: true } }))[2] ?? '';
    const url = new URL(odd.replace('admin page: ', ''));
    expect([url.search, new URLSearchParams(url.hash.slice(1)).get('token')]).toEqual(['', 'a&b#c d']);
  });

  it('links to an address that can be opened here', () => {
    const page = (host: string) => firstWords(beginning({ adminToken: fresh, address: { host, port: 1 } }))[2];
    expect(page('0.0.0.0')).toBe(`admin page: http://127.0.0.1:1/admin#token=${SECRET}`);
    expect(page('::')).toBe(`admin page: http://[::1]:1/admin#token=${SECRET}`);
    expect(page('::1')).toBe(`admin page: http://[::1]:1/admin#token=${SECRET}`);
  });

  it('promises no page where none was built', () => {
    const lines = firstWords(beginning({ adminToken: fresh, pages: false }));
    expect(lines.filter((line) => line.startsWith('admin page'))).toEqual([]);
  });
});

describe('a later start', () => {
  it('says where it listens', () => {
    expect(firstWords(beginning())).toEqual(['listening http://127.0.0.1:8787']);
  });
});

/** Modules of a code drawn in half blocks: true is dark. */
const modules = (lines: readonly string[]): boolean[][] =>
  lines.flatMap((line) => [
    [...line].map((it) => it === '▄' || it === ' '),
    [...line].map((it) => it === '▀' || it === ' '),
  ]);

describe('in a local network', () => {
  const lan = { lan: true, publicUrl: null, hideAdminToken: false };
  const address = { host: '0.0.0.0', port: 8787 };

  it('every start says the addresses, and draws the spectators’ as a code', () => {
    const lines = firstWords(beginning({ config: lan, address, lanAddresses: network }));
    expect(lines.slice(0, 5)).toEqual([
      'listening http://0.0.0.0:8787',
      'on this network: http://192.168.1.20:8787',
      'on this network: http://10.0.0.7:8787',
      'spectators: http://192.168.1.20:8787/',
      '',
    ]);
    const drawn = modules(lines.slice(5, -1));
    const { data, size } = encode('http://192.168.1.20:8787/', { ecc: 'M', border: 4 });
    // an odd number of rows leaves half of the last line undrawn
    expect(drawn.slice(0, size)).toEqual(data);
    expect(drawn.length - size).toBeLessThanOrEqual(1);
  });

  it('a terminal draws it light on dark, whatever its own colours', () => {
    const lines = firstWords(beginning({ config: lan, address, lanAddresses: network, onTerminal: true }));
    expect(lines.slice(5, -1).every((line) => line.startsWith('\u001b[97;40m') && line.endsWith('\u001b[0m'))).toBe(
      true,
    );
  });

  it('one address that was asked for is the only one told', () => {
    const lines = firstWords(
      beginning({ config: lan, address: { host: '10.0.0.7', port: 8787 }, lanAddresses: network, pages: false }),
    );
    expect(lines).toEqual(['listening http://10.0.0.7:8787', 'on this network: http://10.0.0.7:8787']);
  });

  it('without a network says what to do', () => {
    expect(firstWords(beginning({ config: lan, address }))[1]).toBe(
      "on this network: no address yet; join a network, then open port 8787 of this machine's address",
    );
  });
});
