import type { Migration } from './migration.ts';

export interface CheckedTable {
  readonly table: string;
  /** What names a row. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
}

export const checked = (table: string, key: string, others: string): CheckedTable => {
  const keys = key.split(' ');
  return { table, key: keys, columns: [...keys, ...others.split(' ').filter((it) => it !== '')] };
};

/** Tables whose rows have a checksum over all of their columns, in this order. */
export const CHECKED_TABLES: readonly CheckedTable[] = [
  checked('events', 'event_id', 'title date timezone location status status_changed_at min_client_version created_at'),
  checked('tokens', 'token_id', 'hash role event_id node_id label created_at expires_at'),
  checked(
    'streams',
    'stream_ref',
    'stream_id event_id forwarder_id reader current_epoch commanded_epoch created_at accepted duplicates conflicts',
  ),
  checked('epochs', 'stream_ref epoch', 'head first_read_at last_read_at sealed hash chunks_done archived'),
  checked('cursors', 'receiver_id stream_ref epoch', 'seq'),
  checked('docs', 'doc_ref', 'name'),
  checked(
    'attachments',
    'node_id event_id',
    'attachment_id role label client_version capabilities declared standing attaches attached_at',
  ),
];

/** Gives a table its checksums, those of the rows it has included. */
export const addCheck = ({ table, key, columns }: CheckedTable): string => {
  const sumOfNew = `row_crc(${columns.map((it) => `new.${it}`).join(', ')})`;
  const isNew = key.map((it) => `${it} = new.${it}`).join(' AND ');
  const setCheck = `BEGIN UPDATE ${table} SET crc = ${sumOfNew} WHERE ${isNew}; END`;
  return `
    ALTER TABLE ${table} ADD COLUMN crc INTEGER;
    UPDATE ${table} SET crc = row_crc(${columns.join(', ')});
    CREATE TRIGGER ${table}_crc_added AFTER INSERT ON ${table} ${setCheck};
    CREATE TRIGGER ${table}_crc_changed AFTER UPDATE OF ${columns.join(', ')} ON ${table} ${setCheck};`;
};

/**
 * - The small records get what blobs have had from the beginning: a checksum, so that no flipped byte is taken for what was written.
 *   Triggers keep it, so no statement can forget it; `row_crc` is the store's own function (`row-checks.ts`).
 * - `archived`: the reads of a sealed epoch lie in a file and no more here.
 */
export const rowChecks: Migration = {
  version: 4,
  name: 'checksums of records, archived epochs',
  sql: `
    ALTER TABLE epochs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
    ${CHECKED_TABLES.map(addCheck).join('\n')}
  `,
};
