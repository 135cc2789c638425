import Database from 'better-sqlite3';
import { DATABASE_FILE } from '../../storage/sqlite/database.ts';
import { migrate } from '../../storage/sqlite/migrate.ts';
import { MIGRATIONS } from '../../storage/sqlite/migrations/index.ts';
import type { Notes } from './findings.ts';

/**
 * Tables whose every row proves by itself, or by its neighbours, that it is what was written: an index that does not fit can be made
 * again from them. Updates of documents and facts prove their bytes, not whose they are.
 */
const PROVED = new Set(['streams', 'docs', 'attachments', 'batches']);

const INDEX_DEFECT = /\b(?:missing from|entries in|entry in) index (\S+)/u;

/** What SQLite itself sees: pages, indexes, keys. */
export const examinePages = (db: Database.Database, notes: Notes): void => {
  const tableOf = db.prepare<[string], { tbl_name: string }>(
    "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?",
  );
  const rows = db.pragma('integrity_check') as readonly { readonly integrity_check: string }[];
  for (const { integrity_check: message } of rows) {
    if (message === 'ok') continue;
    const index = INDEX_DEFECT.exec(message)?.[1];
    const table = index === undefined ? undefined : tableOf.get(index)?.tbl_name;
    if (table === undefined) notes.note({ table: DATABASE_FILE, where: 'the file', message });
    else notes.note({ table, where: `index ${index}`, message, cure: PROVED.has(table) ? 'index' : 'none' });
  }
};

interface SchemaRow {
  readonly name: string;
  readonly sql: string | null;
}

const schemaOf = (db: Database.Database): ReadonlyMap<string, string | null> =>
  new Map(
    db
      .prepare<[], SchemaRow>(
        "SELECT type || ' ' || name AS name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'",
      )
      .all()
      .map(({ name, sql }) => [name, sql]),
  );

const freshSchema = (layout: number): ReadonlyMap<string, string | null> => {
  const fresh = new Database(':memory:');
  try {
    migrate(fresh, MIGRATIONS.slice(0, layout));
    return schemaOf(fresh);
  } finally {
    fresh.close();
  }
};

/** The layout is one of those that were released, word for word. */
export const examineSchema = (db: Database.Database, layout: number, notes: Notes): void => {
  const rows = db.prepare<[], { version: number; name: string }>('SELECT version, name FROM layouts ORDER BY version');
  for (const [index, { version, name }] of rows.all().entries()) {
    notes.count('layouts');
    if (MIGRATIONS[index]?.version === version && MIGRATIONS[index].name === name) continue;
    notes.note({ table: 'layouts', where: `version ${version}`, message: 'it is none of the steps that there are' });
  }
  const [expected, found] = [freshSchema(layout), schemaOf(db)];
  for (const name of new Set([...expected.keys(), ...found.keys()])) {
    if (expected.get(name) === found.get(name)) continue;
    notes.note({ table: 'sqlite_schema', where: name, message: 'it is not as the layout makes it' });
  }
};
