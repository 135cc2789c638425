import { err, ok, type Result } from '@baton/schema/result';
import type { PGliteInterface, Results, Transaction } from '@electric-sql/pglite';
import type { Lost, QueryFailure, QueryRows, SelectColumn, SelectPage } from './replica.ts';
import { isStatementError } from './sql-errors.ts';

/** Statements of people and programs: read only, for nobody's query may part the reads from their clock. */
type Asked<T> = Promise<Result<T, Exclude<QueryFailure, Lost>>>;

/** Rolled back, so that not even a setting of the connection outlives it. */
const readOnly = async <T>(db: PGliteInterface, ask: (tx: Transaction) => Promise<T>): Asked<T> => {
  try {
    const answer = await db.transaction(async (tx) => {
      await tx.exec('SET TRANSACTION READ ONLY');
      const found = await ask(tx);
      await tx.rollback();
      return found;
    });
    return ok(answer);
  } catch (error) {
    if (isStatementError(error)) return err({ type: 'sql-error', message: error.message });
    throw error;
  }
};

/** All rows, as objects keyed by column. */
export const queryRows = (db: PGliteInterface, sql: string, params: readonly unknown[]): Asked<QueryRows> =>
  readOnly(db, async (tx) => (await tx.query<QueryRows[number]>(sql, [...params])).rows);

const LEADING = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/;
/** What a cursor can walk; other statements that only read (`EXPLAIN`, `SHOW`) answer with few rows. */
const WALKABLE = /^\(*\s*(?:SELECT|WITH|VALUES|TABLE)\b/i;

const ARRAYS = { rowMode: 'array' } as const;
type Page = Results<readonly unknown[]>;

const fetchPage = async (tx: Transaction, sql: string, params: unknown[], rows: number): Promise<Page> => {
  if (!WALKABLE.test(sql.replace(LEADING, ''))) return tx.query(sql, params, ARRAYS);
  await tx.query(`DECLARE page NO SCROLL CURSOR FOR ${sql}`, params);
  return tx.query(`FETCH ${rows} FROM page`, [], ARRAYS);
};

const typeNames = async (tx: Transaction, ids: readonly number[]): Promise<ReadonlyMap<number, string>> => {
  const found = await tx.query<{ oid: number; name: string }>(
    'SELECT oid::int AS oid, format_type(oid, NULL) AS name FROM pg_type WHERE oid = ANY($1::int[])',
    [[...new Set(ids)]],
  );
  return new Map(found.rows.map(({ oid, name }) => [oid, name]));
};

/** The first `maxRows` rows, as arrays; no more than one row beyond them is ever fetched. */
export const selectPage = (
  db: PGliteInterface,
  sql: string,
  params: readonly unknown[],
  maxRows: number,
): Asked<SelectPage> =>
  readOnly(db, async (tx) => {
    const { fields, rows } = await fetchPage(tx, sql, [...params], maxRows + 1);
    const names = await typeNames(
      tx,
      fields.map((field) => field.dataTypeID),
    );
    const columns = fields.map(
      ({ name, dataTypeID }): SelectColumn => ({ name, type: names.get(dataTypeID) ?? 'unknown' }),
    );
    return { columns, rows: rows.slice(0, maxRows), truncated: rows.length > maxRows };
  });
