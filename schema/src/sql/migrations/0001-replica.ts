import type { Migration } from '../migration.ts';

/**
 * The first shape of the replica. Times by a machine's clock are `bigint` milliseconds since the Unix
 * epoch and the reader's own time is text, both as received: a wrong clock is data here, never an
 * error of the insert. Views show them as timestamps.
 *
 * `chip_totals` and the receipt times of `clock` are written in the transaction of their reads. The tables from `crossings` to
 * `read_fates` are computed from the others, up to the position that `meta.results_pos` names. What is written again and again leaves room in its pages, so that no index grows with it.
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
  first_received_at bigint NOT NULL,
  last_received_at bigint NOT NULL,
  PRIMARY KEY (stream_id, epoch)
);

CREATE TABLE chip_totals (
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  chip text NOT NULL,
  reads bigint NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  last_received_at bigint NOT NULL,
  PRIMARY KEY (stream_id, epoch, chip)
) WITH (fillfactor = 60);

CREATE TABLE event (
  event_id text PRIMARY KEY,
  title text NOT NULL,
  date text NOT NULL,
  timezone text NOT NULL
);

CREATE TABLE rules (
  name text PRIMARY KEY,
  value text NOT NULL
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
  hash text,
  held_hash text,
  checked_count bigint,
  checked_at timestamptz,
  repairs int NOT NULL DEFAULT 0,
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

CREATE TABLE crossings (
  race_id text NOT NULL,
  participant_id text NOT NULL,
  point_id text NOT NULL,
  stream_id text NOT NULL,
  epoch bigint NOT NULL,
  seq bigint NOT NULL,
  reader_time text NOT NULL,
  received_at bigint NOT NULL,
  PRIMARY KEY (race_id, participant_id, point_id)
);

CREATE TABLE results (
  race_id text NOT NULL,
  participant_id text NOT NULL,
  bib text NOT NULL,
  name text NOT NULL,
  club text,
  category text,
  sex text,
  status text,
  rank int,
  category_rank int,
  sex_rank int,
  gun_ms bigint,
  chip_ms bigint,
  behind_ms bigint,
  updated_at bigint,
  PRIMARY KEY (race_id, participant_id)
) WITH (fillfactor = 60);

CREATE TABLE splits (
  race_id text NOT NULL,
  participant_id text NOT NULL,
  point_id text NOT NULL,
  position int NOT NULL,
  elapsed_ms bigint,
  rank int,
  PRIMARY KEY (race_id, participant_id, point_id)
);

CREATE TABLE on_course (
  race_id text NOT NULL,
  participant_id text NOT NULL,
  bib text NOT NULL,
  name text NOT NULL,
  last_point text NOT NULL,
  elapsed_ms bigint,
  next_point text,
  PRIMARY KEY (race_id, participant_id)
);

CREATE TABLE read_fates (
  race_id text NOT NULL,
  fate text NOT NULL,
  reads bigint NOT NULL,
  PRIMARY KEY (race_id, fate)
);

CREATE VIEW read_lines AS
SELECT r.stream_id, r.epoch, r.seq, r.pos,
  CASE WHEN pg_input_is_valid(r.reader_time, 'timestamp') THEN r.reader_time::timestamp END AS reader_at,
  r.reader_time,
  to_timestamp(r.received_at / 1000.0) AS received_at,
  r.chip, r.kind,
  CASE WHEN position('\\x00'::bytea IN r.raw) = 0 THEN convert_from(r.raw, 'LATIN1') ELSE encode(r.raw, 'escape') END AS line,
  m.race_id, s.label AS stream_label, s.point_id,
  p.participant_id, p.bib, trim(p.first_name || ' ' || p.last_name) AS name
FROM reads r
LEFT JOIN streams s ON s.stream_id = r.stream_id
LEFT JOIN mappings m ON m.stream_id = r.stream_id AND m.epoch = r.epoch
LEFT JOIN chips c ON c.chip = lower(r.chip)
LEFT JOIN participants p ON p.participant_id = c.participant_id;

CREATE VIEW progress AS
SELECT *, held >= head AS complete,
  CASE
    WHEN NOT sealed OR hash IS NULL OR held <> head THEN 'unchecked'
    WHEN held_hash IS NULL THEN 'checking'
    WHEN held_hash = hash AND checked_count = head THEN 'match'
    ELSE 'mismatch'
  END AS seal_check
FROM (
  SELECT stream_id, epoch, e.name, coalesce(c.seq, 0) AS held, greatest(e.head, c.seq) AS head,
    coalesce(e.sealed, false) AS sealed, e.hash, e.held_hash, e.checked_count, e.checked_at,
    coalesce(e.repairs, 0) AS repairs,
    to_timestamp(c.first_received_at / 1000.0) AS first_received_at,
    to_timestamp(c.last_received_at / 1000.0) AS last_received_at
  FROM clock c
  FULL JOIN epochs e USING (stream_id, epoch)
) AS known;

CREATE VIEW incomplete AS
SELECT stream_id, epoch, name, held, head, head - held AS missing, seal_check
FROM progress
WHERE held < head OR seal_check = 'mismatch';

CREATE VIEW unknown_chips AS
SELECT t.chip, sum(t.reads)::bigint AS reads, to_timestamp(max(t.last_received_at) / 1000.0) AS last_received_at
FROM chip_totals t
WHERE NOT EXISTS (SELECT FROM chips c WHERE c.chip = lower(t.chip))
GROUP BY t.chip;

CREATE VIEW first_reads AS
SELECT t.stream_id, t.epoch, t.chip, t.first_seq AS seq, t.reads, r.reader_time,
  to_timestamp(r.received_at / 1000.0) AS received_at,
  p.participant_id, p.bib, trim(p.first_name || ' ' || p.last_name) AS name, m.race_id
FROM chip_totals t
JOIN reads r ON r.stream_id = t.stream_id AND r.epoch = t.epoch AND r.seq = t.first_seq
LEFT JOIN mappings m ON m.stream_id = t.stream_id AND m.epoch = t.epoch
LEFT JOIN chips c ON c.chip = lower(t.chip)
LEFT JOIN participants p ON p.participant_id = c.participant_id;

CREATE VIEW result_list AS
SELECT r.race_id, e.name AS race, r.rank, r.bib, r.name, r.club, r.sex, c.name AS category, r.status,
  CASE WHEN r.gun_ms IS NOT NULL THEN r.gun_ms * interval '1 ms' END AS gun_time,
  CASE WHEN r.chip_ms IS NOT NULL THEN r.chip_ms * interval '1 ms' END AS chip_time,
  CASE WHEN r.behind_ms IS NOT NULL THEN r.behind_ms * interval '1 ms' END AS behind,
  r.category_rank, r.sex_rank, r.participant_id
FROM results r
LEFT JOIN races e ON e.race_id = r.race_id
LEFT JOIN categories c ON c.race_id = r.race_id AND c.category_id = r.category
ORDER BY e.name, r.race_id, r.rank, r.status, r.bib;

CREATE VIEW crossing_list AS
SELECT x.race_id, e.name AS race, x.participant_id, p.bib, trim(p.first_name || ' ' || p.last_name) AS name,
  x.point_id, coalesce(t.name, 'Finish') AS point, x.reader_time, to_timestamp(x.received_at / 1000.0) AS received_at,
  x.stream_id, x.epoch, x.seq
FROM crossings x
LEFT JOIN races e ON e.race_id = x.race_id
LEFT JOIN points t ON t.race_id = x.race_id AND t.point_id = x.point_id
LEFT JOIN participants p ON p.participant_id = x.participant_id
ORDER BY e.name, x.race_id, x.reader_time, x.stream_id, x.epoch, x.seq;
`,
};
