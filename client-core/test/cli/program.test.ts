import { CONFIG_FILE, type CommandSpec, type OptionValues } from '@baton/schema/command';
import { err, ok } from '@baton/schema/result';
import { describe, expect, it } from 'vitest';
import { readCommandLine, variableOf } from '../../src/cli/program.ts';

const command = (name: string, over: Partial<CommandSpec> = {}): CommandSpec => ({
  name,
  summary: `does ${name}`,
  options: [],
  run: async () => {},
  ...over,
});

const RELAY = command('relay', {
  options: [
    CONFIG_FILE,
    { name: 'host', value: 'address', help: 'address to listen on', default: '127.0.0.1' },
    { name: 'port', value: 'n', help: 'port to listen on', default: '8787' },
    { name: 'admin-token', value: 'secret', help: 'the admin token' },
    { name: 'public-metrics', help: 'metrics without a token' },
  ],
});
const FORWARD = command('forward', {
  options: [
    { name: 'relay', value: 'url', help: 'address of the relay', required: true },
    { name: 'reader', value: 'name=host:port', help: 'a reader', repeat: true },
  ],
});
const BACKUP = command('backup', { args: [{ name: 'dir', help: 'folder', required: true }] });
const SPECS = [RELAY, FORWARD, BACKUP, command('token create'), command('token list'), command('event create')];

const FILES: Readonly<Record<string, string>> = {
  'relay.json': '{"port": 9000, "host": "::1", "public-metrics": true}',
  'prot.json': '{"prot": 1}',
};

const readText = (path: string) => (FILES[path] === undefined ? err('there is none') : ok(FILES[path]));

const read = (line: string, env: Record<string, string> = {}) =>
  readCommandLine(SPECS, line === '' ? [] : line.split(' '), { env, readText }, '1.2.3');

const optionsOf = (line: string, env: Record<string, string> = {}): OptionValues => {
  const found = read(line, env);
  if (found.type !== 'run') throw new Error(`expected a command to run, got ${JSON.stringify(found)}`);
  return found.options;
};

describe('reading a command line', () => {
  it('takes typed values, and defaults for the rest', () => {
    expect(optionsOf('relay --port 0 --admin-token abc')).toEqual({
      host: '127.0.0.1',
      port: '0',
      'admin-token': 'abc',
    });
  });

  it('takes a value after an equals sign, one that looks like an option too', () => {
    expect(optionsOf('relay --port=0')).toMatchObject({ port: '0' });
    expect(optionsOf('relay --admin-token=--x')).toMatchObject({ 'admin-token': '--x' });
  });

  it('takes a switch', () => {
    expect(optionsOf('relay --public-metrics')).toMatchObject({ 'public-metrics': true });
    expect(optionsOf('relay')).not.toHaveProperty('public-metrics');
  });

  it('collects a repeatable option', () => {
    expect(optionsOf('forward --relay http://x --reader a=h:1 --reader b=h:2')).toMatchObject({
      reader: ['a=h:1', 'b=h:2'],
    });
  });

  it('finds commands of several words, and positional arguments', () => {
    const found = read('token create');
    expect(found.type === 'run' && found.spec.name).toBe('token create');
    expect(read('backup /some/where')).toMatchObject({ type: 'run', args: ['/some/where'] });
  });
});

describe('BATON_<OPTION>', () => {
  it('is the option in capitals', () => {
    expect(variableOf('admin-token')).toBe('BATON_ADMIN_TOKEN');
  });

  it('stands in for an option, and a typed one wins', () => {
    const env = { BATON_PORT: '9000', BATON_ADMIN_TOKEN: 'abc', BATON_PUBLIC_METRICS: 'true' };
    expect(optionsOf('relay --port 1', env)).toEqual({
      host: '127.0.0.1',
      port: '1',
      'admin-token': 'abc',
      'public-metrics': 'true',
    });
    expect(optionsOf('relay', env)).toMatchObject({ port: '9000' });
  });

  it('is split at spaces for a repeatable option', () => {
    const env = { BATON_RELAY: 'http://x', BATON_READER: ' a=h:1  b=h:2 ' };
    expect(optionsOf('forward', env)).toEqual({ relay: 'http://x', reader: ['a=h:1', 'b=h:2'] });
  });

  it('counts as absent when empty', () => {
    expect(optionsOf('relay', { BATON_PORT: '' })).toMatchObject({ port: '8787' });
  });
});

describe('--config FILE', () => {
  it('gives what is neither typed nor in a variable', () => {
    const config = 'relay.json';
    expect(optionsOf('relay --config relay.json')).toEqual({
      config,
      host: '::1',
      port: '9000',
      'public-metrics': true,
    });
    expect(optionsOf('relay --config relay.json --port 1', { BATON_HOST: 'h', BATON_PORT: '2' })).toEqual({
      config,
      host: 'h',
      port: '1',
      'public-metrics': true,
    });
    expect(optionsOf('relay --config=relay.json', { BATON_PUBLIC_METRICS: 'false' })).toMatchObject({
      'public-metrics': 'false',
    });
  });

  it('may be named by a variable, too', () => {
    expect(optionsOf('relay', { BATON_CONFIG: 'relay.json' })).toMatchObject({ port: '9000' });
    expect(optionsOf('relay --config relay.json', { BATON_CONFIG: 'none.json' })).toMatchObject({ port: '9000' });
  });

  it('is for the commands that take it', () => {
    expect(read('backup x --config relay.json')).toMatchObject({ type: 'wrong' });
    expect(read('backup x', { BATON_CONFIG: 'none.json' })).toMatchObject({ type: 'run' });
  });
});

describe('help and version', () => {
  it('prints the version', () => {
    expect(read('--version')).toEqual({ type: 'print', text: '1.2.3\n' });
  });

  it.each(['--help', 'help', 'relay --help', 'help relay', 'token --help', 'token create --help', 'relay -h'])(
    'prints help for %s',
    (line) => {
      const found = read(line);
      expect(found.type === 'print' && found.text).toContain('Usage: baton');
    },
  );

  it('lists the commands with what they do', () => {
    const found = read('--help');
    if (found.type !== 'print') throw new Error('expected help');
    for (const { name, summary } of [RELAY, FORWARD, BACKUP])
      expect(found.text).toMatch(new RegExp(`${name}.*${summary}`));
    expect(found.text).toMatch(/token +create, list/);
  });

  it('shows default, variable and whether an option is required or repeatable', () => {
    const relay = read('relay --help');
    const forward = read('forward --help');
    const text = (relay.type === 'print' ? relay.text : '') + (forward.type === 'print' ? forward.text : '');
    const flat = text.replaceAll(/\s+/g, ' ');
    expect(flat).toContain('--port <n> port to listen on (default: 8787, env: BATON_PORT)');
    expect(flat).toContain('address of the relay (required, env: BATON_RELAY)');
    expect(flat).toContain('a reader (repeatable, env: BATON_READER)');
  });
});

describe('what is typed wrongly is one line that says what was expected', () => {
  it.each([
    ['', 'baton: a command is missing; expected one of relay, forward, backup, token, event'],
    [
      'relais',
      "baton: unknown command 'relais' (Did you mean relay?); expected one of relay, forward, backup, token, event",
    ],
    ['token', 'baton token: a command is missing; expected one of create, list'],
    ['token burn', "baton token: unknown command 'burn'; expected one of create, list"],
    [
      'relay --prot 1',
      "baton relay: unknown option '--prot' (Did you mean --port?); 'baton relay --help' lists the options",
    ],
    ['relay --port', "baton relay: option '--port <n>' argument missing; 'baton relay --help' lists what is expected"],
    [
      'relay now',
      "baton relay: too many arguments for 'relay'. Expected 0 arguments but got 1.; 'baton relay --help' lists what is expected",
    ],
    ['backup', "baton backup: missing required argument 'dir'; 'baton backup --help' lists what is expected"],
    ['forward', 'baton forward: --relay <url> is required (or BATON_RELAY): address of the relay'],
    [
      'relay --config none.json',
      'baton relay: --config none.json: cannot be read: there is none; expected a JSON file with options',
    ],
    [
      'relay --config prot.json',
      'baton relay: --config prot.json: line 1: unknown key "prot"; a key is the name of an option without dashes, see --help',
    ],
    ['--bogus', "baton: unknown option '--bogus'; 'baton --help' lists the options"],
  ])('%j', (line, expected) => {
    expect(read(line)).toEqual({ type: 'wrong', line: expected });
  });
});
