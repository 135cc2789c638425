import { type CommandSpec, type OptionValues, UsageError } from '@baton/schema/command';
import { describe, expect, it } from 'vitest';
import { emulateCommand } from '../../src/cli/emulate-command.ts';
import { forwardCommand } from '../../src/cli/forward-command.ts';

const io = { out: () => {}, err: () => {}, stopped: new Promise<void>(() => {}) };

const refusalOf = async (command: CommandSpec, options: OptionValues): Promise<string> => {
  try {
    await command.run(options, [], io);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('expected a refusal');
};

const forward = {
  relay: 'http://127.0.0.1:1',
  token: 't',
  reader: ['a=127.0.0.1:2'],
  journal: './j',
  'retention-days': '7',
};

describe('baton forward', () => {
  it.each([
    [{ relay: 'relay' }, /^--relay: expected a relay address/],
    [{ token: '' }, /^--token: a value is required/],
    [{ reader: [] }, /^--reader: at least one NAME=HOST:PORT is required/],
    [{ reader: ['nonsense'] }, /^--reader: expected NAME=HOST:PORT, got "nonsense"/],
    [{ reader: ['a=host'] }, /^--reader: expected HOST:PORT/],
    [{ reader: ['a=host:0'] }, /^--reader: expected NAME=HOST:PORT with a port from 1/],
    [{ reader: ['a b=h:1', 'a~b=h:2'] }, /^--reader: expected different names, got a~b and a b/],
    [{ reader: Array.from({ length: 65 }, (_, at) => `r${at}=h:1`) }, /^--reader: expected at most 64/],
    [{ 'retention-days': '0' }, /^--retention-days: expected a number above 0/],
    [{ 'retention-days': '99999' }, /^--retention-days: expected at most/],
  ])('refuses %j', async (options, message) => {
    expect(await refusalOf(forwardCommand, { ...forward, ...options })).toMatch(message);
  });
});

describe('baton emulate', () => {
  it.each([
    [{}, /^--reads FILE is required/],
    [{ reads: 'f', rate: '5', speed: '2' }, /^--rate: expected either/],
    [{ reads: 'f', rate: '-1' }, /^--rate: expected a number above 0/],
    [{ reads: 'f', port: '70000' }, /^--port: expected a whole number/],
    [{ race: 'moon' }, /^--race: expected demo/],
    [{ race: 'demo' }, /^--stream: with --race one of start, bridge, finish-a, finish-b is required/],
    [{ race: 'demo', stream: 'moon' }, /^--stream: expected start or bridge/],
    [{ race: 'demo', stream: 'start', rate: '3' }, /^--rate: a made race has its own times/],
    [{ race: 'demo', stream: 'start', 'start-at': 'noon' }, /^--start-at: expected a time like/],
    [{ race: 'demo', reads: 'f' }, /^--reads: expected either/],
  ])('refuses %j', async (options, message) => {
    expect(await refusalOf(emulateCommand, options)).toMatch(message);
  });
});
