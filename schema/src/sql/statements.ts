/**
 * Statements of a replica's writer. Reads and clock are written in one transaction: a clock
 * entry never says more than the rows beside it.
 */

/** Columns of `reads`, in the order of `COPY_READS`. */
export const READ_COLUMNS = [
  'stream_id',
  'epoch',
  'seq',
  'pos',
  'reader_time',
  'received_at',
  'chip',
  'kind',
  'raw',
] as const;

const columns = READ_COLUMNS.join(', ');

/** Bulk fill from a file of Postgres' text format (`\N` null, `raw` as `\\x` and hex). Rows must be new. */
export const COPY_READS = `COPY reads (${columns}) FROM '/dev/blob'`;

/** `$1` stream, `$2` epoch, `$3` highest contiguous seq held, `$4` its position. A clock only rises. */
export const RAISE_CLOCK = `INSERT INTO clock (stream_id, epoch, seq, pos) VALUES ($1, $2, $3, $4)
ON CONFLICT (stream_id, epoch) DO UPDATE
SET seq = greatest(clock.seq, excluded.seq), pos = greatest(clock.pos, excluded.pos)`;

export const READ_CLOCK = 'SELECT stream_id, epoch, seq, pos FROM clock ORDER BY stream_id, epoch';

/**
 * `$1` stream, `$2` position after which, `$3` position up to which, `$4` how many: reads in the order in which
 * they came in. The span bounds the walk where the stream is rare among others.
 */
export const READS_AFTER_POS = `SELECT pos, epoch, seq, received_at, reader_time, chip, kind, raw FROM reads
WHERE pos > $2 AND pos <= $3 AND stream_id = $1 ORDER BY pos LIMIT $4`;

/** `$1` key, `$2` value. */
export const PUT_META = `INSERT INTO meta (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
