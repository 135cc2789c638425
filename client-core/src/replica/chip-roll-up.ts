import { type Pair, type PairKey, pairFromKey, pairKey } from '@baton/schema/reads';
import { ADD_TO_CHIP_TOTALS, CHIP_TOTALS_COLUMNS } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ReadRun } from './apply-plan.ts';
import { type ChipTotal, chipTotals } from './chip-totals.ts';
import { copyRows } from './copy-text.ts';

/** What reads add to the roll-up, to be accepted once it is committed. */
export interface RollUpChange {
  readonly write: (tx: Transaction) => Promise<void>;
  readonly accept: () => void;
}

/**
 * The table `chip_totals`. It knows which chips have a row: new ones go in by COPY and the others are raised, which costs half as
 * much as `INSERT … ON CONFLICT` of all. That is a name for each chip of the epochs that are being filled, read from the table
 * after a start.
 */
export interface ChipRollUp {
  readonly change: (runs: readonly ReadRun[]) => Promise<RollUpChange>;
  readonly forget: (pair: Pair) => void;
}

const CHIPS_OF_PAIR = `SELECT coalesce(json_agg(chip), '[]') AS chips FROM chip_totals WHERE stream_id = $1 AND epoch = $2`;

const rowOf = (total: ChipTotal) => CHIP_TOTALS_COLUMNS.map((column) => total[column]);

/** An array as Postgres reads it: PGlite's own way of writing one costs more than the update. */
const numbers = (values: readonly number[]): string => `{${values.join(',')}}`;
const texts = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

const raise = async (tx: Transaction, { streamId, epoch }: Pair, totals: readonly ChipTotal[]): Promise<void> => {
  const chips = texts(totals.map(({ chip }) => chip));
  const reads = numbers(totals.map((total) => total.reads));
  const seqs = numbers(totals.map((total) => total.last_seq));
  const receipts = numbers(totals.map((total) => total.last_received_at));
  await tx.query(ADD_TO_CHIP_TOTALS, [streamId, epoch, chips, reads, seqs, receipts]);
};

export const createChipRollUp = (db: PGliteInterface): ChipRollUp => {
  const known = new Map<PairKey, Set<string>>();

  const load = async (key: PairKey): Promise<Set<string>> => {
    const pair = pairFromKey(key);
    const { rows } = await db.query<{ chips: readonly string[] }>(CHIPS_OF_PAIR, [pair?.streamId, pair?.epoch]);
    const chips = new Set(rows[0]?.chips);
    known.set(key, chips);
    return chips;
  };

  return {
    change: async (runs) => {
      const fresh: ChipTotal[] = [];
      const more: (readonly [Pair, readonly ChipTotal[]])[] = [];
      const added: (readonly [Set<string>, ChipTotal])[] = [];
      for (const [key, totals] of chipTotals(runs)) {
        const chips = known.get(key) ?? (await load(key));
        for (const total of totals) {
          if (chips.has(total.chip)) continue;
          fresh.push(total);
          added.push([chips, total]);
        }
        const raised = totals.filter(({ chip }) => chips.has(chip));
        const pair = pairFromKey(key);
        if (pair !== null && raised.length > 0) more.push([pair, raised]);
      }
      return {
        write: async (tx) => {
          await copyRows(tx, 'chip_totals', CHIP_TOTALS_COLUMNS, fresh.map(rowOf));
          for (const [pair, totals] of more) await raise(tx, pair, totals);
        },
        accept: () => {
          for (const [chips, { chip }] of added) chips.add(chip);
        },
      };
    },
    forget: (pair) => void known.delete(pairKey(pair.streamId, pair.epoch)),
  };
};
