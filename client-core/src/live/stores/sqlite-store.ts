import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';
import { readLetter } from '../dead-letter.ts';
import type { DeadLetter, LiveStore, StoreFailure } from '../store.ts';

/** Says that a file is a store of live projections ("BTNL"), whatever its name. */
const APPLICATION_ID = 0x42544e4c;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE checkpoints (consumer TEXT PRIMARY KEY, checkpoint TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE dead_letters (
    manager TEXT NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    letter TEXT NOT NULL,
    PRIMARY KEY (manager, key)
  ) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

const failed = (what: string, error: unknown): Result<never, StoreFailure> => {
  if (!(error instanceof Database.SqliteError)) throw error; // no disk's fault: a defect
  return err({ type: 'store-failed', message: `${what}: ${error.message} (${error.code})` });
};

const attempt = <T>(what: string, run: () => T): Result<T, StoreFailure> => {
  try {
    return ok(run());
  } catch (error) {
    return failed(what, error);
  }
};

const prepare = (db: Database.Database): void => {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version === 0) db.transaction(() => db.exec(SCHEMA))();
};

const isOurs = (db: Database.Database): boolean =>
  db.pragma('application_id', { simple: true }) === APPLICATION_ID &&
  db.pragma('user_version', { simple: true }) === SCHEMA_VERSION;

const storeOf = (db: Database.Database): LiveStore => {
  const load = db.prepare<[string], { checkpoint: string }>('SELECT checkpoint FROM checkpoints WHERE consumer = ?');
  const save = db.prepare('INSERT OR REPLACE INTO checkpoints (consumer, checkpoint) VALUES (?, ?)');
  const list = db.prepare<[string | null, string | null], { letter: string }>(
    'SELECT letter FROM dead_letters WHERE ? IS NULL OR manager = ? ORDER BY at, manager, key',
  );
  const put = db.prepare('INSERT OR REPLACE INTO dead_letters (manager, key, at, letter) VALUES (?, ?, ?, ?)');
  const drop = db.prepare('DELETE FROM dead_letters WHERE manager = ? AND key = ?');

  const letters = (manager: string | null): readonly DeadLetter[] =>
    list.all(manager, manager).flatMap(({ letter }) => readLetter(letter) ?? []);

  return {
    load: async (consumer) =>
      attempt(`cannot read the checkpoint of ${consumer}`, () => load.get(consumer)?.checkpoint ?? null),
    save: async (consumer, checkpoint) =>
      attempt(`cannot write the checkpoint of ${consumer}`, () => {
        save.run(consumer, checkpoint);
      }),
    letters: async (manager) => attempt('cannot read dead letters', () => letters(manager ?? null)),
    putLetter: async (letter) =>
      attempt('cannot write a dead letter', () => {
        put.run(letter.manager, letter.command.key, letter.at, JSON.stringify(letter));
      }),
    dropLetter: async (manager, key) => attempt('cannot drop a dead letter', () => drop.run(manager, key).changes > 0),
    close: async () => {
      db.close();
    },
  };
};

/** One file; another process may look at it and drop letters meanwhile. Calls block for the time of a disk sync. */
export const openSqliteStore = (path: string): Result<LiveStore, StoreFailure> =>
  attemptOpen(path, () => {
    const db = new Database(path);
    try {
      prepare(db);
      if (isOurs(db)) return ok(storeOf(db));
    } catch (error) {
      db.close();
      throw error;
    }
    db.close();
    return err({ type: 'store-failed', message: `${path} is another program’s file; name another one` });
  });

const attemptOpen = (path: string, open: () => Result<LiveStore, StoreFailure>): Result<LiveStore, StoreFailure> => {
  try {
    return open();
  } catch (error) {
    // a directory that is not there is told with a plain TypeError
    if (error instanceof TypeError)
      return err({ type: 'store-failed', message: `cannot open ${path}: ${error.message}` });
    return failed(`cannot open ${path}`, error);
  }
};
