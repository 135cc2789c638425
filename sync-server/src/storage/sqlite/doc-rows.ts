import { crc32 } from 'node:zlib';
import type { Database } from 'better-sqlite3';
import { DamagedRowError } from './batch-rows.ts';

/** Updates of documents, in the order in which they came. */
export interface DocRows {
  readonly load: (name: string) => readonly Uint8Array[];
  readonly append: (name: string, update: Uint8Array) => void;
  /** Puts `state` in place of the oldest `replaces` updates; nothing when fewer are stored. */
  readonly compact: (name: string, state: Uint8Array, replaces: number) => void;
  /** Deletes every document whose name begins with `prefix`, which ends in `/`. */
  readonly deleteUnder: (prefix: string) => void;
}

interface UpdateRow {
  readonly ref: number;
  readonly crc: number;
  readonly bytes: Uint8Array;
}

export const createDocRows = (db: Database): DocRows => {
  const addName = db.prepare('INSERT OR IGNORE INTO docs (name) VALUES (?)');
  const refOf = db.prepare<[string], { ref: number }>('SELECT doc_ref AS ref FROM docs WHERE name = ?');
  const add = db.prepare('INSERT INTO doc_updates (doc_ref, crc, bytes) VALUES (?, ?, ?)');
  const updatesOf = db.prepare<[number], UpdateRow>(
    'SELECT update_ref AS ref, crc, bytes FROM doc_updates WHERE doc_ref = ? ORDER BY update_ref',
  );
  const oldestRefs = db.prepare<[number, number], { ref: number }>(
    'SELECT update_ref AS ref FROM doc_updates WHERE doc_ref = ? ORDER BY update_ref LIMIT ?',
  );
  const replace = db.prepare('UPDATE doc_updates SET crc = ?, bytes = ? WHERE update_ref = ?');
  const deleteRange = db.prepare('DELETE FROM doc_updates WHERE doc_ref = ? AND update_ref > ? AND update_ref <= ?');
  const under = '(name >= @prefix AND name < @end)'; // a range, not LIKE: it uses the index and has no wildcards
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
    append: (name, update) => {
      let doc = refOf.get(name);
      if (doc === undefined) {
        addName.run(name);
        doc = refOf.get(name);
      }
      if (doc === undefined) throw new Error(`document ${name} was added and is not there`);
      add.run(doc.ref, crc32(update), update);
    },
    compact: (name, state, replaces) => {
      const doc = refOf.get(name);
      if (doc === undefined || replaces < 1) return;
      const oldest = oldestRefs.all(doc.ref, replaces);
      const [first, last] = [oldest[0], oldest.at(-1)];
      if (first === undefined || last === undefined || oldest.length < replaces) return;
      replace.run(crc32(state), state, first.ref);
      deleteRange.run(doc.ref, first.ref, last.ref);
    },
    deleteUnder: (prefix) => {
      const range = { prefix, end: `${prefix.slice(0, -1)}0` }; // `0` follows `/` in ASCII
      deleteUpdatesUnder.run(range);
      deleteNamesUnder.run(range);
    },
  };
};
