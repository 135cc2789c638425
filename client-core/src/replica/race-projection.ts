import type { RaceId } from '@baton/schema/ids';
import { type Pair, type PairKey, pairFromKey, type VectorClock } from '@baton/schema/reads';
import { createRaceFold, type FoldInputs, type FoldRead } from '@baton/schema/results';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ReadRun } from './apply-plan.ts';
import { RESULT_SHAPES, RESULT_TABLES, resultRowsOf } from './result-tables.ts';
import { loadTableMirror, type TableChange, type TableMirror, writeChange } from './table-mirror.ts';

/** Reads of a pair that a race still lacks. */
export interface Behind {
  readonly pair: Pair;
  readonly key: PairKey;
  readonly afterSeq: number;
}

/** A change of the result tables of one race, to be accepted once it is committed. */
export interface RaceChange {
  readonly write: (tx: Transaction) => Promise<void>;
  readonly accept: () => void;
  /** Nothing differs. */
  readonly isEmpty: boolean;
}

/** One race: the fold, which of its reads it has taken, and what its tables say. */
export interface RaceProjection {
  readonly raceId: RaceId;
  /** Of the pairs mapped to it, one that is behind the clock. */
  readonly behind: (clock: VectorClock) => Behind | null;
  readonly feed: (key: PairKey, reads: readonly FoldRead[], lastSeq: number) => void;
  /** Takes reads that were just stored, if they follow what it has: they need not be read again. */
  readonly follow: (key: PairKey, run: ReadRun) => void;
  readonly isDirty: () => boolean;
  readonly change: (db: PGliteInterface) => Promise<RaceChange>;
  /** Whether it has taken reads of this pair. */
  readonly has: (key: PairKey) => boolean;
  /** With other inputs; null: what it has taken does not fit them, it must begin anew. */
  readonly update: (inputs: FoldInputs, pairs: ReadonlySet<PairKey>) => boolean;
}

const readsOfRun = ({ streamId, epoch, firstSeq, reads }: ReadRun): readonly FoldRead[] =>
  reads.map(({ chip, readerTime, receivedAt, kind }, index) => {
    return { streamId, epoch, seq: firstSeq + index, chip, readerTime, receivedAt, kind };
  });

export const createRaceProjection = (first: FoldInputs, mapped: ReadonlySet<PairKey>): RaceProjection => {
  const { raceId } = first;
  let inputs = first;
  let pairs = mapped;
  const fold = createRaceFold(first);
  const taken = new Map<PairKey, number>();
  let mirrors: readonly TableMirror[] | null = null;
  let dirty = true;

  const feed = (key: PairKey, reads: readonly FoldRead[], lastSeq: number): void => {
    fold.add(reads);
    taken.set(key, lastSeq);
    dirty = true;
  };

  const load = async (db: PGliteInterface): Promise<readonly TableMirror[]> => {
    const loaded: TableMirror[] = [];
    for (const table of RESULT_TABLES) loaded.push(await loadTableMirror(db, RESULT_SHAPES[table], raceId));
    return loaded;
  };

  return {
    raceId,
    behind: (clock) => {
      for (const key of pairs) {
        const afterSeq = taken.get(key) ?? 0;
        const pair = (clock.get(key) ?? 0) > afterSeq ? pairFromKey(key) : null;
        if (pair !== null) return { pair, key, afterSeq };
      }
      return null;
    },
    feed,
    follow: (key, run) => {
      const isNext = (taken.get(key) ?? 0) === run.firstSeq - 1;
      if (isNext && pairs.has(key)) feed(key, readsOfRun(run), run.firstSeq + run.reads.length - 1);
    },
    isDirty: () => dirty,
    change: async (db) => {
      mirrors ??= await load(db);
      const rows = resultRowsOf(fold, inputs);
      const changes: (readonly [TableMirror, TableChange])[] = [];
      for (const [index, mirror] of mirrors.entries()) {
        const change = mirror.compare(rows[RESULT_TABLES[index] ?? 'results']);
        if (change !== null) changes.push([mirror, change]);
      }
      return {
        isEmpty: changes.length === 0,
        write: async (tx) => {
          for (const [{ shape }, change] of changes) await writeChange(tx, shape, change);
        },
        accept: () => {
          for (const [mirror, change] of changes) mirror.accept(change);
          dirty = false;
        },
      };
    },
    has: (key) => taken.has(key),
    update: (next, mappedNow) => {
      for (const key of taken.keys()) if (!mappedNow.has(key)) return false;
      inputs = next;
      pairs = mappedNow;
      fold.update(next);
      dirty = true;
      return true;
    },
  };
};
