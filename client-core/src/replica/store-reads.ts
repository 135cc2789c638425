import { type PairKey, pairFromKey, pairKey } from '@baton/schema/reads';
import { RAISE_CLOCK } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ApplyPlan } from './apply-plan.ts';
import type { ChipRollUp } from './chip-roll-up.ts';
import type { CopyEncoder } from './copy-binary.ts';
import { toJson } from './json-rows.ts';
import { COPY_READS_BINARY } from './statements.ts';

export interface StoreTools {
  readonly db: PGliteInterface;
  readonly encoder: CopyEncoder;
  readonly rollUp: ChipRollUp;
}

/** Receipt of the first new read of each pair, and of the last. */
const receipts = ({ runs }: ApplyPlan): ReadonlyMap<PairKey, readonly [number, number]> => {
  const found = new Map<PairKey, readonly [number, number]>();
  for (const { streamId, epoch, reads } of runs) {
    const key = pairKey(streamId, epoch);
    const first = found.get(key)?.[0] ?? reads[0]?.receivedAt ?? 0;
    found.set(key, [first, reads.at(-1)?.receivedAt ?? first]);
  }
  return found;
};

const raiseClock = (tx: Transaction, plan: ApplyPlan, pos: number) => {
  const received = receipts(plan);
  const rows = [...plan.raised].flatMap(([key, seq]) => {
    const [pair, [first, last]] = [pairFromKey(key), received.get(key) ?? [0, 0]];
    if (pair === null) return [];
    const at = { first_received_at: first, last_received_at: last };
    return [{ stream_id: pair.streamId, epoch: pair.epoch, seq, pos, ...at }];
  });
  return tx.query(RAISE_CLOCK, [toJson(rows)]);
};

/** Reads, roll-up and clock in one transaction: a kill at any instant leaves all of it or nothing. */
export const storePlan = async (
  { db, encoder, rollUp }: StoreTools,
  plan: ApplyPlan,
  firstPos: number,
): Promise<void> => {
  const change = await rollUp.change(plan.runs);
  await db.transaction(async (tx) => {
    await tx.query(COPY_READS_BINARY, [], { blob: new Blob([encoder.encode(plan.runs, firstPos)]) });
    await change.write(tx);
    await raiseClock(tx, plan, firstPos + plan.reads - 1);
  });
  change.accept();
};
