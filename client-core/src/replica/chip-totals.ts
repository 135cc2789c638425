import { type PairKey, pairKey } from '@baton/schema/reads';
import type { ReadRun } from './apply-plan.ts';
import { toText } from './json-rows.ts';

/** What a run of new reads adds to a row of `chip_totals`. */
export interface ChipTotal {
  readonly stream_id: string;
  readonly epoch: number;
  readonly chip: string;
  reads: number;
  readonly first_seq: number;
  last_seq: number;
  last_received_at: number;
}

/** The totals of one epoch, by chip as it was read and as the table spells it. */
type Totals = Map<string, ChipTotal>;

const totalOf = (totals: Totals, { streamId, epoch }: ReadRun, spelled: string, seq: number): ChipTotal => {
  const chip = toText(spelled);
  const known = totals.get(chip);
  const total = known ?? {
    stream_id: streamId,
    epoch,
    chip,
    reads: 0,
    first_seq: seq,
    last_seq: seq,
    last_received_at: 0,
  };
  totals.set(chip, total);
  totals.set(spelled, total);
  return total;
};

const addRun = (totals: Totals, run: ReadRun): void => {
  for (const [index, { chip, receivedAt }] of run.reads.entries()) {
    if (chip === null) continue;
    const seq = run.firstSeq + index;
    const total = totals.get(chip) ?? totalOf(totals, run, chip, seq);
    total.reads++;
    total.last_seq = seq;
    total.last_received_at = receivedAt;
  }
};

/** What these runs add, by epoch one entry for each chip; reads without a chip are nobody's. */
export const chipTotals = (runs: readonly ReadRun[]): ReadonlyMap<PairKey, readonly ChipTotal[]> => {
  const epochs = new Map<PairKey, Totals>();
  for (const run of runs) {
    const key = pairKey(run.streamId, run.epoch);
    const totals: Totals = epochs.get(key) ?? new Map();
    epochs.set(key, totals);
    addRun(totals, run);
  }
  return new Map([...epochs].map(([key, totals]) => [key, [...new Set(totals.values())]]));
};
