import { resolve } from 'node:path';
import {
  CommandFailure,
  type CommandIo,
  flag,
  type OptionValues,
  requiredText,
  text,
  UsageError,
} from '@baton/schema/command';
import { createJsonLog, type Log } from '@baton/schema/ports';
import { type RetryOutcome, retryLetter } from '../live/dispatcher.ts';
import type { DeadLetter, LiveStore } from '../live/store.ts';
import { openSqliteStore } from '../live/stores/sqlite-store.ts';
import { NodeDocSocket } from '../platform/node/doc-socket.ts';
import { systemClock, systemIds, systemRandom, systemTimers } from '../platform/node/runtime.ts';
import { lockDirectory } from '../replica/directory-lock.ts';
import { askRetry } from '../watch/retry-box.ts';
import { isWatchDirectory, retriesPath, storePath, watchedEventFile } from '../watch/watch-directory.ts';
import { type WatchDispatchers, watchDispatchers } from '../watch/watch-dispatchers.ts';
import { relayAccess } from './relay-access.ts';
import { webhookSecretOf } from './watch.ts';

/** How long the running watch may take to look, and to run a command. */
const PATIENCE = { takenMs: 5000, answerMs: 60_000 };
/** A watch that starts or ends at this moment. */
const HANDOVERS = 10;

const dataDirOf = (options: OptionValues): string => {
  const dataDir = resolve(requiredText(options, 'data-dir'));
  if (!isWatchDirectory(dataDir))
    throw new CommandFailure(`--data-dir: no watch has run in ${dataDir}; name the directory of baton watch`);
  return dataDir;
};

const withStore = async <T>(dataDir: string, use: (store: LiveStore) => Promise<T>): Promise<T> => {
  const store = openSqliteStore(storePath(dataDir));
  if (!store.ok) throw new CommandFailure(store.error.message);
  try {
    return await use(store.value);
  } finally {
    await store.value.close();
  }
};

const lettersOf = async (store: LiveStore, options: OptionValues): Promise<readonly DeadLetter[]> => {
  const letters = await store.letters(text(options, 'manager'));
  if (!letters.ok) throw new CommandFailure(letters.error.message);
  return letters.value;
};

/** A cell of a line: names of people stand in keys, and errors say what others sent. */
const cell = (value: string): string => value.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');

/** Prints the letters, a line each; addresses and bodies of webhooks are no part of it. */
export const runDeadLettersList = async (options: OptionValues, io: CommandIo): Promise<void> => {
  const letters = await withStore(dataDirOf(options), (store) => lettersOf(store, options));
  for (const { manager, command, attempts, at, error } of letters) {
    const columns = [manager, command.key, command.type, String(attempts), new Date(at).toISOString(), error];
    io.out(columns.map(cell).join('\t'));
  }
};

/** The letters that were meant: one by its key, or all. */
const chosen = async (
  store: LiveStore,
  options: OptionValues,
  key: string | undefined,
): Promise<readonly DeadLetter[]> => {
  const all = flag(options, 'all');
  if (all === (key !== undefined)) throw new UsageError('expected either a key or --all');
  const letters = await lettersOf(store, options);
  const found = all ? letters : letters.filter(({ command }) => command.key === key);
  if (!all && found.length === 0) throw new CommandFailure(`there is no dead letter with the key ${key}`);
  if (!all && found.length > 1)
    throw new UsageError(`--manager: several have this key: ${found.map(({ manager }) => manager).join(', ')}`);
  return found;
};

type Retry = (letter: DeadLetter) => Promise<RetryOutcome>;

const dispatchersFor = async (options: OptionValues, dataDir: string, log: Log): Promise<WatchDispatchers> => {
  const event = await watchedEventFile(dataDir, log).read();
  const isKnown = text(options, 'relay') !== undefined && text(options, 'token') !== undefined && event !== null;
  const access = isKnown ? { ...relayAccess(options), eventId: event.eventId } : null;
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, log, WebSocket: NodeDocSocket };
  return watchDispatchers(ports, access, webhookSecretOf(options));
};

const withoutWatch =
  (store: LiveStore, dispatchers: WatchDispatchers): Retry =>
  async ({ manager, command }) => {
    if (!Object.hasOwn(dispatchers.byType, command.type))
      return { type: 'failed', message: `${command.type}: no watch runs here, so name --relay and --token` };
    return retryLetter(store, new Map(Object.entries(dispatchers.byType)), manager, command.key);
  };

/** Whoever holds the directory runs the commands: the watch, when there is one, else this process. */
const retryOne = async (
  options: OptionValues,
  dataDir: string,
  store: LiveStore,
  letter: DeadLetter,
  log: Log,
): Promise<RetryOutcome> => {
  for (let left = HANDOVERS; left > 0; left--) {
    const lock = lockDirectory(dataDir, `process ${process.pid} (baton dead-letters retry)`);
    if (lock.ok) {
      const dispatchers = await dispatchersFor(options, dataDir, log);
      try {
        return await withoutWatch(store, dispatchers)(letter);
      } finally {
        dispatchers.close();
        lock.value.release();
      }
    }
    if (lock.error.type === 'unwritable') throw new CommandFailure(lock.error.message);
    const name = { manager: letter.manager, key: letter.command.key };
    const ports = { timers: systemTimers, ids: systemIds };
    const answer = await askRetry(ports, retriesPath(dataDir), name, PATIENCE);
    if (answer !== null) return answer;
  }
  return { type: 'failed', message: 'another process holds the directory and does not answer; try again later' };
};

const describe = (outcome: RetryOutcome): string => {
  if (outcome.type === 'failed') return `failed: ${outcome.message}`;
  return outcome.type === 'done' ? 'done' : 'gone: it was retried or dropped meanwhile';
};

/** Runs letters once more, one after the other; prints what became of each. */
export const runDeadLettersRetry = async (
  options: OptionValues,
  key: string | undefined,
  io: CommandIo,
): Promise<void> => {
  const log = createJsonLog({ clock: systemClock, write: io.err }, 'warn');
  const dataDir = dataDirOf(options);
  webhookSecretOf(options); // typed wrongly is told before anything runs
  await withStore(dataDir, async (store) => {
    const letters = await chosen(store, options, key);
    let failures = 0;
    for (const letter of letters) {
      const outcome = await retryOne(options, dataDir, store, letter, log);
      if (outcome.type === 'failed') failures++;
      io.out([letter.manager, letter.command.key, describe(outcome)].map(cell).join('\t'));
    }
    if (failures > 0) throw new CommandFailure(`${failures} of ${letters.length} failed again; they are kept`);
  });
};

/** Throws letters away; prints what it dropped. */
export const runDeadLettersDrop = async (
  options: OptionValues,
  key: string | undefined,
  io: CommandIo,
): Promise<void> => {
  await withStore(dataDirOf(options), async (store) => {
    for (const { manager, command } of await chosen(store, options, key)) {
      const dropped = await store.dropLetter(manager, command.key);
      if (!dropped.ok) throw new CommandFailure(dropped.error.message);
      if (dropped.value) io.out([manager, command.key, 'dropped'].map(cell).join('\t'));
    }
  });
};
