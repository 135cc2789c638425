import type { Migration } from '../migration.ts';

/**
 * The first shape of the replica. Times by a machine's clock are `bigint` milliseconds since the Unix
 * epoch and the reader's own time is text, both as received: a wrong clock is data here, never an
 * error of the insert. Views show them as timestamps.
 *
 * `reads_by_pos` serves those who follow one stream in the order in which it came in here, which
 * differs from (epoch, seq) when an older epoch arrives late. It is not led by `stream_id`: a plain
 * rising number makes the fill by COPY a quarter faster, and readers walk it by spans of positions.
 */
export const replica: Migration = {
  version: 1,
  name: 'replica',
  sql: `
CREATE TABLE meta (
  key text PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE reads (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  pos bigint NOT NULL,
  reader_time text,
  received_at bigint NOT NULL,
  chip text,
  kind text NOT NULL,
  raw bytea NOT NULL,
  PRIMARY KEY (stream_id, epoch, seq)
);
CREATE UNIQUE INDEX reads_by_pos ON reads (pos);

CREATE TABLE clock (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  pos bigint NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);

CREATE TABLE streams (
  stream_id text PRIMARY KEY,
  forwarder_id text,
  reader text,
  label text,
  point_id text,
  current_epoch bigint
);

CREATE TABLE epochs (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  name text,
  head bigint NOT NULL DEFAULT 0,
  sealed boolean NOT NULL DEFAULT false,
  PRIMARY KEY (stream_id, epoch)
);

CREATE TABLE races (
  race_id text PRIMARY KEY,
  name text NOT NULL,
  start_at text
);

CREATE TABLE points (
  race_id text NOT NULL,
  point_id text NOT NULL,
  name text NOT NULL,
  kind text NOT NULL,
  position int NOT NULL,
  PRIMARY KEY (race_id, point_id)
);

CREATE TABLE categories (
  race_id text NOT NULL,
  category_id text NOT NULL,
  name text NOT NULL,
  sex text,
  age_from int,
  age_to int,
  position int NOT NULL,
  PRIMARY KEY (race_id, category_id)
);

CREATE TABLE mappings (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  race_id text NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);
CREATE INDEX mappings_by_race ON mappings (race_id);

CREATE TABLE participants (
  participant_id text PRIMARY KEY,
  bib text NOT NULL,
  first_name text NOT NULL DEFAULT '',
  last_name text NOT NULL DEFAULT '',
  club text,
  sex text,
  birth_year int,
  category text,
  race_id text
);
CREATE INDEX participants_by_bib ON participants (bib);

CREATE TABLE chips (
  chip text PRIMARY KEY,
  participant_id text NOT NULL
);

CREATE TABLE corrections (
  participant_id text PRIMARY KEY,
  status text,
  manual_ms bigint,
  reason text NOT NULL DEFAULT '',
  author text NOT NULL DEFAULT '',
  at bigint NOT NULL
);

CREATE VIEW read_lines AS
SELECT r.stream_id, r.epoch, r.seq, r.pos,
  CASE WHEN pg_input_is_valid(r.reader_time, 'timestamp') THEN r.reader_time::timestamp END AS reader_at,
  r.reader_time,
  to_timestamp(r.received_at / 1000.0) AS received_at,
  r.chip, r.kind, convert_from(r.raw, 'LATIN1') AS line,
  m.race_id, s.label AS stream_label, s.point_id,
  p.participant_id, p.bib, trim(p.first_name || ' ' || p.last_name) AS name
FROM reads r
LEFT JOIN streams s ON s.stream_id = r.stream_id
LEFT JOIN mappings m ON m.stream_id = r.stream_id AND m.epoch = r.epoch
LEFT JOIN chips c ON c.chip = lower(r.chip)
LEFT JOIN participants p ON p.participant_id = c.participant_id;

CREATE VIEW progress AS
SELECT coalesce(c.stream_id, e.stream_id) AS stream_id, coalesce(c.epoch, e.epoch) AS epoch,
  coalesce(c.seq, 0) AS held, coalesce(e.head, c.seq) AS head, coalesce(e.sealed, false) AS sealed,
  coalesce(c.seq, 0) >= coalesce(e.head, c.seq) AS complete
FROM clock c
FULL JOIN epochs e ON e.stream_id = c.stream_id AND e.epoch = c.epoch;

CREATE VIEW unknown_chips AS
SELECT r.chip, count(*) AS reads, max(r.received_at) AS last_received_at
FROM reads r
WHERE r.chip IS NOT NULL AND NOT EXISTS (SELECT FROM chips c WHERE c.chip = lower(r.chip))
GROUP BY r.chip;
`,
};
