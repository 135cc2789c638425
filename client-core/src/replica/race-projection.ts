import { chipKey, type ParticipantId } from '@baton/schema/doc';
import type { RankMoves } from '@baton/schema/feed';
import type { RaceId } from '@baton/schema/ids';
import { type Pair, type PairKey, pairFromKey, type VectorClock } from '@baton/schema/reads';
import { createRaceFold, type FoldInputs, type FoldRead } from '@baton/schema/results';
import type { PGliteInterface, Transaction } from '@electric-sql/pglite';
import type { ReadRun } from './apply-plan.ts';
import { toText } from './json-rows.ts';
import { isMovable, writeMoves } from './rank-moves-sql.ts';
import {
  RESULT_SHAPES,
  RESULT_TABLES,
  type ResultRows,
  type ResultTable,
  resultRowsOf,
  someResultRows,
} from './result-tables.ts';
import { loadTableMirror, type TableChange, type TableShape, writeChange } from './table-mirror.ts';

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

/** One race: the fold, which of its reads it has taken, and whether its tables follow it. */
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
  /** With other inputs; false: what it has taken does not fit them, it must begin anew. */
  readonly update: (inputs: FoldInputs, pairs: ReadonlySet<PairKey>) => boolean;
}

/** What must be written: all rows, or those of some participants, and how the others' ranks move. */
interface Wanted {
  readonly rows: ResultRows;
  /** Null: all. */
  readonly of: readonly ParticipantId[] | null;
  readonly moved: RankMoves | null;
}

type ShapedChange = readonly [TableShape, TableChange];

/** More participants than these are compared with all others. */
const MAX_TOUCHED = 500;

const readsOfRun = ({ streamId, epoch, firstSeq, reads }: ReadRun): readonly FoldRead[] =>
  reads.map(({ chip, readerTime, receivedAt, kind }, index) => {
    return { streamId, epoch, seq: firstSeq + index, chip, readerTime, receivedAt, kind };
  });

/** Ids that Postgres' text cannot hold may look alike there: only all rows together tell which of them counts. */
const areStorable = (ids: Iterable<string>): boolean => {
  for (const id of ids) if (toText(id) !== id) return false;
  return true;
};

export const createRaceProjection = (first: FoldInputs, mapped: ReadonlySet<PairKey>): RaceProjection => {
  const { raceId } = first;
  let inputs = first;
  let pairs = mapped;
  const fold = createRaceFold(first);
  const taken = new Map<PairKey, number>();
  let dirty = true;
  /** The tables hold what the fold said when its changes were taken last. */
  let synced = false;
  /** Whose reads came since: another read may give a passage its time though no result changes. */
  const touched = new Set<ParticipantId>();

  const feed = (key: PairKey, reads: readonly FoldRead[], lastSeq: number): void => {
    fold.add(reads);
    taken.set(key, lastSeq);
    dirty = true;
    if (synced) for (const read of reads) touch(read);
  };

  const touch = ({ chip }: FoldRead): void => {
    const participantId = chip === null ? undefined : inputs.roster.chips.get(chipKey(chip));
    if (participantId !== undefined) touched.add(participantId);
    if (touched.size > MAX_TOUCHED) loseTrack();
  };

  /** All rows are to be compared. */
  const loseTrack = (): void => {
    synced = false;
    touched.clear();
  };

  const wanted = (): Wanted => {
    const changes = fold.takeChanges();
    const moved = changes.type === 'some' ? changes.moved : null;
    if (!synced || changes.type === 'all' || (moved !== null && !isMovable(moved))) {
      return { rows: resultRowsOf(fold, inputs), of: null, moved: null };
    }
    const changed = changes.type === 'some' ? changes.changedParticipants : [];
    const of = [...new Set([...changed, ...touched])];
    return { rows: someResultRows(fold, inputs, of), of, moved };
  };

  const compare = async (
    db: PGliteInterface,
    table: ResultTable,
    { rows, of }: Wanted,
  ): Promise<ShapedChange | null> => {
    const participantIds = table === 'read_fates' ? null : of;
    if (participantIds?.length === 0) return null;
    const shape = RESULT_SHAPES[table];
    const change = (await loadTableMirror(db, shape, { raceId, participantIds })).compare(rows[table]);
    return change === null ? null : [shape, change];
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
      const all = wanted();
      loseTrack(); // until it is committed
      const changes: ShapedChange[] = [];
      for (const table of RESULT_TABLES) {
        const change = await compare(db, table, all);
        if (change !== null) changes.push(change);
      }
      return {
        isEmpty: changes.length === 0 && all.moved === null,
        write: async (tx) => {
          if (all.moved !== null) await writeMoves(tx, { raceId, without: all.of ?? [] }, all.moved);
          for (const [shape, change] of changes) await writeChange(tx, shape, change);
        },
        accept: () => {
          dirty = false;
          synced = areStorable(inputs.roster.participants.keys());
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
      loseTrack();
      return true;
    },
  };
};
