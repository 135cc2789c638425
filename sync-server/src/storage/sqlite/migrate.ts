import type { Database } from 'better-sqlite3';
import type { Migration } from './migrations/migration.ts';
import { registerRowCrc } from './row-checks.ts';

/** "Bato" in ASCII: SQLite's mark of whose database a file is. */
const APPLICATION_ID = 0x4261_746f;

export type MigrateOutcome =
  | { readonly type: 'migrated'; readonly from: number; readonly to: number }
  | { readonly type: 'newer-layout'; readonly found: number; readonly known: number }
  | { readonly type: 'foreign-database' };

const layoutOf = (db: Database): number => {
  db.exec('CREATE TABLE IF NOT EXISTS layouts (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
  const row = db.prepare<[], { version: number | null }>('SELECT max(version) AS version FROM layouts').get();
  return row?.version ?? 0;
};

/** Marks an empty database as ours; false when it is somebody else's. */
const claim = (db: Database): boolean => {
  const mark: unknown = db.pragma('application_id', { simple: true });
  if (mark === APPLICATION_ID) return true;
  if (db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) return false;
  db.pragma(`application_id = ${APPLICATION_ID}`);
  return true;
};

/**
 * Brings a database to the newest layout: each missing step in a transaction of its own, together with the
 * row that says it was done, so that a kill between two leaves a layout that is one of them. A newer
 * layout or another program's database is left untouched.
 */
export const migrate = (db: Database, migrations: readonly Migration[]): MigrateOutcome => {
  if (!claim(db)) return { type: 'foreign-database' };
  registerRowCrc(db);
  const known = migrations.at(-1)?.version ?? 0;
  const found = layoutOf(db);
  if (found > known) return { type: 'newer-layout', found, known };
  const note = db.prepare('INSERT INTO layouts (version, name) VALUES (?, ?)');
  for (const { version, name, sql } of migrations) {
    if (version <= found) continue;
    db.transaction(() => {
      db.exec(sql);
      note.run(version, name);
    })();
  }
  return { type: 'migrated', from: found, to: known };
};
