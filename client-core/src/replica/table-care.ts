import type { PGliteInterface } from '@electric-sql/pglite';

/** What Postgres' autovacuum does elsewhere; PGlite has none. */
export interface TableCare {
  /** Renews the planner's statistics where `rows` of reads are many more than when it did last. */
  readonly analyze: (rows: number) => Promise<void>;
  /** Frees the room of rows that are no more in one table; false: there is none that is worth it. */
  readonly vacuum: () => Promise<boolean>;
}

/**
 * Statistics are renewed each time the table of reads has doubled: people's queries were measured up to 200 times slower
 * without. From a small sample: of 100,000 reads in 11 ms instead of 95.
 */
const ANALYZE_ROWS = 10_000;
const ANALYZE =
  'SET default_statistics_target = 10; ANALYZE reads; ANALYZE clock; ANALYZE chip_totals; RESET default_statistics_target';

/** Rows written anew mostly use the room of their former selves; it is epochs that were dropped and setups that changed that leave more. */
const BLOATED = `SELECT quote_ident(relname) AS name FROM pg_stat_user_tables
  WHERE n_dead_tup > 10000 AND n_dead_tup > n_live_tup / 2 ORDER BY n_dead_tup DESC LIMIT 1`;

/** `rows`: reads held now. */
export const createTableCare = (db: PGliteInterface, rows: number): TableCare => {
  let analyzedRows = rows;
  return {
    analyze: async (now) => {
      if (now - analyzedRows < Math.max(ANALYZE_ROWS, analyzedRows)) return;
      await db.exec(ANALYZE);
      analyzedRows = now;
    },
    vacuum: async () => {
      const { rows: found } = await db.query<{ name: string }>(BLOATED);
      const [table] = found;
      if (table === undefined) return false;
      await db.exec(`VACUUM ${table.name}`);
      return true;
    },
  };
};
