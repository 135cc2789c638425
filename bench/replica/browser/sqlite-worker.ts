import type { SetupRows } from '@baton/client-core';
import type { ReadsFrame } from '@baton/schema/protocol';
import { decodeBatch } from '@baton/schema/reads';
import initSqlite, { type Database, type SqlValue } from '@sqlite.org/sqlite-wasm';

/** SQLite in a dedicated worker, files in OPFS by access handles: no other threads, no special headers. */
export type SqliteCall =
  | { readonly type: 'store'; readonly frames: readonly ReadsFrame[] }
  | { readonly type: 'setup'; readonly rows: Pick<SetupRows, 'participants' | 'chips'> }
  | { readonly type: 'count'; readonly sql: string };

/** The tables that the question needs, as the replica has them, with the same two indexes on reads. */
const TABLES = `
CREATE TABLE IF NOT EXISTS reads (stream_id TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, pos INTEGER NOT NULL,
  reader_time TEXT, received_at INTEGER NOT NULL, chip TEXT, kind TEXT NOT NULL, raw BLOB NOT NULL,
  PRIMARY KEY (stream_id, epoch, seq));
CREATE UNIQUE INDEX IF NOT EXISTS reads_by_pos ON reads (pos);
CREATE TABLE IF NOT EXISTS participants (participant_id TEXT PRIMARY KEY, bib TEXT NOT NULL, last_name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS chips (chip TEXT PRIMARY KEY, participant_id TEXT NOT NULL);`;

const openDatabase = async (): Promise<Database> => {
  const sqlite = await initSqlite();
  const pool = await sqlite.installOpfsSAHPoolVfs({});
  const db = new pool.OpfsSAHPoolDb('/bench.sqlite');
  db.exec(TABLES);
  return db;
};

const insertAll = (db: Database, sql: string, rows: Iterable<readonly SqlValue[]>): void => {
  const statement = db.prepare(sql);
  for (const row of rows) statement.bind([...row]).stepReset();
  statement.finalize();
};

let pos = 0;

function* readRows(frames: readonly ReadsFrame[]): Iterable<readonly SqlValue[]> {
  for (const { streamId, epoch, firstSeq, batch } of frames) {
    const decoded = decodeBatch(batch);
    if (!decoded.ok) throw new Error(decoded.error.message);
    for (let index = 0; index < decoded.value.count; index++) {
      const { readerTime, receivedAt, chip, kind, raw } = decoded.value.at(index);
      yield [streamId, epoch, firstSeq + index, ++pos, readerTime, receivedAt, chip, kind, raw];
    }
  }
}

const putSetup = (db: Database, { participants, chips }: Pick<SetupRows, 'participants' | 'chips'>): void => {
  const people = participants.map((it) => [it['participant_id'] ?? null, it['bib'] ?? null, it['last_name'] ?? null]);
  insertAll(db, 'INSERT OR REPLACE INTO participants VALUES (?, ?, ?)', people);
  const pairs = chips.map((it) => [it['chip'] ?? null, it['participant_id'] ?? null]);
  insertAll(db, 'INSERT OR REPLACE INTO chips VALUES (?, ?)', pairs);
};

/** Rows that it answered with. */
const perform = (db: Database, call: SqliteCall): number => {
  switch (call.type) {
    case 'store':
      db.transaction(() =>
        insertAll(db, 'INSERT INTO reads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)', readRows(call.frames)),
      );
      return 0;
    case 'setup':
      db.transaction(() => putSetup(db, call.rows));
      return 0;
    case 'count':
      return db.selectArrays(call.sql).length;
  }
};

const serve = async (): Promise<void> => {
  const db = await openDatabase();
  addEventListener('message', ({ data }: MessageEvent<SqliteCall>) => postMessage(perform(db, data)));
  postMessage(0);
};

// what it rejects with ends the worker with an error event
serve().catch((error: unknown) => {
  setTimeout(() => {
    throw error;
  });
});
