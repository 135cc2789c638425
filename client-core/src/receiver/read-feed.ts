import { type PairKey, pairKey } from '@baton/schema/reads';
import type { PositionedRead, ReadPage, ReadScope, Replica } from '../replica/replica.ts';

/** Where a feed begins: with the first line held, with what comes after it was made, or with the line of this number (from 1). */
export type FeedStart = 'start' | 'now' | number;

/** Reads of a scope in the order in which they were stored, each once, whatever happens to the replica. */
export interface ReadFeed {
  /** The next page; empty ones may come before the end. */
  readonly next: () => Promise<FeedPage>;
  /** Epochs came into the scope, perhaps: what was passed is looked at again. */
  readonly lookAgain: () => void;
}

export interface FeedPage {
  readonly reads: readonly PositionedRead[];
  /** Nothing more was stored when it was read. */
  readonly atEnd: boolean;
}

/** Lines of a page: with 36–44 bytes each, about 20 KB. */
const PAGE_READS = 500;

/**
 * What was given of each epoch is remembered as one number: so a feed goes on without loss or repeat when the replica was
 * rebuilt and positions begin anew, when an epoch was pulled again, and when one is mapped to the race later.
 */
export const createReadFeed = (replica: Replica, scope: ReadScope, from: FeedStart): ReadFeed => {
  let given: Map<PairKey, number> | null = null;
  let skip = typeof from === 'number' ? from - 1 : 0;
  let pos = 0;
  let generation: number | null = null;
  /** Rises when passed positions are to be looked at again. */
  let round = 0;

  const begin = async (): Promise<Map<PairKey, number>> => {
    if (from !== 'now') return new Map();
    const end = await replica.end();
    [pos, generation] = [end.pos, end.generation];
    return new Map(end.clock);
  };

  const take = (page: ReadPage, known: Map<PairKey, number>): readonly PositionedRead[] => {
    const fresh: PositionedRead[] = [];
    for (const read of page.reads) {
      const key = pairKey(read.streamId, read.epoch);
      if (read.seq <= (known.get(key) ?? 0)) continue;
      known.set(key, read.seq);
      if (skip > 0) skip--;
      else fresh.push(read);
    }
    return fresh;
  };

  return {
    next: async () => {
      given ??= await begin();
      const asked = round;
      const page = await replica.readFrom(scope, pos, PAGE_READS);
      const isOther = generation !== null && page.generation !== generation;
      generation = page.generation;
      if (isOther) pos = 0;
      if (isOther || asked !== round) return { reads: [], atEnd: false };
      pos = page.nextPos;
      return { reads: take(page, given), atEnd: page.atEnd };
    },
    lookAgain: () => {
      round++;
      pos = 0;
    },
  };
};
