import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { CHECKED_TABLES, type CheckedTable } from './migrations/0004-row-checks.ts';
import { DAY_USES } from './migrations/0005-sizes-and-day-uses.ts';

/** Tables with a checksum in each row, as of a layout. */
export const checkedTablesOf = (layout: number): readonly CheckedTable[] => [
  ...(layout >= 4 ? CHECKED_TABLES : []),
  ...(layout >= 5 ? [DAY_USES] : []),
];

type Row = Readonly<Record<string, number | string | null>>;

/** Of a row's columns in their order: type and value both count. */
const rowCrc = (...values: readonly unknown[]): number => crc32(JSON.stringify(values));

/**
 * Gives a connection the function by which the triggers of the layout keep checksums. SQLite takes functions of a program in triggers
 * only when told that the schema may be trusted: it is ours, and compared by the doctor.
 */
export const registerRowCrc = (db: Database): void => {
  db.pragma('trusted_schema = ON');
  db.function('row_crc', { varargs: true, deterministic: true, directOnly: false }, rowCrc);
};

export interface DamagedRecord {
  readonly table: string;
  /** Which row, in words. */
  readonly where: string;
}

export const isCheckedRow = ({ columns }: CheckedTable, row: Row): boolean =>
  rowCrc(...columns.map((it) => row[it])) === row['crc'];

/** Rows of one table, each with whether its checksum fits. */
export function* checkedRows(
  db: Database,
  it: CheckedTable,
): Generator<{ readonly where: string; readonly isWhole: boolean }> {
  const rows = db.prepare<[], Row>(`SELECT ${it.columns.join(', ')}, crc FROM ${it.table}`);
  for (const row of rows.iterate()) {
    yield { where: it.key.map((name) => `${name} ${row[name]}`).join(', '), isWhole: isCheckedRow(it, row) };
  }
}

/** The first record whose bytes are not those that were written. */
export const findDamagedRecord = (db: Database): DamagedRecord | null => {
  for (const it of checkedTablesOf(Number.POSITIVE_INFINITY)) {
    for (const { where, isWhole } of checkedRows(db, it)) if (!isWhole) return { table: it.table, where };
  }
  return null;
};
