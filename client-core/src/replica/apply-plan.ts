import type { ReadsFrame } from '@baton/schema/protocol';
import {
  type Batch,
  decodeBatch,
  type Pair,
  type PairKey,
  pairKey,
  type Read,
  type VectorClock,
} from '@baton/schema/reads';
import { stepFrame } from '../reads/frame-step.ts';
import type { ApplyReply } from './replica.ts';

/** Consecutive reads that are not held yet, the first of them numbered `firstSeq`; at least one. */
export interface ReadRun extends Pair {
  readonly firstSeq: number;
  readonly reads: readonly Read[];
}

export interface ApplyPlan {
  readonly type: 'plan';
  /** In order, numbers contiguous to the clock. */
  readonly runs: readonly ReadRun[];
  /** Reads of all runs. */
  readonly reads: number;
  /** Clock entries after the transaction, of the pairs that rise. */
  readonly raised: VectorClock;
}

/** Built once for all that becomes of them: row, roll-up and results. */
const readsOf = (batch: Batch, from: number): readonly Read[] =>
  Array.from({ length: batch.count - from }, (_, index) => batch.at(from + index));

type Refusal = Extract<ApplyReply, { type: 'gap' | 'malformed' }>;

/** What a transaction has to store of these frames, or why none of them may be stored. */
export const planApply = (clock: VectorClock, frames: readonly ReadsFrame[]): ApplyPlan | Refusal => {
  const runs: ReadRun[] = [];
  const raised = new Map<PairKey, number>();
  let reads = 0;
  for (const { streamId, epoch, firstSeq, batch } of frames) {
    const decoded = decodeBatch(batch);
    if (!decoded.ok) return { type: 'malformed', message: `${streamId} epoch ${epoch}: ${decoded.error.message}` };
    const key = pairKey(streamId, epoch);
    const step = stepFrame(raised.get(key) ?? clock.get(key) ?? 0, firstSeq, decoded.value.count);
    if (step.type === 'gap') return { type: 'gap', key, firstSeq, expected: step.expected };
    if (step.type === 'known') continue;
    runs.push({ streamId, epoch, firstSeq: firstSeq + step.from, reads: readsOf(decoded.value, step.from) });
    reads += decoded.value.count - step.from;
    raised.set(key, step.head);
  }
  return { type: 'plan', runs, reads, raised };
};
