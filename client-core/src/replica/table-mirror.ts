import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import { toJson, toText } from './json-rows.ts';

export type TableRow = Readonly<Record<string, string | number | null>>;

/** A table as far as a mirror knows it. */
export interface TableShape {
  readonly table: string;
  readonly key: readonly string[];
  /** With those of the key. */
  readonly columns: readonly string[];
}

export interface TableChange {
  /** New rows, and rows that differ. */
  readonly put: readonly TableRow[];
  readonly drop: readonly TableRow[];
}

/**
 * A table's rows in memory, so that a new state of thousands of rows costs only its difference. The table is written by
 * nobody else; a difference counts once its transaction is over.
 */
export interface TableMirror {
  readonly shape: TableShape;
  readonly rows: () => Iterable<TableRow>;
  /** What makes the table hold exactly these rows; null: nothing. */
  readonly compare: (rows: Iterable<TableRow>) => TableChange | null;
  readonly accept: (change: TableChange) => void;
}

/** Rows of one statement: what it holds in memory at once. */
const PIECE = 5000;

/** Each part with its length before it, so that no two keys look alike: with every projection this is made for every row. */
const keyOf = ({ key }: TableShape, row: TableRow): string => {
  let text = '';
  for (const column of key) {
    const part = `${row[column]}`;
    text += `${part.length}:${part}`;
  }
  return toText(text);
};

const isSame = ({ columns }: TableShape, a: TableRow, b: TableRow): boolean =>
  columns.every((column) => (a[column] ?? null) === (b[column] ?? null));

const rowsWithout = (rows: ReadonlyMap<string, TableRow>, keys: ReadonlySet<string>): readonly TableRow[] =>
  [...rows].flatMap(([key, row]) => (keys.has(key) ? [] : [row]));

export const createTableMirror = (shape: TableShape, held: Iterable<TableRow>): TableMirror => {
  const known = new Map<string, TableRow>();
  for (const row of held) known.set(keyOf(shape, row), row);
  return {
    shape,
    rows: () => known.values(),
    compare: (rows) => {
      const seen = new Set<string>();
      const put = new Map<string, TableRow>();
      let added = 0;
      for (const row of rows) {
        const key = keyOf(shape, row);
        const before = known.get(key);
        if (before === undefined && !seen.has(key)) added++;
        seen.add(key);
        if (before === undefined || !isSame(shape, before, row)) put.set(key, row);
        else put.delete(key); // the last of two rows with one key counts
      }
      // almost always none is gone, and then none has to be looked for
      const drop = seen.size - added === known.size ? [] : rowsWithout(known, seen);
      return put.size + drop.length === 0 ? null : { put: [...put.values()], drop };
    },
    accept: ({ put, drop }) => {
      for (const row of drop) known.delete(keyOf(shape, row));
      for (const row of put) known.set(keyOf(shape, row), row);
    },
  };
};

/** Reads a table, or the part of it that belongs to one race. */
export const loadTableMirror = async (
  db: PGliteInterface | Transaction,
  shape: TableShape,
  raceId?: string,
): Promise<TableMirror> => {
  const select = `SELECT ${shape.columns.join(', ')} FROM ${shape.table}`;
  const { rows } =
    raceId === undefined
      ? await db.query<TableRow>(select)
      : await db.query<TableRow>(`${select} WHERE race_id = $1`, [raceId]);
  return createTableMirror(shape, rows);
};

const putStatement = ({ table, key, columns }: TableShape): string => {
  const others = columns.filter((column) => !key.includes(column));
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')})
    SELECT ${columns.join(', ')} FROM json_populate_recordset(NULL::${table}, $1)
    ON CONFLICT (${key.join(', ')}) DO ${others.length === 0 ? 'NOTHING' : `UPDATE SET ${set}`}`;
};

const dropStatement = ({ table, key }: TableShape): string =>
  `DELETE FROM ${table} t USING json_populate_recordset(NULL::${table}, $1) d
    WHERE ${key.map((column) => `t.${column} = d.${column}`).join(' AND ')}`;

const inPieces = async (tx: Transaction, statement: string, rows: readonly TableRow[]): Promise<void> => {
  for (let from = 0; from < rows.length; from += PIECE) {
    await tx.query(statement, [toJson(rows.slice(from, from + PIECE))]);
  }
};

export const writeChange = async (tx: Transaction, shape: TableShape, { put, drop }: TableChange): Promise<void> => {
  await inPieces(tx, dropStatement(shape), drop);
  await inPieces(tx, putStatement(shape), put);
};
