import type { Migration } from './migration.ts';

/**
 * - One row per received batch, its bytes as received, until a chunk is full and its rows become one. A
 *   rowid table with an index beside it: the blobs of all streams go to the end of one b-tree, so one sync of
 *   many streams writes few pages (keyed by stream, each stream's tail would dirty a page of its own).
 * - `crc` is the CRC-32 of the blob beside it: a flipped byte is found when it is read.
 * - References are never used twice (AUTOINCREMENT), so that nothing cached can mean another stream.
 */
export const recordsLogDocs: Migration = {
  version: 1,
  name: 'records, read log and documents',
  sql: `
    CREATE TABLE events (
      event_id TEXT PRIMARY KEY,
      title TEXT NOT NULL,
      date TEXT NOT NULL,
      timezone TEXT NOT NULL,
      location TEXT,
      status TEXT NOT NULL,
      status_changed_at INTEGER NOT NULL,
      min_client_version TEXT,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE tokens (
      token_id TEXT PRIMARY KEY,
      hash TEXT NOT NULL,
      role TEXT NOT NULL,
      event_id TEXT,
      node_id TEXT,
      label TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE streams (
      stream_ref INTEGER PRIMARY KEY AUTOINCREMENT,
      stream_id TEXT NOT NULL UNIQUE,
      event_id TEXT NOT NULL,
      forwarder_id TEXT NOT NULL,
      reader TEXT NOT NULL,
      current_epoch INTEGER NOT NULL,
      commanded_epoch INTEGER,
      created_at INTEGER NOT NULL,
      accepted INTEGER NOT NULL DEFAULT 0,
      duplicates INTEGER NOT NULL DEFAULT 0,
      conflicts INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    CREATE TABLE epochs (
      stream_ref INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      head INTEGER NOT NULL DEFAULT 0,
      first_read_at INTEGER,
      last_read_at INTEGER,
      sealed INTEGER NOT NULL DEFAULT 0,
      hash TEXT,
      chunks_done INTEGER NOT NULL DEFAULT 0,
      PRIMARY KEY (stream_ref, epoch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE batches (
      batch_ref INTEGER PRIMARY KEY,
      stream_ref INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      count INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX batches_by_seq ON batches (stream_ref, epoch, first_seq);

    CREATE TABLE cursors (
      receiver_id TEXT NOT NULL,
      stream_ref INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (receiver_id, stream_ref, epoch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE docs (
      doc_ref INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE doc_updates (
      update_ref INTEGER PRIMARY KEY,
      doc_ref INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE INDEX doc_updates_by_doc ON doc_updates (doc_ref, update_ref);
  `,
};
