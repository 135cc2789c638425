import { ok } from '@baton/schema/result';
import { describe, expect, it } from 'vitest';
import { readConfigFile } from '../../../client-core/src/cli/config-file.ts';
import { STOP_WITHIN_MS } from '../../../client-core/src/cli/run-cli.ts';
import { RELAY_OPTIONS } from '../../../sync-server/src/config.ts';
import { STEPS_AHEAD } from '../../../sync-server/src/platform/main-thread.ts';
import { configWith, isThere, textOf } from './repository.ts';

/** Sections of a unit file; throws at a line that is none of theirs. */
const readUnit = (text: string): Readonly<Record<string, readonly (readonly [string, string])[]>> => {
  const sections: Record<string, (readonly [string, string])[]> = {};
  let section: (readonly [string, string])[] | undefined;
  for (const line of text.split('\n').filter((it) => it !== '' && !it.startsWith('#'))) {
    const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined) section = sections[name] = [];
    else if (section === undefined || key === undefined || value === undefined)
      throw new Error(`not a setting: ${line}`);
    else section.push([key, value]);
  }
  return sections;
};

const UNIT = readUnit(textOf('deploy/baton-relay.service'));
const of = (section: string, key: string): readonly string[] =>
  (UNIT[section] ?? []).filter(([name]) => name === key).map(([, value]) => value);
const one = (key: string): string => {
  const values = of('Service', key);
  expect([key, values.length]).toEqual([key, 1]);
  return values[0] ?? '';
};

const relayJson = readConfigFile('relay.json', () => ok(textOf('deploy/relay.json')), RELAY_OPTIONS);

describe('the service', () => {
  it('runs a relay whose options are in the file beside it', () => {
    expect(Object.keys(UNIT)).toEqual(['Unit', 'Service', 'Install']);
    expect(one('ExecStart')).toBe('/usr/local/bin/baton relay --config /etc/baton/relay.json');
    expect(of('Install', 'WantedBy')).toEqual(['multi-user.target']);
    const [documentation = ''] = of('Unit', 'Documentation');
    expect(isThere(documentation.replace('file:/opt/baton/', ''))).toBe(true);
  });

  it('[P14] keeps data where only it may look, and the admin token out of the journal', () => {
    expect(relayJson.ok).toBe(true);
    const config = configWith(relayJson.ok ? relayJson.value : {});
    expect(config).toMatchObject({ host: '127.0.0.1', hideAdminToken: true, adminToken: null });
    expect(config.dataDir).toBe(`/var/lib/${one('StateDirectory')}`);
    expect([one('StateDirectoryMode'), one('UMask'), one('User')]).toEqual(['0700', '0077', 'baton']);
  });

  it('is started again when it failed, left down when it fails on, and given time to end', () => {
    expect(one('Restart')).toBe('on-failure');
    const [interval, burst] = ['StartLimitIntervalSec', 'StartLimitBurst'].map((it) => Number(of('Unit', it)[0]));
    // else the limit would never be met
    expect((burst ?? 0) * Number(one('RestartSec'))).toBeLessThan(interval ?? 0);
    expect(Number(one('TimeoutStopSec')) * 1000).toBeGreaterThan(STOP_WITHIN_MS);
    expect(one('KillSignal')).toBe('SIGTERM');
  });

  it('may do what a relay does and nothing else', () => {
    for (const key of [
      'NoNewPrivileges',
      'ProtectHome',
      'ProtectClock',
      'ProtectHostname',
      'ProtectControlGroups',
      'ProtectKernelLogs',
      'ProtectKernelModules',
      'ProtectKernelTunables',
      'PrivateTmp',
      'PrivateDevices',
      'PrivateUsers',
      'RestrictNamespaces',
      'RestrictRealtime',
      'RestrictSUIDSGID',
      'LockPersonality',
    ])
      expect(one(key), key).toBe('true');
    expect([one('CapabilityBoundingSet'), one('AmbientCapabilities'), one('ProtectSystem')]).toEqual([
      '',
      '',
      'strict',
    ]);
    expect(of('Service', 'SystemCallFilter')).toEqual(['@system-service', '~@privileged @resources', 'setpriority']);
    expect(one('RestrictAddressFamilies').split(' ')).toContain('AF_NETLINK');
    // with it V8 cannot run
    expect(of('Service', 'MemoryDenyWriteExecute')).toEqual([]);
  });

  it('[P16] lets the main thread go before the others', () => {
    expect(one('LimitNICE')).toBe(String(-STEPS_AHEAD));
  });
});
