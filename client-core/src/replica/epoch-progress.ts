import { StreamId } from '@baton/schema/ids';
import { comparePairs, type Pair } from '@baton/schema/reads';
import { PUT_META } from '@baton/schema/sql';
import type { PGliteInterface } from '@electric-sql/pglite';
import type { EpochCheck, PairProgress } from './replica.ts';
import { bumpInputs } from './results-meta.ts';

interface ProgressRow {
  readonly stream_id: string;
  readonly epoch: number;
  readonly held: number;
  readonly head: number;
  readonly sealed: boolean;
  readonly hash: string | null;
  readonly held_hash: string | null;
  readonly seal_check: EpochCheck;
  readonly repairs: number;
}

const PROGRESS = `SELECT stream_id, epoch, held, head, sealed, hash, held_hash, seal_check, repairs FROM progress`;

const rowToProgress = (row: ProgressRow): PairProgress => ({
  streamId: StreamId.parse(row.stream_id),
  epoch: row.epoch,
  held: row.held,
  head: row.head,
  sealed: row.sealed,
  hash: row.hash,
  heldHash: row.held_hash,
  check: row.seal_check,
  repairs: row.repairs,
});

export const readProgress = async (db: PGliteInterface): Promise<readonly PairProgress[]> =>
  (await db.query<ProgressRow>(PROGRESS)).rows.map(rowToProgress).sort(comparePairs);

/** Row of `meta` with the highest position ever given to a read: none is given twice, though reads be dropped. */
export const LAST_POS_KEY = 'last_pos';

const OF_PAIR = 'WHERE stream_id = $1 AND epoch = $2';

/** Drops reads, roll-up, clock and what was compared. The epoch stays known, with its name, head and hash. */
export const deleteEpoch = (db: PGliteInterface, { streamId, epoch }: Pair, lastPos: number): Promise<void> =>
  db.transaction(async (tx) => {
    const pair = [streamId, epoch];
    await tx.query(PUT_META, [LAST_POS_KEY, `${lastPos}`]);
    for (const table of ['reads', 'chip_totals', 'clock']) await tx.query(`DELETE FROM ${table} ${OF_PAIR}`, pair);
    await bumpInputs(tx);
    await tx.query(
      `UPDATE epochs SET held_hash = NULL, checked_count = NULL, checked_at = NULL, repairs = repairs + 1 ${OF_PAIR}`,
      pair,
    );
  });
