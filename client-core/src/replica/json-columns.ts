import type { PGliteInterface, Transaction } from '@electric-sql/pglite';

/** A value of JSON: texts, whole numbers, null. */
type Value = string | number | null;

/** The values of each column, in the order of the rows. */
type Lists<Column extends string> = Readonly<Record<Column, readonly Value[]>>;

/**
 * What a statement gives, as one list for each of its columns. Postgres writes them as JSON: as rows, the same values were
 * measured to cost six times as much, for each of them is then parsed by itself. Only of columns that JSON knows, no bytes.
 */
export const selectColumns = async <Column extends string>(
  db: PGliteInterface | Transaction,
  columns: readonly Column[],
  sql: string,
  params: readonly unknown[] = [],
): Promise<Lists<Column>> => {
  const lists = columns.map((column) => `coalesce(json_agg(${column}), '[]') AS ${column}`).join(', ');
  const { rows } = await db.query<Lists<Column>>(`SELECT ${lists} FROM (${sql}) AS asked`, [...params]);
  const [row] = rows;
  if (row === undefined) throw new Error('an aggregate gave no row');
  return row;
};
