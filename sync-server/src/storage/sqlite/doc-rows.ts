import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { DamagedRowError } from './batch-rows.ts';

/** Updates of documents, in the order in which they came. */
export interface DocRows {
  readonly load: (name: string) => readonly Uint8Array[];
  /** Names that begin with `prefix`, which ends in `/`; in order. */
  readonly names: (prefix: string) => readonly string[];
  readonly append: (name: string, updates: readonly Uint8Array[]) => void;
  /** The updates that a document has now; null when it has none. */
  readonly extent: (name: string) => DocExtent | null;
  /** Of those, the first few after a row. */
  readonly rows: (extent: DocExtent, after: number, limit: number) => readonly DocRow[];
  /** Puts `state` in place of these updates; false, and nothing, when they are not there as they were. */
  readonly replace: (extent: DocExtent, state: Uint8Array) => boolean;
  /** Deletes every document whose name begins with `prefix`, which ends in `/`. */
  readonly deleteUnder: (prefix: string) => void;
}

/** A run of updates of one document, from its first to one that was its last. The number of a document is never used again. */
export interface DocExtent {
  readonly name: string;
  readonly doc: number;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly bytes: number;
}

export interface DocRow {
  readonly ref: number;
  readonly bytes: Uint8Array;
}

interface UpdateRow extends DocRow {
  readonly crc: number;
}

interface PrefixRange {
  readonly prefix: string;
  readonly end: string;
}

const rangeOf = (prefix: string): PrefixRange => ({ prefix, end: `${prefix.slice(0, -1)}0` }); // `0` follows `/` in ASCII

export const createDocRows = (db: Database): DocRows => {
  const addName = db.prepare('INSERT OR IGNORE INTO docs (name) VALUES (?)');
  const refOf = db.prepare<[string], { ref: number }>('SELECT doc_ref AS ref FROM docs WHERE name = ?');
  const add = db.prepare('INSERT INTO doc_updates (doc_ref, crc, bytes) VALUES (?, ?, ?)');
  const updatesOf = db.prepare<[number], UpdateRow>(
    'SELECT update_ref AS ref, crc, bytes FROM doc_updates WHERE doc_ref = ? ORDER BY update_ref',
  );
  const someOf = db.prepare<[number, number, number, number], UpdateRow>(
    'SELECT update_ref AS ref, crc, bytes FROM doc_updates WHERE doc_ref = ? AND update_ref > ? AND update_ref <= ? ORDER BY update_ref LIMIT ?',
  );
  const extentUpTo = db.prepare<[number, number], Pick<DocExtent, 'count' | 'bytes'> & { first: number; last: number }>(
    `SELECT count(*) AS count, ifnull(min(update_ref), 0) AS first, ifnull(max(update_ref), 0) AS last,
      ifnull(sum(length(bytes)), 0) AS bytes FROM doc_updates WHERE doc_ref = ? AND update_ref <= ?`,
  );
  const replace = db.prepare('UPDATE doc_updates SET crc = ?, bytes = ? WHERE update_ref = ?');
  const deleteRange = db.prepare('DELETE FROM doc_updates WHERE doc_ref = ? AND update_ref > ? AND update_ref <= ?');
  const under = '(name >= @prefix AND name < @end)'; // a range, not LIKE: it uses the index and has no wildcards
  const namesUnder = db.prepare<[PrefixRange], { name: string }>(`SELECT name FROM docs WHERE ${under} ORDER BY name`);
  const deleteUpdatesUnder = db.prepare(
    `DELETE FROM doc_updates WHERE doc_ref IN (SELECT doc_ref FROM docs WHERE ${under})`,
  );
  const deleteNamesUnder = db.prepare(`DELETE FROM docs WHERE ${under}`);

  const checked = (name: string, row: UpdateRow): Uint8Array => {
    if (crc32(row.bytes) === row.crc) return row.bytes;
    throw new DamagedRowError(`a stored update is damaged: table doc_updates, row ${row.ref}, document ${name}`);
  };

  return {
    load: (name) => {
      const doc = refOf.get(name);
      return doc === undefined ? [] : updatesOf.all(doc.ref).map((row) => checked(name, row));
    },
    names: (prefix) => namesUnder.all(rangeOf(prefix)).map(({ name }) => name),
    append: (name, updates) => {
      let doc = refOf.get(name);
      if (doc === undefined) {
        addName.run(name);
        doc = refOf.get(name);
      }
      if (doc === undefined) throw new Error(`document ${name} was added and is not there`);
      for (const update of updates) add.run(doc.ref, crc32(update), update);
    },
    extent: (name) => {
      const doc = refOf.get(name);
      const found = doc === undefined ? undefined : extentUpTo.get(doc.ref, Number.MAX_SAFE_INTEGER);
      return doc === undefined || found === undefined || found.count === 0 ? null : { name, doc: doc.ref, ...found };
    },
    rows: ({ name, doc, last }, after, limit) =>
      someOf.all(doc, after, last, limit).map((row) => ({ ref: row.ref, bytes: checked(name, row) })),
    replace: ({ name, doc, first, last, count, bytes }, state) => {
      const found = refOf.get(name)?.ref === doc ? extentUpTo.get(doc, last) : undefined;
      const isSame = found?.first === first && found.last === last && found.count === count && found.bytes === bytes;
      if (!isSame) return false;
      replace.run(crc32(state), state, first);
      deleteRange.run(doc, first, last);
      return true;
    },
    deleteUnder: (prefix) => {
      const range = rangeOf(prefix);
      deleteUpdatesUnder.run(range);
      deleteNamesUnder.run(range);
    },
  };
};
