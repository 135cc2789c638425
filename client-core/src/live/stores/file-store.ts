import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { isAbsent, replaceFile, syncDirectory } from '../../platform/node/replace-file.ts';
import { compareLetters, readLetter } from '../dead-letter.ts';
import type { DeadLetter, LiveStore, StoreFailure } from '../store.ts';

/** Keys are anything; file names are not. */
const fileOf = ({ manager, command }: Pick<DeadLetter, 'manager' | 'command'>): string =>
  letterFile(manager, command.key);
const letterFile = (manager: string, key: string): string =>
  `${createHash('sha256').update(`${manager}\n${key}`).digest('hex')}.json`;

const failed = (what: string, error: unknown): Result<never, StoreFailure> =>
  err({ type: 'store-failed', message: `${what}: ${error instanceof Error ? error.message : String(error)}` });

const attempt = async <T>(what: string, run: () => Promise<T>): Promise<Result<T, StoreFailure>> => {
  try {
    return ok(await run());
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return failed(what, error);
    throw error; // no disk's fault: a defect
  }
};

/**
 * A directory with a file for each checkpoint and each dead letter, each either the old one or the new one whenever the power goes. Letters
 * may be listed and dropped by another process meanwhile.
 */
export const openFileStore = async (directory: string, log: Log): Promise<Result<LiveStore, StoreFailure>> => {
  const checkpointPath = (consumer: string): string => join(directory, 'checkpoints', `${consumer}.checkpoint`);
  const letters = join(directory, 'dead-letters');
  let last: Promise<unknown> = Promise.resolve();

  /** Writes come one after the other, so that two of one file do not meet in its temporary name. */
  const inTurn = <T>(what: string, run: () => Promise<T>): Promise<Result<T, StoreFailure>> => {
    const next = last.then(() => attempt(what, run));
    last = next;
    return next;
  };

  const readLetterFile = async (name: string): Promise<readonly DeadLetter[]> => {
    try {
      const letter = readLetter(await readFile(join(letters, name), 'utf8'));
      if (letter === null) log.warn('a dead letter cannot be read and is left out', { file: join(letters, name) });
      return letter === null ? [] : [letter];
    } catch (error) {
      if (isAbsent(error)) return []; // dropped meanwhile
      throw error;
    }
  };

  const allLetters = async (manager?: string): Promise<readonly DeadLetter[]> => {
    const names = (await readdir(letters)).filter((name) => name.endsWith('.json'));
    const found: DeadLetter[] = [];
    for (const name of names) found.push(...(await readLetterFile(name)));
    return found.filter((it) => manager === undefined || it.manager === manager).sort(compareLetters);
  };

  const load = async (consumer: string): Promise<string | null> => {
    try {
      return await readFile(checkpointPath(consumer), 'utf8');
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  };

  const drop = async (manager: string, key: string): Promise<boolean> => {
    try {
      await rm(join(letters, letterFile(manager, key)));
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    await syncDirectory(letters);
    return true;
  };

  const make = async (): Promise<void> => {
    for (const folder of [join(directory, 'checkpoints'), letters]) await mkdir(folder, { recursive: true });
    await syncDirectory(directory);
  };

  const made = await attempt(`cannot use ${directory}`, make);
  if (!made.ok) return made;
  return ok({
    load: (consumer) => attempt(`cannot read the checkpoint of ${consumer}`, () => load(consumer)),
    save: (consumer, checkpoint) =>
      inTurn(`cannot write the checkpoint of ${consumer}`, () => replaceFile(checkpointPath(consumer), checkpoint)),
    letters: (manager) => attempt('cannot read dead letters', () => allLetters(manager)),
    putLetter: (letter) =>
      inTurn('cannot write a dead letter', () =>
        replaceFile(join(letters, fileOf(letter)), `${JSON.stringify(letter)}\n`),
      ),
    dropLetter: (manager, key) => inTurn('cannot drop a dead letter', () => drop(manager, key)),
    close: async () => {
      await last;
    },
  });
};
