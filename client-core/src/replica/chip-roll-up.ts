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

const raise = async (tx: Transaction, totals: readonly ChipTotal[]): Promise<void> => {
  if (totals.length > 0) await tx.query(ADD_TO_CHIP_TOTALS, [JSON.stringify(totals)]);
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
      const more: ChipTotal[] = [];
      const added: (readonly [Set<string>, ChipTotal])[] = [];
      for (const [key, totals] of chipTotals(runs)) {
        const chips = known.get(key) ?? (await load(key));
        for (const total of totals) {
          if (chips.has(total.chip)) more.push(total);
          else {
            fresh.push(total);
            added.push([chips, total]);
          }
        }
      }
      return {
        write: async (tx) => {
          await copyRows(tx, 'chip_totals', CHIP_TOTALS_COLUMNS, fresh.map(rowOf));
          await raise(tx, more);
        },
        accept: () => {
          for (const [chips, { chip }] of added) chips.add(chip);
        },
      };
    },
    forget: (pair) => void known.delete(pairKey(pair.streamId, pair.epoch)),
  };
};
