import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';

export interface DirectoryLock {
  readonly release: () => void;
}

export interface DirectoryLockError {
  readonly type: 'in-use' | 'unwritable';
  /** Fit for a person: which directory, and what helps. */
  readonly message: string;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const readOwner = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim().slice(0, 100);
  } catch {
    return 'another process'; // it only names the owner in a message; the lock itself is SQLite's
  }
};

const unwritable = (directory: string, error: unknown): Result<never, DirectoryLockError> => {
  const message = `cannot write to ${directory}: ${error instanceof Error ? error.message : String(error)}`;
  return err({ type: 'unwritable', message });
};

const lockFile = (path: string): Database.Database => {
  const file = new Database(path, { timeout: 0 });
  try {
    file.pragma('locking_mode = EXCLUSIVE');
    file.exec('BEGIN EXCLUSIVE');
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
};

/**
 * Makes this process the one owner of a directory (made if absent). The lock is the one SQLite holds on
 * `<directory>/lock`: the operating system drops it with the process, also at kill -9, and it works on
 * every platform; Node has no `flock` of its own. `lock.owner` beside it only says who that is.
 */
export const lockDirectory = (directory: string, owner: string): Result<DirectoryLock, DirectoryLockError> => {
  const ownerPath = join(directory, 'lock.owner');
  try {
    mkdirSync(directory, { recursive: true });
    const file = lockFile(join(directory, 'lock'));
    writeFileSync(ownerPath, `${owner}\n`);
    return ok({ release: () => file.close() });
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_BUSY')) return unwritable(directory, error);
    const message = `${directory} is in use by ${readOwner(ownerPath)}; stop it, or take another directory`;
    return err({ type: 'in-use', message });
  }
};
