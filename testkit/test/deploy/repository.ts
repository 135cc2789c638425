import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { OptionValues } from '@baton/schema/command';
import { variableOf } from '../../../client-core/src/cli/program.ts';
import { RELAY_OPTIONS, type RelayConfig, relayConfigOf } from '../../../sync-server/src/config.ts';

const at = (path: string): URL => new URL(`../../../${path}`, import.meta.url);

/** A file of the repository as text. */
export const textOf = (path: string): string => readFileSync(fileURLToPath(at(path)), 'utf8');

export const isThere = (path: string): boolean => existsSync(fileURLToPath(at(path)));

export const { version, scripts } = JSON.parse(textOf('package.json')) as {
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
};

const defaults = (): Record<string, OptionValues[string]> => {
  const given = RELAY_OPTIONS.filter((it) => it.default !== undefined);
  return Object.fromEntries(given.map((it) => [it.name, it.default]));
};

/** What a relay makes of these options; throws when one is none. */
export const configWith = (options: OptionValues): RelayConfig => relayConfigOf({ ...defaults(), ...options });

/** The options that variables stand for; throws when one stands for none. */
export const optionsOfVariables = (variables: Readonly<Record<string, string>>): OptionValues =>
  Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => name.startsWith('BATON_'))
      .map(([name, value]) => {
        const option = RELAY_OPTIONS.find((it) => variableOf(it.name) === name);
        if (option === undefined) throw new Error(`${name} is the variable of no option of baton relay`);
        return [option.name, value];
      }),
  );

/** The longest silence, in ms, after which a healthy relay has said something on a connection that waits. */
export const longestSilence = (): number => {
  const it = configWith({});
  const LONG_POLL_MS = 25_000;
  return Math.max(
    LONG_POLL_MS,
    it.nodeHeartbeatMs,
    it.fieldHeartbeatMs,
    it.docKeepaliveMs,
    it.livePingMs,
    it.liveHeartbeatMs,
    it.sseCommentMs,
    it.spectatorPingMs,
  );
};
