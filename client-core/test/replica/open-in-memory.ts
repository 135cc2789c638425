import { PGlite } from '@electric-sql/pglite';
import { openPgliteDatabase, type PgliteDatabase } from '../../src/replica/pglite-database.ts';
import type { ProjectStep } from '../../src/replica/projection.ts';

/** One PGlite in memory for all tests of a file: opening one takes seconds. */
export interface SharedDatabase {
  readonly db: PGlite;
  /** As a start does after the process was killed: only what was committed is known. */
  readonly restart: () => Promise<PgliteDatabase>;
  /** With empty tables. */
  readonly fresh: () => Promise<PgliteDatabase>;
  readonly rows: <T>(sql: string, params?: unknown[]) => Promise<readonly T[]>;
  readonly close: () => Promise<void>;
}

const TABLES = `SELECT string_agg(quote_ident(tablename), ', ') AS names FROM pg_tables WHERE schemaname = 'public'`;

export const openShared = async (): Promise<SharedDatabase> => {
  const db = await PGlite.create();
  await openPgliteDatabase(db);
  const restart = async (): Promise<PgliteDatabase> => (await openPgliteDatabase(db)).database;
  return {
    db,
    restart,
    fresh: async () => {
      const { rows } = await db.query<{ names: string }>(TABLES);
      await db.exec(`TRUNCATE ${rows[0]?.names}`);
      return restart();
    },
    rows: async <T>(sql: string, params: unknown[] = []) => (await db.query<T>(sql, params)).rows,
    close: () => db.close(),
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
