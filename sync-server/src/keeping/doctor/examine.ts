import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '@baton/schema/result';
import Database from 'better-sqlite3';
import { DATABASE_FILE } from '../../storage/sqlite/database.ts';
import { MIGRATIONS } from '../../storage/sqlite/migrations/index.ts';
import { unfinishedImports } from '../archive/unfinished.ts';
import { examineBonds, examineRecords, examineSequences } from './examine-bonds.ts';
import { examineDocs, examineFacts } from './examine-docs.ts';
import { examinePages, examineSchema } from './examine-file.ts';
import { examineLog } from './examine-log.ts';
import { examineSizes } from './examine-sizes.ts';
import { createNotes, type Notes, type Report } from './findings.ts';

export interface NotExamined {
  readonly type: 'not-examined';
  readonly message: string;
}

const not = (message: string): Result<never, NotExamined> => err({ type: 'not-examined', message });

/** By its own table, not by a mark that a flipped bit may have changed. */
const isOurs = (db: Database.Database): boolean =>
  db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'layouts'").get() !== undefined;

export const layoutOf = (db: Database.Database): number =>
  db.prepare<[], { version: number | null }>('SELECT max(version) AS version FROM layouts').get()?.version ?? 0;

/** Each part by itself: what one cannot read does not keep the others from being looked at. */
const examineParts = (db: Database.Database, layout: number, unfinished: readonly string[], notes: Notes): void => {
  const parts = [
    () => examinePages(db, notes),
    () => examineSchema(db, layout, notes),
    () => examineRecords(db, layout, notes),
    () => examineLog(db, layout, notes),
    () => examineDocs(db, notes),
    () => (layout >= 3 ? examineFacts(db, notes) : undefined),
    () => (layout >= 5 ? examineSizes(db, notes) : undefined),
    () => examineBonds(db, unfinished, notes),
    () => examineSequences(db, notes),
  ];
  for (const part of parts) {
    try {
      part();
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || isInUse(error) || isNotAllowed(error)) throw error;
      notes.note({ table: DATABASE_FILE, where: 'the file', message: error.message });
    }
  }
};

const isInUse = (error: InstanceType<typeof Database.SqliteError>): boolean =>
  /^SQLITE_(BUSY|LOCKED)/u.test(error.code);

/** Looks at every row of an open database; `unfinished` are events whose import was cut. */
export const examineDatabase = (db: Database.Database, unfinished: readonly string[]): Result<Report, NotExamined> => {
  const known = MIGRATIONS.at(-1)?.version ?? 0;
  if (!isOurs(db)) return not('it is a database of another program: name the data directory of a relay');
  const layout = layoutOf(db);
  if (layout > known) return not(`its layout is ${layout}, this program knows ${known}; use the program that wrote it`);
  const notes = createNotes();
  examineParts(db, layout, unfinished, notes);
  return ok(notes.report());
};

const reasonOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code !== 'ENOENT' ? ` (${error.message})` : '';

/** SQLite writes beside the file even to read it. */
const refuseUnwritable = (dataDir: string): string | null => {
  try {
    accessSync(dataDir, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return `${dataDir}: this user may not write there, which even looking at it needs (${String(error)}): use the relay’s own user`;
  }
};

/** Why a directory is none that a relay could have written; null when it may be one. */
export const refuseUnfit = (dataDir: string): string | null => {
  try {
    if (statSync(join(dataDir, DATABASE_FILE)).size > 0) return refuseUnwritable(dataDir);
    return `${dataDir}: its ${DATABASE_FILE} is empty: no relay has stored anything there; if one had, restore a backup into a new directory`;
  } catch (error) {
    return `${dataDir}: expected a relay’s data directory; there is no ${DATABASE_FILE} that this user can read${reasonOf(error)}`;
  }
};

const isNotAllowed = (error: InstanceType<typeof Database.SqliteError>): boolean =>
  /^SQLITE_(?:READONLY|CANTOPEN|PERM)/u.test(error.code);

/** Looks at every row of a data directory that no relay uses, and changes nothing. */
export const examine = (dataDir: string): Result<Report, NotExamined> => {
  const path = join(dataDir, DATABASE_FILE);
  const unfit = refuseUnfit(dataDir);
  if (unfit !== null) return not(unfit);
  try {
    const db = new Database(path, { readonly: true, fileMustExist: true, timeout: 500 });
    try {
      return examineDatabase(db, unfinishedImports(dataDir));
    } finally {
      db.close();
    }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    if (isInUse(error))
      return not(`${dataDir} is in use by a relay: stop it first, or examine a backup that was restored`);
    if (isNotAllowed(error))
      return not(
        `${dataDir} cannot be examined by this user (${error.message}): use the relay’s own, who may write there`,
      );
    return ok({ findings: [{ table: DATABASE_FILE, where: 'the file', message: error.message }], more: 0, counts: {} });
  }
};
