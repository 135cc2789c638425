import { pairFromKey } from '@baton/schema/reads';
import { ADD_CHIP_TOTALS, RAISE_CLOCK } from '@baton/schema/sql';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ApplyPlan } from './apply-plan.ts';
import { chipTotals } from './chip-totals.ts';
import type { CopyEncoder } from './copy-binary.ts';
import { toJson } from './json-rows.ts';
import { COPY_READS_BINARY } from './statements.ts';

/** Receipt of the first new read of each pair, and of the last. */
const receipts = ({ runs }: ApplyPlan): ReadonlyMap<string, readonly [number, number]> => {
  const found = new Map<string, readonly [number, number]>();
  for (const { streamId, epoch, batch, from } of runs) {
    const key = `${streamId}/${epoch}`;
    const first = found.get(key)?.[0] ?? batch.receivedAt(from);
    found.set(key, [first, batch.receivedAt(batch.count - 1)]);
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
export const storePlan = (
  db: PGliteInterface,
  encoder: CopyEncoder,
  plan: ApplyPlan,
  firstPos: number,
): Promise<void> =>
  db.transaction(async (tx) => {
    await tx.query(COPY_READS_BINARY, [], { blob: new Blob([encoder.encode(plan.runs, firstPos)]) });
    const totals = chipTotals(plan.runs);
    if (totals.length > 0) await tx.query(ADD_CHIP_TOTALS, [JSON.stringify(totals)]);
    await raiseClock(tx, plan, firstPos + plan.reads - 1);
  });
