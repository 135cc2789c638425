import type { Migration } from './migration.ts';

/**
 * What belongs to an event and is too much to be held in memory at all times: results of other timing systems, and lists that
 * became official. A rowid table with an index beside it, as the log: the blobs are large. `crc` is the CRC-32 of the blob.
 */
export const eventFacts: Migration = {
  version: 3,
  name: 'facts of events',
  sql: `
    CREATE TABLE event_facts (
      fact_ref INTEGER PRIMARY KEY,
      event_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      key TEXT NOT NULL,
      crc INTEGER NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX event_facts_by_key ON event_facts (event_id, kind, key);
  `,
};
