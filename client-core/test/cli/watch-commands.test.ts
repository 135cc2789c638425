import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure, type CommandSpec, type OptionValues, UsageError } from '@baton/schema/command';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  deadLettersDropCommand,
  deadLettersListCommand,
  deadLettersRetryCommand,
} from '../../src/cli/dead-letters-command.ts';
import { watchCommand } from '../../src/cli/watch-command.ts';
import type { DeadLetter } from '../../src/live/store.ts';
import { openSqliteStore } from '../../src/live/stores/sqlite-store.ts';
import { lockDirectory } from '../../src/replica/directory-lock.ts';
import { storePath } from '../../src/watch/watch-directory.ts';

const run = async (
  command: CommandSpec,
  options: OptionValues,
  args: readonly string[] = [],
): Promise<{ readonly lines: readonly string[]; readonly refusal: string | null; readonly usage: boolean }> => {
  const lines: string[] = [];
  const io = { out: (line: string) => void lines.push(line), err: () => {}, stopped: new Promise<void>(() => {}) };
  try {
    await command.run(options, args, io);
    return { lines, refusal: null, usage: false };
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof CommandFailure)) throw error;
    return { lines, refusal: error.message, usage: error instanceof UsageError };
  }
};

const letter = (manager: string, key: string, at: number, type = 'alarm'): DeadLetter => ({
  manager,
  command: { key, type, payload: { url: 'https://board.example/secret-path', body: { secret: 'payload' } } },
  error: 'the webhook at board.example answered 410',
  at,
  attempts: 2,
});

/** A directory as a watch leaves it. */
const directory = async (letters: readonly DeadLetter[]): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = openSqliteStore(storePath(folder));
  if (!store.ok) throw new Error(store.error.message);
  for (const it of letters) await store.value.putLetter(it);
  await store.value.close();
  return folder;
};

describe('options of baton watch', () => {
  const good = { relay: 'http://127.0.0.1:1', token: 't', 'data-dir': './nowhere' };
  it.each<[OptionValues, RegExp]>([
    [{ ...good, relay: 'relay' }, /^--relay: expected a relay address/],
    [{ ...good, token: '' }, /^--token: a value is required/],
    [{ ...good, event: '../x' }, /^--event: expected an event id/],
    [{ ...good, 'webhook-secret': 'short' }, /^--webhook-secret: expected at least 16 characters/],
    [{ ...good, 'data-dir': '' }, /^--data-dir: a value is required/],
  ])('%j is refused', async (options, message) => {
    const { refusal, usage } = await run(watchCommand, options);
    expect(refusal).toMatch(message);
    expect([usage, refusal?.includes('short')]).toEqual([true, false]);
  });

  it('is refused in a directory that another process holds', async () => {
    const dir = await directory([]);
    const lock = lockDirectory(dir, 'process 1 (baton watch)');
    if (!lock.ok) throw new Error(lock.error.message);
    const { refusal } = await run(watchCommand, { ...good, 'data-dir': dir });
    lock.value.release();
    expect(refusal).toMatch(/is in use by process 1 \(baton watch\)/);
  });
});

describe('baton dead-letters', () => {
  const letters = [
    letter('silence', 'b', 2000),
    letter('unknown-chips', 'a\tb\n\u202e', 1000),
    letter('silence', 'c', 3000),
  ];

  it('lists a line each, oldest first, without payloads, and with nothing that moves a terminal', async () => {
    const dir = await directory(letters);
    const { lines } = await run(deadLettersListCommand, { 'data-dir': dir });
    expect(lines).toEqual([
      'unknown-chips\ta b \talarm\t2\t1970-01-01T00:00:01.000Z\tthe webhook at board.example answered 410',
      'silence\tb\talarm\t2\t1970-01-01T00:00:02.000Z\tthe webhook at board.example answered 410',
      'silence\tc\talarm\t2\t1970-01-01T00:00:03.000Z\tthe webhook at board.example answered 410',
    ]);
    expect((await run(deadLettersListCommand, { 'data-dir': dir, manager: 'silence' })).lines).toHaveLength(2);
  });

  it('drops one, those of a manager, or all', async () => {
    const dir = await directory(letters);
    expect((await run(deadLettersDropCommand, { 'data-dir': dir }, ['b'])).lines).toEqual(['silence\tb\tdropped']);
    const ofSilence = { 'data-dir': dir, all: true, manager: 'silence' };
    expect((await run(deadLettersDropCommand, ofSilence)).lines).toEqual(['silence\tc\tdropped']);
    expect((await run(deadLettersDropCommand, { 'data-dir': dir, all: true })).lines).toHaveLength(1);
    expect((await run(deadLettersListCommand, { 'data-dir': dir })).lines).toEqual([]);
  });

  it('says what is missing to retry an alarm by itself, and keeps it', async () => {
    const dir = await directory([letter('silence', 'b', 1)]);
    const { lines, refusal } = await run(deadLettersRetryCommand, { 'data-dir': dir }, ['b']);
    expect(lines).toEqual(['silence\tb\tfailed: alarm: no watch runs here, so name --relay and --token']);
    expect(refusal).toBe('1 of 1 failed again; they are kept');
    expect((await run(deadLettersListCommand, { 'data-dir': dir })).lines).toHaveLength(1);
  });

  it.each<[OptionValues, readonly string[], string]>([
    [{}, [], 'expected either a key or --all'],
    [{ all: true }, ['b'], 'expected either a key or --all'],
    [{}, ['x'], 'there is no dead letter with the key x'],
    [{}, ['same'], '--manager: several have this key: one, two'],
  ])('%j %j: %s', async (options, args, message) => {
    const dir = await directory([letter('one', 'same', 1), letter('two', 'same', 2)]);
    for (const command of [deadLettersRetryCommand, deadLettersDropCommand]) {
      expect((await run(command, { ...options, 'data-dir': dir }, args)).refusal).toBe(message);
    }
  });

  it('makes no directory of its own', async () => {
    const { refusal } = await run(deadLettersListCommand, { 'data-dir': '/nonexistent/watch' });
    expect(refusal).toMatch(/^--data-dir: no watch has run in \/nonexistent\/watch/);
  });
});
