import { type NumberedRead, type Pair, type PairKey, pairKey } from '@baton/schema/reads';
import { stepFrame } from '../../reads/frame-step.ts';
import type { ReadRun } from '../consumer.ts';

/** What a batch adds to what has been told; `told` is raised. What does not follow is passed on: consumers tell a gap. */
export const runsOfBatch = (
  { streamId, epoch }: Pair,
  reads: readonly NumberedRead[],
  told: Map<PairKey, number>,
): readonly ReadRun[] => {
  const [first, last] = [reads[0], reads.at(-1)];
  if (first === undefined || last === undefined) return [];
  const key = pairKey(streamId, epoch);
  const step = stepFrame(told.get(key) ?? 0, first.seq, reads.length);
  if (step.type === 'known') return [];
  told.set(key, last.seq);
  return [{ streamId, epoch, reads: step.type === 'append' ? reads.slice(step.from) : reads }];
};
