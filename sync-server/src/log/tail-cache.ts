import { type Pair, type PairKey, pairKey } from '@baton/schema/reads';
import type { StoredBatch } from '../storage/store.ts';

export interface TailCacheLimits {
  /** Kept of one epoch; the newest batch is always kept. */
  readonly bytesPerEpoch: number;
  /** Kept of all; the least recently appended epochs go first. */
  readonly bytes: number;
}

interface Tail {
  readonly batches: StoredBatch[];
  bytes: number;
}

/**
 * The newest batches of the busy epochs, so that live followers are served without a look at the
 * disk. Holds only what is durable, in order and without gaps; anything older comes from the store.
 */
export interface TailCache {
  readonly add: (pair: Pair, batch: StoredBatch) => void;
  /** Batches from the one that holds `afterSeq + 1` on, or null when the tail does not reach back that far. */
  readonly after: (pair: Pair, afterSeq: number) => readonly StoredBatch[] | null;
}

const indexOfSeq = (batches: readonly StoredBatch[], seq: number): number => {
  let [low, high] = [0, batches.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((batches[middle]?.firstSeq ?? 0) <= seq) low = middle;
    else high = middle - 1;
  }
  return low;
};

export const createTailCache = (limits: TailCacheLimits): TailCache => {
  const tails = new Map<PairKey, Tail>();
  let total = 0;

  const shorten = (tail: Tail): void => {
    let drop = 0;
    while (tail.bytes > limits.bytesPerEpoch && drop < tail.batches.length - 1) {
      const size = tail.batches[drop]?.batch.length ?? 0;
      tail.bytes -= size;
      total -= size;
      drop++;
    }
    if (drop > 0) tail.batches.splice(0, drop);
  };

  const dropOldest = (except: PairKey): void => {
    for (const [key, tail] of tails) {
      if (total <= limits.bytes) return;
      if (key === except) continue;
      tails.delete(key);
      total -= tail.bytes;
    }
  };

  return {
    add: (pair, batch) => {
      const key = pairKey(pair.streamId, pair.epoch);
      const tail = tails.get(key) ?? { batches: [], bytes: 0 };
      tails.delete(key); // re-inserted last: map order is age
      tails.set(key, tail);
      tail.batches.push(batch);
      tail.bytes += batch.batch.length;
      total += batch.batch.length;
      shorten(tail);
      dropOldest(key);
    },
    after: (pair, afterSeq) => {
      const batches = tails.get(pairKey(pair.streamId, pair.epoch))?.batches ?? [];
      const first = batches[0];
      if (first === undefined || first.firstSeq > afterSeq + 1) return null;
      return batches.slice(indexOfSeq(batches, afterSeq + 1));
    },
  };
};
