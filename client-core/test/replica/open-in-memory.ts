import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openPgliteDatabase, type PgliteDatabase } from '../../src/replica/pglite-database.ts';
import type { ProjectStep } from '../../src/replica/projection.ts';
import { PGLITE_OPTIONS } from '../../src/replica/serve-pglite.ts';
import { copyTemplate } from '../../src/replica/template.ts';

/** One PGlite for all tests of a file. Begun as a copy, for Postgres' own beginning takes seconds. */
export interface SharedDatabase {
  readonly db: PGlite;
  /** As a start does after the process was killed: only what was committed is known. */
  readonly restart: () => Promise<PgliteDatabase>;
  /** With empty tables. */
  readonly fresh: () => Promise<PgliteDatabase>;
  readonly rows: <T>(sql: string, params?: unknown[]) => Promise<readonly T[]>;
  readonly close: () => Promise<void>;
}

/** Tables are small here: a `TRUNCATE` makes new files for each. */
const EMPTY = `SELECT string_agg('DELETE FROM ' || quote_ident(tablename), '; ') AS sql FROM pg_tables WHERE schemaname = 'public'`;

export const openShared = async (): Promise<SharedDatabase> => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-shared-'));
  const dataDir = join(folder, 'db');
  await copyTemplate(dataDir);
  const db = await PGlite.create({ dataDir, parsers: PGLITE_OPTIONS.parsers });
  await openPgliteDatabase(db);
  const restart = async (): Promise<PgliteDatabase> => (await openPgliteDatabase(db)).database;
  return {
    db,
    restart,
    fresh: async () => {
      const { rows } = await db.query<{ sql: string }>(EMPTY);
      await db.exec(rows[0]?.sql ?? '');
      return restart();
    },
    rows: async <T>(sql: string, params: unknown[] = []) => (await db.query<T>(sql, params)).rows,
    close: async () => {
      await db.close();
      await rm(folder, { recursive: true });
    },
  };
};

/** Works until the results are current; how many steps it took, and whether they changed. */
export const projectAll = async (
  database: PgliteDatabase,
): Promise<{ readonly steps: number; readonly changed: boolean }> => {
  for (let steps = 1; steps < 10_000; steps++) {
    const step: ProjectStep = await database.project();
    if (step.type === 'current') return { steps, changed: step.changed };
  }
  throw new Error('the projection does not come to an end');
};
