/**
 * The receiver's replica as SQL (Postgres dialect, run by PGlite). One definition for laptop
 * and browser. Everything in it can be pulled again from the relay: it never holds the only copy.
 *
 * - ids and chips are `COLLATE "C"`: they are names, not language, and byte order is the order of `comparePairs`
 * - times of Baton's own clocks are milliseconds since the Unix epoch (`bigint`); `reader_time` is the reader's
 *   own text, opaque, without zone
 * - `reads.pos` is the order in which this replica stored them: a consumer that remembers its last `pos` also gets
 *   late reads of an old epoch. It means nothing outside this replica and starts again when the replica is rebuilt
 * - `clock` is written in the transaction of its reads: `seq` = number of reads held = the highest, contiguous from 1
 */
const ID = 'text COLLATE "C"';

/** Rises with every change below; it is part of the database's directory name, so that an old one is rebuilt. */
export const REPLICA_SCHEMA_VERSION = 1;

export const REPLICA_TABLES_SQL = `
CREATE TABLE reads (
  pos bigint NOT NULL,
  stream_id ${ID} NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  received_at bigint NOT NULL,
  reader_time text,
  chip ${ID},
  kind text NOT NULL,
  raw bytea NOT NULL,
  PRIMARY KEY (stream_id, epoch, seq)
);
CREATE UNIQUE INDEX reads_pos ON reads (pos);

CREATE TABLE clock (
  stream_id ${ID} NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);

CREATE TABLE races (
  race_id ${ID} PRIMARY KEY,
  name text NOT NULL,
  start_at bigint
);

CREATE TABLE streams (
  stream_id ${ID} PRIMARY KEY,
  forwarder_id ${ID},
  label text,
  point_id ${ID}
);

CREATE TABLE epoch_races (
  stream_id ${ID} NOT NULL,
  epoch bigint NOT NULL,
  race_id ${ID} NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);

CREATE TABLE participants (
  participant_id ${ID} PRIMARY KEY,
  race_id ${ID},
  bib text NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  club text,
  sex text,
  birth_year integer,
  category text
);

CREATE TABLE chips (
  chip ${ID} PRIMARY KEY,
  participant_id ${ID} NOT NULL
);
`;

/** Tables that `applySetup` rewrites as a whole, in an order that may be emptied and filled. */
export const SETUP_TABLES = ['races', 'streams', 'epoch_races', 'participants', 'chips'] as const;
