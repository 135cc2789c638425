import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';
import { DATABASE_FILE } from '../../storage/sqlite/database.ts';
import { registerRowCrc } from '../../storage/sqlite/row-checks.ts';
import { unfinishedImports } from '../archive/unfinished.ts';
import { examineDatabase, layoutOf, refuseUnfit } from './examine.ts';
import { countSizesAgain } from './examine-sizes.ts';
import type { Report } from './findings.ts';

export interface NotRepaired {
  readonly type: 'not-repaired';
  /** One line: why, and what helps instead. */
  readonly message: string;
}

export interface Repaired {
  /** Where the data lie as they were; null: there was nothing to repair. */
  readonly before: string | null;
}

const not = (message: string): Result<never, NotRepaired> => err({ type: 'not-repaired', message });

const RESTORE = 'restore a backup into a new directory, and let the forwarders send what is missing';

/** What an import that was cut left behind; the event’s documents go with it. */
const REMOVE_LEFTOVERS = `
  DELETE FROM batches WHERE (stream_ref, epoch) IN (SELECT stream_ref, epoch FROM epochs WHERE archived = 1);
  CREATE TEMP TABLE cut_streams AS SELECT stream_ref FROM streams
    WHERE event_id IN (SELECT event_id FROM cut_events) AND event_id NOT IN (SELECT event_id FROM events);
  DELETE FROM batches WHERE stream_ref IN (SELECT stream_ref FROM cut_streams);
  DELETE FROM epochs WHERE stream_ref IN (SELECT stream_ref FROM cut_streams);
  DELETE FROM cursors WHERE stream_ref IN (SELECT stream_ref FROM cut_streams);
  DELETE FROM streams WHERE stream_ref IN (SELECT stream_ref FROM cut_streams);
  CREATE TEMP TABLE cut_docs AS SELECT doc_ref FROM docs
    WHERE substr(name, 8, instr(substr(name, 8), '/') - 1) IN (SELECT event_id FROM cut_events)
      AND substr(name, 8, instr(substr(name, 8), '/') - 1) NOT IN (SELECT event_id FROM events);
  DELETE FROM doc_updates WHERE doc_ref IN (SELECT doc_ref FROM cut_docs);
  DELETE FROM docs WHERE doc_ref IN (SELECT doc_ref FROM cut_docs);
`;

/** Makes indexes again and takes leftovers away, in a copy; says what is wrong with the copy then. */
const repairCopy = (path: string, unfinished: readonly string[]): Result<Report, { readonly message: string }> => {
  const db = new Database(path);
  try {
    registerRowCrc(db);
    db.exec('REINDEX');
    db.exec('CREATE TEMP TABLE cut_events (event_id TEXT)');
    for (const eventId of unfinished) db.prepare('INSERT INTO cut_events VALUES (?)').run(eventId);
    db.exec(`BEGIN; ${REMOVE_LEFTOVERS} COMMIT`);
    if (layoutOf(db) >= 5) countSizesAgain(db);
    db.pragma('wal_checkpoint(TRUNCATE)');
    return examineDatabase(db, unfinished);
  } finally {
    db.close();
  }
};

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const freeName = (path: string): string => {
  for (let count = 1; ; count++) {
    const name = count === 1 ? path : `${path}-${count}`;
    if (!existsSync(name)) return name;
  }
};

/** The old file keeps its name until the new one is whole and on disk. */
const swap = async (dataDir: string, copy: string): Promise<string> => {
  const path = join(dataDir, DATABASE_FILE);
  const before = freeName(join(dataDir, `${DATABASE_FILE}.before-repair`));
  await sync(copy);
  for (const end of ['-wal', '-shm']) if (existsSync(`${path}${end}`)) await rename(`${path}${end}`, `${before}${end}`);
  await rename(path, before);
  await rename(copy, path);
  await sync(dataDir);
  return before;
};

const decide = (report: Report): Result<'nothing' | 'repair', NotRepaired> => {
  const { findings } = report;
  if (findings.length === 0) return ok('nothing');
  // through a damaged index sound rows are not found: whether they are, is seen in the copy
  const isTried = findings.some(({ cure }) => cure === 'index') || findings.every(({ cure }) => cure === 'leftover');
  if (isTried && !findings.some(({ cure }) => cure === 'none')) return ok('repair');
  return not(`there is damage that no rule can undo: keep a copy of the directory, ${RESTORE}`);
};

const repairLocked = async (db: Database.Database, dataDir: string): Promise<Result<Repaired, NotRepaired>> => {
  const unfinished = unfinishedImports(dataDir);
  const examined = examineDatabase(db, unfinished);
  if (!examined.ok) return not(examined.error.message);
  const decided = decide(examined.value);
  if (!decided.ok) return decided;
  if (decided.value === 'nothing') return ok({ before: null });
  const copy = join(dataDir, `${DATABASE_FILE}.repaired`);
  await rm(copy, { force: true });
  await db.backup(copy);
  const repaired = repairCopy(copy, unfinished);
  if (!repaired.ok || repaired.value.findings.length > 0) {
    await rm(copy, { force: true });
    return not(`made again, its indexes show that rows are damaged: ${RESTORE}`);
  }
  return ok({ before: await swap(dataDir, copy) });
};

/**
 * The one safe repair: what is derived from rows that prove themselves is made again, and what nobody has ever seen goes. It is made in
 * a copy, which takes the place of the data only when it is found whole; the data as they were stay beside it. An un-acked tail of the
 * log needs no repair: SQLite cuts it at opening.
 */
export const repair = async (dataDir: string): Promise<Result<Repaired, NotRepaired>> => {
  const path = join(dataDir, DATABASE_FILE);
  const unfit = refuseUnfit(dataDir);
  if (unfit !== null) return not(unfit);
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { fileMustExist: true, timeout: 500 });
    db.pragma('locking_mode = EXCLUSIVE'); // no relay starts on it meanwhile
    db.exec('BEGIN IMMEDIATE; COMMIT');
    return await repairLocked(db, dataDir);
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    if (/^SQLITE_(BUSY|LOCKED)/u.test(error.code)) return not(`${dataDir} is in use by a relay: stop it first`);
    return not(`the file cannot be read as it is (${error.message}): ${RESTORE}`);
  } finally {
    db?.close();
  }
};
