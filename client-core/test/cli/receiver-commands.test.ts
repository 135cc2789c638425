import { type CommandSpec, type OptionValues, UsageError } from '@baton/schema/command';
import { describe, expect, it } from 'vitest';
import { eventCreateCommand, eventStatusCommand } from '../../src/cli/event-commands.ts';
import { exportCommand } from '../../src/cli/export-command.ts';
import { receiveCommand } from '../../src/cli/receive-command.ts';
import { rosterImportCommand } from '../../src/cli/roster-command.ts';
import { tokenCreateCommand } from '../../src/cli/token-commands.ts';

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

const relay = { relay: 'http://127.0.0.1:1', token: 't' };
const receive = { ...relay, 'data-dir': './nowhere' };
const event = { ...relay, title: 'T', date: '2026-03-07', timezone: 'Europe/Paris' };

describe('options of the receiver’s commands', () => {
  it.each<[CommandSpec, OptionValues, RegExp]>([
    [receiveCommand, { ...receive, relay: 'relay' }, /^--relay: expected a relay address/],
    [receiveCommand, { ...receive, relay: 'http://h?token=t' }, /^--relay: expected a relay address without/],
    [receiveCommand, { ...receive, token: '' }, /^--token: a value is required/],
    [receiveCommand, { ...receive, race: '..' }, /^--race: expected a race id/],
    [receiveCommand, { ...receive, race: 'r', scope: 'some' }, /^--scope: expected all or current/],
    [receiveCommand, { ...receive, scope: 'all' }, /^--scope: expected with --race only/],
    [receiveCommand, { ...receive, race: 'r', stream: ['a.b'] }, /^--race: expected either a race or streams/],
    [receiveCommand, { ...receive, stream: ['a b'] }, /^--stream: expected a stream id/],
    [receiveCommand, { ...receive, tcp: ['a.b'] }, /^--tcp: expected STREAM=PORT/],
    [receiveCommand, { ...receive, tcp: ['a.b=70000'] }, /^--tcp: expected STREAM=PORT/],
    [receiveCommand, { ...receive, tcp: ['a.b=1,from=noon'] }, /^--tcp: expected STREAM=PORT/],
    [receiveCommand, { ...receive, tcp: ['a.b=1', 'a.c=1'] }, /^--tcp: expected different ports, got 1 twice/],
    [receiveCommand, { ...receive, tcp: ['a.b=1,from=0'] }, /^--tcp: expected STREAM=PORT or race:ID=PORT/],
    [receiveCommand, { ...receive, tcp: ['race:..=1'] }, /^--tcp: expected a race id/],
    [
      receiveCommand,
      { ...receive, file: ['a.b=reads.txt'] },
      /^--file: expected STREAM=FILE .* ending in .csv or .dbf/,
    ],
    [receiveCommand, { ...receive, file: ['a.b=x.csv', 'a.c=./x.csv'] }, /^--file: expected different files/],
    [receiveCommand, { ...receive, control: '8790' }, /^--control: expected HOST:PORT/],
    [receiveCommand, { ...receive, control: '0.0.0.0:8790' }, /^--control: expected a loopback address/],
    [eventCreateCommand, { ...event, title: '  ' }, /^--title: expected a name/],
    [eventCreateCommand, { ...event, date: '2026-02-30' }, /^--date: expected a date YYYY-MM-DD/],
    [eventCreateCommand, { ...event, timezone: 'Moon' }, /^--timezone: expected an IANA time zone/],
    [eventCreateCommand, { ...event, 'event-id': 'a/b' }, /^--event-id: expected 1-128 characters/],
    [eventStatusCommand, { ...relay, event: 'e', set: 'done' }, /^--set: expected draft, startlist/],
    [rosterImportCommand, { ...relay, event: 'e', kind: 'people' }, /^--kind: expected participants or chips/],
    [rosterImportCommand, { ...relay, event: 'e', format: 'xls' }, /^--format: expected ppl or bibchip or csv/],
    [rosterImportCommand, { ...relay, event: 'e', mode: 'wipe' }, /^--mode: expected merge or replace/],
    [rosterImportCommand, { ...relay, event: '' }, /^--event: a value is required/],
    [tokenCreateCommand, { ...relay, event: 'e', role: 'king' }, /^--role: expected operator or receiver/],
    [tokenCreateCommand, { ...relay, event: 'e', role: 'viewer', days: '0' }, /^--days: expected a whole number/],
    [exportCommand, { ...relay, stream: 'a.b', epoch: '0' }, /^--epoch: expected a whole number/],
    [exportCommand, { ...relay, stream: 'a.b', format: 'pdf' }, /^--format: expected txt or csv/],
    [exportCommand, { ...relay, stream: '' }, /^--stream: a value is required/],
  ])('$name refuses %j', async (command, options, message) => {
    expect(await refusalOf(command, options)).toMatch(message);
  });
});
