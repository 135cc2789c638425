import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { lanAddressesOf } from '../../src/platform/lan-addresses.ts';

const v4 = (address: string, internal = false): NetworkInterfaceInfo => ({
  address,
  netmask: '255.255.255.0',
  family: 'IPv4',
  mac: '02:00:00:00:00:01',
  internal,
  cidr: `${address}/24`,
});

const v6: NetworkInterfaceInfo = { ...v4('fe80::1'), family: 'IPv6', scopeid: 2 };

describe('addresses in the local network', () => {
  it('leave out this machine’s own and come with the likeliest first', () => {
    const found = lanAddressesOf({
      lo: [v4('127.0.0.1', true)],
      docker0: [v4('172.17.0.1')],
      'br-1a2b': [v4('172.18.0.1')],
      usb0: [v4('169.254.7.7')],
      eth0: [v6, v4('192.168.1.20')],
      wlan0: [v4('10.0.0.7')],
      none: undefined,
    });
    expect(found.map((it) => `${it.interface} ${it.address}`)).toEqual([
      'eth0 192.168.1.20',
      'wlan0 10.0.0.7',
      'usb0 169.254.7.7',
      'docker0 172.17.0.1',
      'br-1a2b 172.18.0.1',
    ]);
  });

  it('may be none', () => {
    expect(lanAddressesOf({ lo: [v4('127.0.0.1', true)] })).toEqual([]);
  });
});
