import type { ReadsFrame } from '@baton/schema/protocol';
import {
  decodeBatch,
  type NumberedRead,
  type Pair,
  type PairKey,
  pairKey,
  type VectorClock,
} from '@baton/schema/reads';
import { stepFrame } from '../reads/frame-step.ts';
import type { ApplyReply } from './replica.ts';

export interface PlannedRead extends NumberedRead, Pair {}

export interface ApplyPlan {
  readonly type: 'plan';
  /** In order, numbers contiguous to the clock. */
  readonly reads: readonly PlannedRead[];
  /** Clock entries after the transaction, of the pairs that rise. */
  readonly raised: VectorClock;
}

type Refusal = Extract<ApplyReply, { type: 'gap' | 'malformed' }>;

/** What a transaction has to store of these frames, or why none of them may be stored. */
export const planApply = (clock: VectorClock, frames: readonly ReadsFrame[]): ApplyPlan | Refusal => {
  const reads: PlannedRead[] = [];
  const raised = new Map<PairKey, number>();
  for (const { streamId, epoch, firstSeq, batch } of frames) {
    const decoded = decodeBatch(batch);
    if (!decoded.ok) return { type: 'malformed', message: `${streamId} epoch ${epoch}: ${decoded.error.message}` };
    const key = pairKey(streamId, epoch);
    const step = stepFrame(raised.get(key) ?? clock.get(key) ?? 0, firstSeq, decoded.value.count);
    if (step.type === 'gap') return { type: 'gap', key, firstSeq, expected: step.expected };
    if (step.type === 'known') continue;
    for (let index = step.from; index < decoded.value.count; index++) {
      reads.push({ streamId, epoch, seq: firstSeq + index, ...decoded.value.at(index) });
    }
    raised.set(key, step.head);
  }
  return { type: 'plan', reads, raised };
};
