import type { Transaction } from '@electric-sql/pglite';
import { toText } from './json-rows.ts';

export type CopyValue = string | number | null;

/** What Postgres' text format gives a meaning of its own (PostgreSQL manual, COPY, "Text Format"). */
const SPECIAL = /[\\\t\n\r]/g;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Almost no text needs any of it. */
const MAYBE_SPECIAL = /[\\\t\n\r\0\ud800-\udfff]/;

const fieldOf = (value: CopyValue): string => {
  if (value === null) return '\\N';
  if (typeof value === 'number') return `${value}`;
  return MAYBE_SPECIAL.test(value) ? toText(value).replace(SPECIAL, (it) => ESCAPED[it] ?? it) : value;
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
