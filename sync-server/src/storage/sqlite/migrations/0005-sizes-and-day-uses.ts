import { addCheck, type CheckedTable, checked } from './0004-row-checks.ts';
import type { Migration } from './migration.ts';

export const DAY_USES: CheckedTable = checked('day_uses', 'owner', 'hours');

const DOC_EVENT = `substr(name, 8, instr(substr(name, 8), '/') - 1)`;
const IS_OF_EVENT = `name GLOB 'events/?*/?*'`;

/** Bytes of the blobs of each event, counted from the rows: columns `event_id` and `bytes`. A row's head tells the length: no blob is read. */
export const COUNTED_SIZES = `
  SELECT event_id, sum(bytes) AS bytes FROM (
    SELECT event_id, length(bytes) AS bytes FROM batches JOIN streams USING (stream_ref)
    UNION ALL SELECT ${DOC_EVENT}, length(bytes) FROM doc_updates JOIN docs USING (doc_ref) WHERE ${IS_OF_EVENT}
    UNION ALL SELECT event_id, length(bytes) FROM event_facts
  ) GROUP BY event_id`;

interface SizedTable {
  readonly table: string;
  readonly event: string;
  /** Where the event of a row is found; `it` is that row. */
  readonly from: (it: 'new' | 'old') => string;
}

/** Tables whose blobs make up the size of an event. */
const SIZED: readonly SizedTable[] = [
  { table: 'batches', event: 'event_id', from: (it) => `FROM streams WHERE stream_ref = ${it}.stream_ref` },
  {
    table: 'doc_updates',
    event: DOC_EVENT,
    from: (it) => `FROM docs WHERE doc_ref = ${it}.doc_ref AND ${IS_OF_EVENT}`,
  },
  { table: 'event_facts', event: 'event_id', from: (it) => `FROM (SELECT ${it}.event_id AS event_id) WHERE true` },
];

const keepSize = ({ table, event, from }: SizedTable): string => `
    CREATE TRIGGER ${table}_size_added AFTER INSERT ON ${table} BEGIN
      INSERT INTO event_sizes (event_id, bytes) SELECT ${event}, length(new.bytes) ${from('new')}
        ON CONFLICT (event_id) DO UPDATE SET bytes = bytes + excluded.bytes;
    END;
    CREATE TRIGGER ${table}_size_changed AFTER UPDATE OF bytes ON ${table} BEGIN
      UPDATE event_sizes SET bytes = bytes + length(new.bytes) - length(old.bytes)
        WHERE event_id = (SELECT ${event} ${from('new')});
    END;
    CREATE TRIGGER ${table}_size_gone AFTER DELETE ON ${table} BEGIN
      UPDATE event_sizes SET bytes = bytes - length(old.bytes) WHERE event_id = (SELECT ${event} ${from('old')});
    END;`;

/**
 * - How large each event is, kept by triggers in the transaction of the row itself, so that no start and no push has to count.
 *   No checksum: the rows prove the sum, and one for each row of the log would cost more than the row.
 * - What events and tokens brought within a day (`hours`: JSON, pairs of hour and bytes), so that a restart gives nobody a new day.
 */
export const sizesAndDayUses: Migration = {
  version: 5,
  name: 'sizes of events, bytes of a day',
  sql: `
    CREATE TABLE event_sizes (event_id TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO event_sizes ${COUNTED_SIZES};
    ${SIZED.map(keepSize).join('\n')}
    CREATE TABLE day_uses (owner TEXT PRIMARY KEY, hours TEXT NOT NULL) STRICT, WITHOUT ROWID;
    ${addCheck(DAY_USES)}
  `,
};
