import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import { copyRows } from './copy-text.ts';
import { selectColumns } from './json-columns.ts';
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
  /** Rows that the table does not have. */
  readonly add: readonly TableRow[];
  /** Rows that differ from those it has. */
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
export const keyOf = ({ key }: TableShape, row: TableRow): string => {
  let text = '';
  for (const column of key) {
    const part = `${row[column]}`;
    text += `${part.length}:${part}`;
  }
  return toText(text);
};

const isSame = ({ columns }: TableShape, a: TableRow, b: TableRow): boolean =>
  columns.every((column) => (a[column] ?? null) === (b[column] ?? null));

const rowsWithout = (rows: ReadonlyMap<string, TableRow>, keys: ReadonlyMap<string, TableRow>): readonly TableRow[] =>
  [...rows].flatMap(([key, row]) => (keys.has(key) ? [] : [row]));

export const createTableMirror = (shape: TableShape, held: Iterable<TableRow>): TableMirror => {
  const known = new Map<string, TableRow>();
  for (const row of held) known.set(keyOf(shape, row), row);
  return {
    shape,
    rows: () => known.values(),
    compare: (rows) => {
      // the last of two rows with one key counts
      const wanted = new Map<string, TableRow>();
      for (const row of rows) wanted.set(keyOf(shape, row), row);
      const add: TableRow[] = [];
      const put: TableRow[] = [];
      for (const [key, row] of wanted) {
        const before = known.get(key);
        if (before === undefined) add.push(row);
        else if (!isSame(shape, before, row)) put.push(row);
      }
      // almost always none is gone, and then none has to be looked for
      const drop = wanted.size - add.length === known.size ? [] : rowsWithout(known, wanted);
      return add.length + put.length + drop.length === 0 ? null : { add, put, drop };
    },
    accept: ({ add, put, drop }) => {
      for (const row of drop) known.delete(keyOf(shape, row));
      for (const row of [...add, ...put]) known.set(keyOf(shape, row), row);
    },
  };
};

/** The rows of a race, or those of some of its participants. */
export interface TablePart {
  readonly raceId: string;
  /** Null: all. */
  readonly participantIds: readonly string[] | null;
}

const conditionOf = (part: TablePart | null): readonly [string, readonly unknown[]] => {
  if (part === null) return ['', []];
  const { raceId, participantIds } = part;
  if (participantIds === null) return [' WHERE race_id = $1', [raceId]];
  return [' WHERE race_id = $1 AND participant_id = ANY ($2::text[])', [raceId, participantIds]];
};

/** Reads a table, or a part of it. */
export const loadTableMirror = async (
  db: PGliteInterface | Transaction,
  shape: TableShape,
  part: TablePart | null = null,
): Promise<TableMirror> => {
  const { table, columns } = shape;
  const [condition, params] = conditionOf(part);
  const lists = await selectColumns(db, columns, `SELECT ${columns.join(', ')} FROM ${table}${condition}`, params);
  const held = lists[columns[0] ?? '']?.map((_, index) => {
    const row: Record<string, string | number | null> = {};
    for (const column of columns) row[column] = lists[column]?.[index] ?? null;
    return row;
  });
  return createTableMirror(shape, held ?? []);
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

const valuesOf = ({ columns }: TableShape, row: TableRow): readonly (string | number | null)[] =>
  columns.map((column) => row[column] ?? null);

export const writeChange = async (tx: Transaction, shape: TableShape, change: TableChange): Promise<void> => {
  await inPieces(tx, dropStatement(shape), change.drop);
  await copyRows(
    tx,
    shape.table,
    shape.columns,
    change.add.map((row) => valuesOf(shape, row)),
  );
  await inPieces(tx, putStatement(shape), change.put);
};
