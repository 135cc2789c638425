import type { Database } from 'better-sqlite3';
import { CHECKED_TABLES } from '../../storage/sqlite/migrations/0004-row-checks.ts';
import { checkedRows, checkedTablesOf } from '../../storage/sqlite/row-checks.ts';
import type { Finding, Notes } from './findings.ts';

/** Each record is, in all its columns, what was written. Layouts before 4 have no word on that: the rows are counted. */
export const examineRecords = (db: Database, layout: number, notes: Notes): void => {
  for (const { table } of layout < 4 ? CHECKED_TABLES : []) {
    const has = db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) !== undefined;
    if (has) for (const _ of db.prepare(`SELECT 1 FROM ${table}`).iterate()) notes.count(table);
  }
  for (const it of checkedTablesOf(layout)) {
    for (const { where, isWhole } of checkedRows(db, it)) {
      notes.count(it.table);
      if (!isWhole) notes.note({ table: it.table, where, message: 'its checksum does not fit' });
    }
  }
};

interface Bond {
  readonly table: string;
  readonly select: string;
  readonly message: string;
}

const NO_EVENT = 'its event is not there';
const docEvent = `substr(name, 8, instr(substr(name, 8), '/') - 1)`;

/** Rows that belong to rows that are not there. */
const BONDS: readonly Bond[] = [
  {
    table: 'batches',
    select: `SELECT 'row ' || batch_ref AS place FROM batches b WHERE NOT EXISTS
      (SELECT 1 FROM epochs e WHERE e.stream_ref = b.stream_ref AND e.epoch = b.epoch)`,
    message: 'its epoch is not there',
  },
  {
    table: 'epochs',
    select: `SELECT 'stream_ref ' || stream_ref || ', epoch ' || epoch AS place FROM epochs
      WHERE stream_ref NOT IN (SELECT stream_ref FROM streams)`,
    message: 'its stream is not there',
  },
  {
    table: 'cursors',
    select: `SELECT receiver_id || ', stream_ref ' || stream_ref AS place FROM cursors
      WHERE stream_ref NOT IN (SELECT stream_ref FROM streams)`,
    message: 'its stream is not there',
  },
  {
    table: 'doc_updates',
    select: `SELECT 'row ' || update_ref AS place FROM doc_updates WHERE doc_ref NOT IN (SELECT doc_ref FROM docs)`,
    message: 'its document is not there',
  },
  {
    table: 'streams',
    select: `SELECT stream_id AS place, event_id AS event FROM streams WHERE event_id NOT IN (SELECT event_id FROM events)`,
    message: NO_EVENT,
  },
  {
    table: 'docs',
    select: `SELECT name AS place, ${docEvent} AS event FROM docs WHERE ${docEvent} NOT IN (SELECT event_id FROM events)`,
    message: NO_EVENT,
  },
];

/** @param unfinished events whose import was cut: what there is of them is a leftover, and no damage */
export const examineBonds = (db: Database, unfinished: readonly string[], notes: Notes): void => {
  for (const { table, select, message } of BONDS) {
    for (const { place, event } of db.prepare<[], { place: string; event?: string }>(select).iterate()) {
      const cure: Pick<Finding, 'cure'> = event !== undefined && unfinished.includes(event) ? { cure: 'leftover' } : {};
      notes.note({ table, where: place, message, ...cure });
    }
  }
};

/** Numbers are never given twice: what was given last is at least the greatest there is. */
export const examineSequences = (db: Database, notes: Notes): void => {
  for (const [table, key] of [
    ['streams', 'stream_ref'],
    ['docs', 'doc_ref'],
  ] as const) {
    const most =
      db.prepare<[], { most: number }>(`SELECT ifnull(max(${key}), 0) AS most FROM ${table}`).get()?.most ?? 0;
    const last = db
      .prepare<[string], { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?')
      .get(table)?.seq;
    if ((last ?? 0) >= most) continue;
    notes.note({ table: 'sqlite_sequence', where: table, message: `it ends at ${last ?? 0}, the rows at ${most}` });
  }
};
