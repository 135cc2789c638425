import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DATABASE_FILE, isQuotaExceeded, openDatabase } from '../../../src/storage/sqlite/database.ts';
import { kindOfFailure } from '../../../src/storage/sqlite/failure.ts';
import { StoreOpenError } from '../../../src/storage/store-error.ts';
import { temporaryDirectory } from '../data-directory.ts';

let directory = temporaryDirectory();
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

const open = (dataDir = directory.path) => openDatabase({ dataDir, lockWaitMs: 0, maxBytes: null });

const refusalOf = (act: () => unknown): StoreOpenError => {
  try {
    act();
  } catch (error) {
    if (error instanceof StoreOpenError) return error;
    throw error;
  }
  throw new Error('it was opened');
};

/** Every refusal is one line that names the place and a cure. */
const expectRefusal = (error: StoreOpenError, reason: string, cure: RegExp): void => {
  expect(error.reason).toBe(reason);
  expect(error.message).toContain(directory.path);
  expect(error.message).toMatch(cure);
  expect(error.message).not.toContain('\n');
};

describe('opening a data directory', () => {
  it('makes it where it is not, and syncs every commit', () => {
    const db = open(join(directory.path, 'a', 'b'));
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('synchronous', { simple: true })).toBe(2);
    expect(db.pragma('locking_mode', { simple: true })).toBe('exclusive');
    db.close();
  });

  it('refuses one that is open, until it is closed', () => {
    const db = open();
    expectRefusal(refusalOf(open), 'in-use', /another Baton process: stop that one/);
    db.close();
    open().close();
  });

  it('refuses one that cannot be made or written', () => {
    const file = join(directory.path, 'file');
    writeFileSync(file, '');
    expectRefusal(
      refusalOf(() => open(join(file, 'data'))),
      'unwritable',
      /--data-dir/,
    );
    mkdirSync(join(directory.path, 'x', DATABASE_FILE), { recursive: true });
    expectRefusal(
      refusalOf(() => open(join(directory.path, 'x'))),
      'unwritable',
      /--data-dir/,
    );
  });

  it('[RN-29] refuses a newer layout and leaves it as it is', () => {
    const db = open();
    db.prepare("INSERT INTO layouts (version, name) VALUES (99, 'from the future')").run();
    db.close();
    const refusal = refusalOf(open);
    expectRefusal(refusal, 'newer-layout', /layout 99.*start the version that wrote it/);
    expectRefusal(refusalOf(open), 'newer-layout', /layout 99/);
  });

  it('[P24] refuses a file that is no database, a damaged one and another program’s', () => {
    const file = join(directory.path, DATABASE_FILE);
    writeFileSync(file, 'this is a text and no database at all, and it is long enough to be looked at'.repeat(20));
    expectRefusal(refusalOf(open), 'damaged', /restore a backup/);
    const other = new Database(join(directory.path, 'other.db'));
    other.exec('CREATE TABLE theirs (value)');
    mkdirSync(join(directory.path, 'theirs'));
    other.exec(`VACUUM INTO '${join(directory.path, 'theirs', DATABASE_FILE)}'`);
    other.close();
    expectRefusal(
      refusalOf(() => open(join(directory.path, 'theirs'))),
      'damaged',
      /another program/,
    );
  });
});

describe('what an error of the disk means', () => {
  const sqliteError = (code: string) => new Database.SqliteError('what SQLite says', code);
  const never = () => false;

  it('[P22] no space can pass, also when it is a quota', () => {
    expect(kindOfFailure(sqliteError('SQLITE_FULL'), never)).toBe('full');
    expect(kindOfFailure(sqliteError('SQLITE_IOERR_WRITE'), () => true)).toBe('full');
  });

  it('[P23] any other is final, a failed sync always', () => {
    for (const code of [
      'SQLITE_IOERR_WRITE',
      'SQLITE_IOERR_READ',
      'SQLITE_CORRUPT',
      'SQLITE_READONLY',
      'SQLITE_CANTOPEN',
    ]) {
      expect(kindOfFailure(sqliteError(code), never)).toBe('disk');
    }
    expect(kindOfFailure(sqliteError('SQLITE_IOERR_FSYNC'), () => true)).toBe('disk');
  });

  it('a request that cannot be stored is nobody else’s failure', () => {
    expect(kindOfFailure(sqliteError('SQLITE_CONSTRAINT_DATATYPE'), never)).toBe('request');
    expect(kindOfFailure(new TypeError('cannot bind'), never)).toBe('request');
  });

  it('the probe for space leaves nothing behind', () => {
    expect(isQuotaExceeded(directory.path)).toBe(false);
    expect(isQuotaExceeded(join(directory.path, 'not-there'))).toBe(false);
  });
});
