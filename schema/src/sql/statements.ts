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

/**
 * `$1`: JSON array of `{stream_id, epoch, seq, pos, first_received_at, last_received_at}`: highest contiguous seq held, its
 * position, receipt of the first of the new reads and of the last. A clock only rises.
 */
export const RAISE_CLOCK = `INSERT INTO clock (stream_id, epoch, seq, pos, first_received_at, last_received_at)
SELECT stream_id, epoch, seq, pos, first_received_at, last_received_at FROM json_populate_recordset(NULL::clock, $1)
ON CONFLICT (stream_id, epoch) DO UPDATE
SET seq = excluded.seq, pos = excluded.pos, last_received_at = excluded.last_received_at
WHERE clock.seq < excluded.seq`;

export const CHIP_TOTALS_COLUMNS = [
  'stream_id',
  'epoch',
  'chip',
  'reads',
  'first_seq',
  'last_seq',
  'last_received_at',
] as const;

/**
 * What new reads of one epoch add to the rows of chips that have one. `$1` stream, `$2` epoch, then an array for each: `$3` chips,
 * `$4` reads, `$5` last seqs, `$6` their receipts. Half the cost of the same as JSON.
 */
export const ADD_TO_CHIP_TOTALS = `UPDATE chip_totals t
SET reads = t.reads + more.reads, last_seq = more.last_seq, last_received_at = more.last_received_at
FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[]) AS more (chip, reads, last_seq, last_received_at)
WHERE t.stream_id = $1 AND t.epoch = $2 AND t.chip = more.chip`;

export const READ_CLOCK = 'SELECT stream_id, epoch, seq, pos FROM clock ORDER BY stream_id, epoch';

const located = 'r.stream_id, r.pos, r.epoch, r.seq, r.received_at, r.reader_time, r.chip, r.kind, r.raw';

/**
 * `$1` stream, `$2` position after which, `$3` position up to which, `$4` how many: reads in the order in which
 * they came in. The span bounds the walk where the stream is rare among others.
 */
export const READS_OF_STREAM_AFTER_POS = `SELECT ${located} FROM reads r
WHERE r.pos > $2 AND r.pos <= $3 AND r.stream_id = $1 ORDER BY r.pos LIMIT $4`;

/** The same of the epochs that are mapped to race `$1`. */
export const READS_OF_RACE_AFTER_POS = `SELECT ${located} FROM reads r
JOIN mappings m ON m.stream_id = r.stream_id AND m.epoch = r.epoch AND m.race_id = $1
WHERE r.pos > $2 AND r.pos <= $3 ORDER BY r.pos LIMIT $4`;

/** `$1` key, `$2` value. */
export const PUT_META = `INSERT INTO meta (key, value) VALUES ($1, $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value`;
