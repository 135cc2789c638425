import { COPY_READS } from '@baton/schema/sql';

/** Statements of a replica's writer beyond those of `@baton/schema/sql`. */

/** From a file that `copy-binary` makes; rows must be new. */
export const COPY_READS_BINARY = `${COPY_READS} WITH (FORMAT binary)`;

/** `$1`: key of the `meta` row that remembers it where reads were dropped. */
export const READ_LAST_POS = `SELECT greatest(
  (SELECT coalesce(max(pos), 0) FROM reads),
  (SELECT value::bigint FROM meta WHERE key = $1)) AS pos`;

/** A row where clock, reads and their roll-up do not say the same: none in a sound replica. */
export const FIND_DISAGREEMENT = `
  SELECT coalesce(c.stream_id, r.stream_id) AS stream_id, coalesce(c.epoch, r.epoch) AS epoch, c.seq, r.held, r.last
  FROM clock c FULL JOIN (
    SELECT stream_id, epoch, count(*) AS held, max(seq) AS last, count(chip) AS chips FROM reads GROUP BY stream_id, epoch
  ) r ON c.stream_id = r.stream_id AND c.epoch = r.epoch
  FULL JOIN (
    SELECT stream_id, epoch, sum(reads) AS total FROM chip_totals GROUP BY stream_id, epoch
  ) t ON c.stream_id = t.stream_id AND c.epoch = t.epoch
  WHERE c.seq IS DISTINCT FROM r.held OR c.seq IS DISTINCT FROM r.last OR r.chips IS DISTINCT FROM coalesce(t.total, 0)
  LIMIT 1`;

/** `$1`: JSON array of `{stream_id, epoch, head, sealed, hash}`. */
export const PUT_HEADS = `
  INSERT INTO epochs AS e (stream_id, epoch, head, sealed, hash)
  SELECT stream_id, epoch, head, sealed, hash FROM json_populate_recordset(NULL::epochs, $1)
  ON CONFLICT (stream_id, epoch) DO UPDATE SET head = excluded.head, sealed = excluded.sealed, hash = excluded.hash`;

/** `$1`: JSON array of `{stream_id, epoch, name}`. */
export const PUT_EPOCH_NAMES = `
  INSERT INTO epochs (stream_id, epoch, name)
  SELECT stream_id, epoch, name FROM json_populate_recordset(NULL::epochs, $1)
  ON CONFLICT (stream_id, epoch) DO UPDATE SET name = excluded.name`;

export const READ_META = 'SELECT value FROM meta WHERE key = $1';
