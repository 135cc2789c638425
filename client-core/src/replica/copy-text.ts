import type { Transaction } from '@electric-sql/pglite';
import { toText } from './json-rows.ts';

export type CopyValue = string | number | null;

/** What Postgres' text format gives a meaning of its own (PostgreSQL manual, COPY, "Text Format"). */
const SPECIAL = /[\\\t\n\r]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const fieldOf = (value: CopyValue): string => {
  if (value === null) return '\\N';
  return typeof value === 'number' ? `${value}` : toText(value).replace(SPECIAL, (it) => ESCAPED[it] ?? it);
};

const lineOf = (row: readonly CopyValue[]): string => `${row.map(fieldOf).join('\t')}\n`;

/** Adds rows that the table does not have, values in the order of the columns: half the cost of an `INSERT`, for one row as cheap. */
export const copyRows = async (
  tx: Transaction,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly CopyValue[])[],
): Promise<void> => {
  if (rows.length === 0) return;
  const blob = new Blob([rows.map(lineOf).join('')]);
  await tx.query(`COPY ${table} (${columns.join(', ')}) FROM '/dev/blob'`, [], { blob });
};
