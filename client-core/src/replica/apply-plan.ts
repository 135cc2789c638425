import type { ReadsFrame } from '@baton/schema/protocol';
import { type Batch, decodeBatch, type Pair, type PairKey, pairKey, type VectorClock } from '@baton/schema/reads';
import { stepFrame } from '../reads/frame-step.ts';
import type { ApplyReply } from './replica.ts';

/** The reads `from` … of a batch, numbered from `firstSeq` at index 0; those before `from` are held already. */
export interface ReadRun extends Pair {
  readonly firstSeq: number;
  readonly batch: Batch;
  readonly from: number;
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
    runs.push({ streamId, epoch, firstSeq, batch: decoded.value, from: step.from });
    reads += decoded.value.count - step.from;
    raised.set(key, step.head);
  }
  return { type: 'plan', runs, reads, raised };
};
