import { decodeBatch } from '@baton/schema/reads';
import { EVENT_A, eventRecord, OTHER_STREAM, STREAM, streamRecord } from '@baton/testkit/store-fixtures';
import type { Database } from 'better-sqlite3';
import { openDatabase } from '../../../src/storage/sqlite/database.ts';
import { createSqliteCore, type SqliteCore } from '../../../src/storage/sqlite/sqlite-core.ts';
import type { Change, StoredBatch } from '../../../src/storage/store.ts';

/** The synchronous store with its connection, for tests that look at the tables or bend SQLite. */
export interface CoreFixture {
  readonly core: SqliteCore;
  readonly db: Database;
}

export const openCore = (dataDir: string): CoreFixture => {
  const db = openDatabase({ dataDir, lockWaitMs: 0, maxBytes: null });
  return { core: createSqliteCore(db, dataDir), db };
};

export const TWO_STREAMS: readonly Change[] = [
  { type: 'putEvent', event: eventRecord(EVENT_A) },
  { type: 'putStream', stream: streamRecord(STREAM) },
  { type: 'putStream', stream: streamRecord(OTHER_STREAM) },
];

/** Upkeep until there is none; the number of steps it took. */
export const doAllUpkeep = (core: SqliteCore): number => {
  let steps = 0;
  while (core.hasUpkeep()) {
    core.upkeep();
    steps += 1;
  }
  return steps;
};

/** Rows of the log of an epoch as `first+count`. */
export const rowsOf = (db: Database, epoch = 1): readonly string[] =>
  db
    .prepare<[number], { firstSeq: number; count: number }>(
      'SELECT first_seq AS firstSeq, count FROM batches WHERE stream_ref = 1 AND epoch = ? ORDER BY first_seq',
    )
    .all(epoch)
    .map((row) => `${row.firstSeq}+${row.count}`);

/** Raw lines of stored batches, in order. */
export const linesOf = (batches: readonly StoredBatch[]): readonly string[] =>
  batches.flatMap((stored) => {
    const batch = decodeBatch(stored.batch);
    if (!batch.ok) throw new Error(batch.error.message);
    const { rawAt } = batch.value;
    return Array.from({ length: stored.count }, (_, index) => Buffer.from(rawAt(index)).toString('latin1'));
  });
