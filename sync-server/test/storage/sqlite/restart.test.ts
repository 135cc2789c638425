import { StreamId } from '@baton/schema/ids';
import { batchOf, EVENT_A, eventRecord, streamRecord } from '@baton/testkit/store-fixtures';
import type { Database } from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/storage/sqlite/database.ts';
import type { WriteRequest } from '../../../src/storage/sqlite/requests.ts';
import { createSqliteCore } from '../../../src/storage/sqlite/sqlite-core.ts';
import type { Change } from '../../../src/storage/store.ts';
import { temporaryDirectory } from '../data-directory.ts';

const STREAMS = Array.from({ length: 100 }, (_, index) => StreamId.parse(`gate.r${index}`));
const BATCHES_EACH = 1000;

let directory = temporaryDirectory();
let db: Database;
beforeEach(() => {
  directory = temporaryDirectory();
  db = openDatabase({ dataDir: directory.path, lockWaitMs: 0, maxBytes: null });
});
afterEach(() => {
  db.close();
  directory.remove();
});

const SETUP: readonly Change[] = [
  { type: 'putEvent', event: eventRecord(EVENT_A) },
  ...STREAMS.map((streamId) => ({ type: 'putStream' as const, stream: streamRecord(streamId) })),
];

/** 100,000 batches of one read: the worst of logs, never compacted. */
const fillLog = (): void => {
  const core = createSqliteCore(db, directory.path);
  core.write([{ type: 'commit', changes: SETUP }]);
  for (let seq = 1; seq <= BATCHES_EACH; seq++) {
    const batch = batchOf(seq, 1);
    core.write(
      STREAMS.map(
        (streamId): WriteRequest => ({ type: 'append', command: { streamId, epoch: 1, firstSeq: seq, batch } }),
      ),
    );
  }
};

/** Notes every statement that is prepared. */
const recordStatements = (): readonly string[] => {
  const statements: string[] = [];
  const prepare = db.prepare.bind(db) as Database['prepare'];
  db.prepare = ((sql: string) => {
    statements.push(sql);
    return prepare(sql);
  }) as Database['prepare'];
  return statements;
};

const planOf = (sql: string): string => {
  const parameters = sql.includes('@')
    ? [Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, null]))]
    : [...sql].filter((letter) => letter === '?').map(() => null);
  const rows = db.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return rows.map((row) => row.detail).join('; ');
};

describe('a restart', () => {
  it('[P21] reads a row a stream and an epoch, whatever the length of the log', () => {
    fillLog();
    expect(db.prepare('SELECT count(*) FROM batches').pluck().get()).toBe(STREAMS.length * BATCHES_EACH);
    db.prepare("UPDATE batches SET bytes = x'00'").run(); // whoever looked at one would see it
    db.close();
    db = openDatabase({ dataDir: directory.path, lockWaitMs: 0, maxBytes: null });
    const core = createSqliteCore(db, directory.path);
    const { epochs } = core.load();
    expect(epochs).toHaveLength(STREAMS.length);
    expect(epochs.every((epoch) => epoch.head === BATCHES_EACH)).toBe(true);
    const command = {
      streamId: STREAMS[0]!,
      epoch: 1,
      firstSeq: BATCHES_EACH + 1,
      batch: batchOf(BATCHES_EACH + 1, 1),
    };
    expect(core.write([{ type: 'append', command }])).toMatchObject([{ type: 'accepted' }]);
    expect(() => core.readBatches({ streamId: STREAMS[0]!, epoch: 1, afterSeq: 0, maxReads: 1, maxBytes: 1 })).toThrow(
      'damaged',
    );
  }, 180_000);

  it('[P21] no statement of the store looks through the log or the documents from end to end', () => {
    const statements = recordStatements();
    createSqliteCore(db, directory.path).load();
    const queries = statements.filter((sql) => !/^(BEGIN|COMMIT|ROLLBACK)/.test(sql));
    expect(queries.some((sql) => sql.includes('FROM batches'))).toBe(true);
    for (const sql of [...queries]) {
      expect(`${sql} → ${planOf(sql)}`).not.toMatch(/SCAN (batches|doc_updates|docs)\b/);
    }
  });
});
