import type { Sliced } from '../roster/sliced.ts';
import { createHeldReads, type HeldReads, type Source, sameOffsets } from './held-reads.ts';
import { createJudged, type Judged } from './judged.ts';
import type { FoldInputs } from './race-plan.ts';
import { venueClock } from './venue-clock.ts';

/** Reads judged in one step. */
const STEP = 50;

/** Judges what a source got since it was looked at last. */
type CatchUp = (source: Source, limit: number) => number;

const catchUpWith = (judged: Judged, from: HeldReads): CatchUp => {
  const taken = new Map<Source, number>();
  return (source, limit) => {
    const begin = taken.get(source) ?? 0;
    const reads = source.reads.slice(begin, begin + limit);
    for (const read of reads) {
      const own = judged.reads === from ? read : judged.reads.hold(from.readOf(read));
      if (own !== null) judged.take(own);
    }
    taken.set(source, begin + reads.length);
    return reads.length;
  };
};

function* takeAll({ sources }: HeldReads, catchUp: CatchUp): Sliced<void> {
  let room = STEP;
  for (const source of sources.values()) {
    for (;;) {
      const count = catchUp(source, room);
      room -= count;
      if (room > 0) break;
      room = STEP;
      yield;
    }
  }
}

/**
 * Judges all reads by other inputs, beside what is shown. Those that come meanwhile are judged, too: there is no step
 * between the last of them and the end.
 */
export function* judgeAnew(reads: HeldReads, inputs: FoldInputs): Sliced<Judged> {
  const { timezone, date } = inputs;
  const offsets = inputs.setup.epochOffsets;
  const sameClock =
    reads.clock.timezone === timezone && reads.clock.date === date && sameOffsets(reads.offsets, offsets);
  const own = sameClock ? reads : createHeldReads(venueClock(timezone, date), offsets);
  const judged = yield* createJudged(inputs, own);
  judged.ledger.noteAll();
  const catchUp = catchUpWith(judged, reads);
  yield* takeAll(reads, catchUp);
  yield* judged.settleSliced();
  // what came while that was settled
  yield* takeAll(reads, catchUp);
  yield* judged.settleSliced();
  for (const source of reads.sources.values()) catchUp(source, Number.POSITIVE_INFINITY);
  return judged;
}
