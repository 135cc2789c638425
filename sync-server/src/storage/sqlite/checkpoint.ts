import type { Database } from 'better-sqlite3';

/** Pages of log after which they are moved into the database: 4 MiB, SQLite's own default. */
const CHECKPOINT_PAGES = 1000;
const PAGE_BYTES = 4096;

/**
 * Moves committed pages from the write-ahead log into the database file. SQLite would do it inside a
 * commit, before the ack, and keep its errors to itself; here it runs after the acks are out.
 */
export interface Checkpoint {
  /** Tells of a commit: how many requests and bytes it stored. */
  readonly noteCommit: (requests: number, bytes: number) => void;
  readonly isDue: () => boolean;
  /** Throws SQLite's error; the log is then still complete and it may be run again. */
  readonly run: () => void;
}

export const createCheckpoint = (db: Database): Checkpoint => {
  let pages = 0;
  return {
    // SQLite does not say how long its log is: about two pages of index and table a request, and the blobs
    noteCommit: (requests, bytes) => {
      pages += 2 + 2 * Math.min(requests, 50) + Math.ceil(bytes / PAGE_BYTES);
    },
    isDue: () => pages >= CHECKPOINT_PAGES,
    run: () => {
      pages = 0;
      db.pragma('wal_checkpoint(PASSIVE)');
    },
  };
};
