import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';
import type { Journal, JournalOpenError } from './journal.ts';
import {
  APPLICATION_ID,
  createJournalDatabase,
  type JournalDatabase,
  SCHEMA,
  SCHEMA_VERSION,
} from './journal-database.ts';

const FILE = 'journal.db';
const LOCK = 'journal.lock';

export interface SqliteJournalOptions {
  readonly directory: string;
  /** Bounds the file, in pages of 4 KiB; a full one behaves as a full disk. Unbounded by default. */
  readonly maxPages?: number;
}

const failure = (type: JournalOpenError['type'], message: string): Result<never, JournalOpenError> =>
  err({ type, message });

/** Codes with which SQLite says that the bytes are not what it wrote. */
const DAMAGE = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB']);

const describe = (directory: string, error: unknown): Result<never, JournalOpenError> => {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') throw error; // neither SQLite nor the file system: a defect
  if (DAMAGE.has(code)) return damaged(directory, String(message));
  return failure(
    'unusable',
    `cannot use the journal directory ${directory}: ${String(message)}; choose a writable one`,
  );
};

const damaged = (directory: string, what: string): Result<never, JournalOpenError> =>
  failure(
    'damaged',
    `the journal in ${directory} is damaged (${what}); keep a copy of the directory, then start with a new one by --journal`,
  );

/** Held as long as the process lives, also through kill -9: the operating system frees it. */
const lock = (directory: string): Result<Database.Database, JournalOpenError> => {
  const db = new Database(join(directory, LOCK), { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
    return ok(db);
  } catch (error) {
    db.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') {
      return failure('locked', `another forwarder uses the journal in ${directory}; stop it or give another --journal`);
    }
    throw error;
  }
};

const syncDirectory = (directory: string): void => {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** Built beside and renamed, so that a journal file, once it is there, is a whole one. */
const create = (directory: string): void => {
  const path = join(directory, `${FILE}.new`);
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  const db = new Database(path);
  db.pragma('synchronous = FULL');
  db.transaction(() => db.exec(SCHEMA))();
  db.close();
  renameSync(path, join(directory, FILE));
  syncDirectory(directory);
};

const configure = (db: Database.Database, maxPages: number | undefined): void => {
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('journal_size_limit = 16777216');
  if (maxPages !== undefined) db.pragma(`max_page_count = ${maxPages}`);
};

/** What is wrong with an opened file, or null. */
const examine = (db: Database.Database): string | null => {
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) return 'it is not a journal';
  const version = db.pragma('user_version', { simple: true });
  if (version !== SCHEMA_VERSION) return `it has version ${String(version)}, expected ${SCHEMA_VERSION}`;
  const check = db.pragma('quick_check(1)', { simple: true });
  return check === 'ok' ? null : String(check).replaceAll(/\s+/g, ' ');
};

const openChecked = (options: SqliteJournalOptions): Result<Database.Database, JournalOpenError> => {
  const { directory } = options;
  if (!existsSync(join(directory, FILE))) {
    if (existsSync(join(directory, `${FILE}-wal`))) return damaged(directory, `${FILE} is missing`);
    create(directory);
  }
  const db = new Database(join(directory, FILE), { timeout: 0, fileMustExist: true });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    const wrong = examine(db); // before anything is written: a damaged file is left as it is
    if (wrong === null) {
      configure(db, options.maxPages);
      return ok(db);
    }
    db.close();
    return damaged(directory, wrong);
  } catch (error) {
    db.close();
    throw error;
  }
};

/**
 * Opens or creates the journal of a directory. SQLite in WAL mode with `synchronous = FULL`: a commit
 * that returned survives kill -9 and power cut. One process at a time. A damaged journal is an
 * error and never silently replaced by a new one.
 */
export const openJournalDatabase = (options: SqliteJournalOptions): Result<JournalDatabase, JournalOpenError> => {
  const { directory } = options;
  let held: Database.Database | null = null;
  try {
    mkdirSync(directory, { recursive: true });
    const locked = lock(directory);
    if (!locked.ok) return locked;
    held = locked.value;
    const opened = openChecked(options);
    if (opened.ok) return ok(closingBoth(createJournalDatabase(opened.value), held));
    held.close();
    return opened;
  } catch (error) {
    held?.close();
    return describe(directory, error);
  }
};

const closingBoth = (database: JournalDatabase, held: Database.Database): JournalDatabase => ({
  ...database,
  close: () => {
    database.close();
    held.close();
  },
});

/** The journal on this thread: a commit blocks until it is on disk. For tests and tools; a forwarder uses a worker. */
export const openSqliteJournal = (options: SqliteJournalOptions): Result<Journal, JournalOpenError> => {
  const opened = openJournalDatabase(options);
  return opened.ok ? ok(journalOf(opened.value)) : opened;
};

const journalOf = (database: JournalDatabase): Journal => {
  let closed = false;
  return {
    opened: database.content(),
    commit: async (changes) => database.commit(changes),
    read: async (request) => database.read(request),
    prune: async (request) => database.prune(request),
    close: async () => {
      if (closed) return;
      closed = true;
      database.close();
    },
  };
};
