import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { StoreOpenError } from '../store-error.ts';
import { textOfError } from './failure.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** The one file of a data directory; SQLite keeps its write-ahead log beside it. */
export const DATABASE_FILE = 'relay.db';

export interface DatabaseOptions {
  readonly dataDir: string;
  /** How long a lock of an ending process is waited for, in ms. */
  readonly lockWaitMs: number;
  /** Upper bound of the database file in bytes, for a disk shared with others; null: the disk's own. */
  readonly maxBytes: number | null;
}

/** A write-ahead log that one large transaction has made longer is cut to this when it begins anew. */
const MAX_IDLE_LOG_BYTES = 16 * 1024 * 1024;

const makeDirectory = (dataDir: string): void => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreOpenError(
      'unwritable',
      `data directory ${dataDir} cannot be made (${textOfError(error)}): give this user write access or choose another with --data-dir`,
    );
  }
};

/** One line with cause and cure for what SQLite says at opening. */
export const openError = (dataDir: string, error: unknown): StoreOpenError => {
  if (error instanceof StoreOpenError) return error;
  const text = textOfError(error);
  const code = error instanceof Database.SqliteError ? error.code : '';
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) {
    return new StoreOpenError(
      'in-use',
      `data directory ${dataDir} is in use by another Baton process: stop that one or choose another with --data-dir`,
    );
  }
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR)/.test(code)) {
    return new StoreOpenError(
      'damaged',
      `${join(dataDir, DATABASE_FILE)} cannot be read as a database (${text}): check the disk and restore a backup into a new directory`,
    );
  }
  return new StoreOpenError(
    'unwritable',
    `${join(dataDir, DATABASE_FILE)} cannot be opened for writing (${text}): check the rights and the free space, or choose another directory with --data-dir`,
  );
};

/**
 * Durability and locking:
 * - EXCLUSIVE before the first look at the file: one process holds it, by a lock of the operating system
 *   that ends with the process however it dies, and the index of the log stays in this process's memory
 * - FULL: each commit is synced before it returns (this build of SQLite would only do NORMAL in WAL mode)
 * - checkpoints are run by the store itself, after the acks are out, so that their errors are seen
 */
const configure = (db: Database.Database, options: DatabaseOptions): void => {
  db.pragma('locking_mode = EXCLUSIVE');
  const mode: unknown = db.pragma('journal_mode = WAL', { simple: true });
  if (mode !== 'wal') throw new Error(`expected journal mode wal, got ${String(mode)}`);
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`journal_size_limit = ${MAX_IDLE_LOG_BYTES}`);
  db.exec('BEGIN IMMEDIATE; COMMIT'); // takes the lock now, not at the first write
  if (options.maxBytes !== null) {
    const pageSize = Number(db.pragma('page_size', { simple: true }));
    db.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageSize))}`);
  }
};

const bringUpToDate = (db: Database.Database, dataDir: string): void => {
  const outcome = migrate(db, MIGRATIONS);
  switch (outcome.type) {
    case 'migrated':
      return;
    case 'newer-layout':
      throw new StoreOpenError(
        'newer-layout',
        `data directory ${dataDir} has layout ${outcome.found}, this Baton knows up to ${outcome.known}: start the version that wrote it or a newer one, or restore a backup`,
      );
    case 'foreign-database':
      throw new StoreOpenError(
        'damaged',
        `${join(dataDir, DATABASE_FILE)} is a database of another program: choose another directory with --data-dir`,
      );
  }
};

/** Opens (or makes) the database of a data directory, locked for this process. Throws `StoreOpenError`. */
export const openDatabase = (options: DatabaseOptions): Database.Database => {
  const { dataDir } = options;
  makeDirectory(dataDir);
  let db: Database.Database | null = null;
  try {
    db = new Database(join(dataDir, DATABASE_FILE), { timeout: options.lockWaitMs });
    configure(db, options);
    bringUpToDate(db, dataDir);
    return db;
  } catch (error) {
    db?.close();
    throw openError(dataDir, error);
  }
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Bytes on disk: the database and its write-ahead log. */
export const databaseBytes = (dataDir: string): number => {
  const file = join(dataDir, DATABASE_FILE);
  return sizeOf(file) + sizeOf(`${file}-wal`);
};

const PROBE_BYTES = 64 * 1024;

/** Whether the file system refuses more bytes of this user or directory (EDQUOT, ENOSPC), found by trying. */
export const isQuotaExceeded = (dataDir: string): boolean => {
  const probe = join(dataDir, 'space.probe');
  try {
    writeFileSync(probe, new Uint8Array(PROBE_BYTES), { flush: true });
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EDQUOT' || error.code === 'ENOSPC');
  } finally {
    rmSync(probe, { force: true });
  }
};
