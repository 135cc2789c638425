import type { RaceId, StreamId } from '@baton/schema/ids';
import type { ReadsFrame, Target } from '@baton/schema/protocol';
import type { NumberedRead, Pair, PairKey, VectorClock } from '@baton/schema/reads';
import type { Result } from '@baton/schema/result';
import type { SetupRows } from './setup-rows.ts';

/**
 * A receiver's copy of the reads it selected, with its clock. It never holds the only copy of
 * anything: a driver may drop and rebuild what it cannot trust, and then says `lost`.
 *
 * Every driver runs `test/replica/replica-contract.ts`.
 */
export interface Replica {
  /** What is held and committed. Waits while the replica is being reopened. */
  readonly clock: () => Promise<VectorClock>;
  /**
   * Stores the reads and the clock that covers them in one transaction. Frames are taken in order; reads
   * already held are cut, never stored twice. On any answer but `applied` nothing of it is stored.
   */
  readonly applyReads: (frames: readonly ReadsFrame[]) => Promise<ApplyReply>;
  /** SQL over the tables of `@baton/schema/sql`. */
  readonly query: (sql: string, params?: readonly unknown[]) => Promise<Result<QueryRows, QueryFailure>>;
  /**
   * For consoles: rows as arrays beside their columns' names, cut after `maxRows` (10,000 by default). What is not shown is
   * not fetched either, so that no statement costs more memory than its page. Read only.
   */
  readonly select: (
    sql: string,
    params?: readonly unknown[],
    options?: SelectOptions,
  ) => Promise<Result<SelectPage, QueryFailure>>;
  /** Where storing stands now: what a consumer that wants nothing old begins after. */
  readonly end: () => Promise<ReplicaEnd>;
  /** Reads of a scope in the order in which they were stored, at most `limit`, after position `afterPos` (0: from the start). */
  readonly readFrom: (scope: ReadScope, afterPos: number, limit: number) => Promise<ReadPage>;
  /** The pairs that the selection meant last, with the relay's heads: what "complete" is measured against, offline too. */
  readonly targets: () => Promise<readonly Target[]>;
  /** Replaces them. */
  readonly applyTargets: (targets: readonly Target[]) => Promise<Done | Lost>;
  /** Replaces the tables of setup and roster as a whole. */
  readonly applySetup: (rows: SetupRows) => Promise<Done | Lost>;
  /** Each epoch that is held or was a target: how much of it is held, and whether it is the relay's. */
  readonly progress: () => Promise<readonly PairProgress[]>;
  /**
   * Drops all that is held of one epoch, its reads, roll-ups and clock, in one transaction: the repair of a mismatch. It comes back
   * with the next session, whose clock says that nothing of it is held.
   */
  readonly dropEpoch: (pair: Pair) => Promise<Done | Lost>;
  /** Up to which read the tables of results are computed; they lag by at most one projection. */
  readonly resultsState: () => Promise<ResultsState>;
  /** Called after anything that a query could see. Returns the way to stop. */
  readonly onChange: (listener: (change: ReplicaChange) => void) => () => void;
  /** Called after each commit that stored reads. Returns the way to stop. */
  readonly onCommit: (listener: (commit: Commit) => void) => () => void;
  /** Waits for what is under way; idempotent. */
  readonly close: () => Promise<void>;
}

export type ApplyReply =
  | Commit
  /** The frame begins after what is held. */
  | { readonly type: 'gap'; readonly key: PairKey; readonly firstSeq: number; readonly expected: number }
  /** A batch that does not decode. */
  | { readonly type: 'malformed'; readonly message: string }
  | Full
  | Lost;

export interface Commit {
  readonly type: 'applied';
  /** Reads that were new. */
  readonly stored: number;
  /** Pairs that rose, with their new heads. */
  readonly raised: VectorClock;
}

/** There is no space to store it; what is held is served, and the same may be tried again. */
export interface Full {
  readonly type: 'full';
  readonly message: string;
}

/** The replica could not do it and is being reopened, perhaps rebuilt: take its clock anew and go on from there. */
export interface Lost {
  readonly type: 'lost';
  readonly message: string;
}

export interface Done {
  readonly type: 'applied';
}

/** Rows as objects keyed by column. */
export type QueryRows = readonly Readonly<Record<string, unknown>>[];

export type QueryFailure =
  /** The statement is wrong; the message is the database's. */
  | { readonly type: 'sql-error'; readonly message: string }
  /** This driver has no SQL. */
  | { readonly type: 'unsupported'; readonly message: string }
  | Lost;

export interface SelectOptions {
  /** 1 to 100,000. */
  readonly maxRows?: number;
}

export interface SelectPage {
  readonly columns: readonly SelectColumn[];
  /** In the order of the columns. */
  readonly rows: readonly (readonly unknown[])[];
  /** There are more. */
  readonly truncated: boolean;
}

export interface SelectColumn {
  readonly name: string;
  /** As Postgres writes it: `text`, `bigint`, `timestamp with time zone`. */
  readonly type: string;
}

/**
 * What is known of an epoch's bytes:
 *
 * - `unchecked`: it is not sealed, not wholly held, or the relay has told no hash
 * - `checking`: it is sealed and held, and will be compared
 * - `match`: count and hash are the relay's
 * - `mismatch`: it is not what the relay sealed: an alarm
 */
export type EpochCheck = 'unchecked' | 'checking' | 'match' | 'mismatch';

export interface PairProgress extends Pair {
  readonly held: number;
  /** As last told by the relay, or what is held if that is more. */
  readonly head: number;
  /** Nothing can be added to it any more. */
  readonly sealed: boolean;
  /** SHA-256 over each line and a line feed, as the relay sealed it; null: not told. */
  readonly hash: string | null;
  /** The same of what is held here, when it was last compared; null: never. */
  readonly heldHash: string | null;
  readonly check: EpochCheck;
  /** How often it was dropped to be pulled again and has not matched since. */
  readonly repairs: number;
}

export interface ResultsState {
  /** Position of the last read that the results contain. */
  readonly pos: number;
  /** Position of the last read held. */
  readonly endPos: number;
  /** They contain all reads and the setup as it is. */
  readonly current: boolean;
}

export type ReplicaChange =
  | { readonly type: 'reads' }
  | { readonly type: 'setup' }
  | { readonly type: 'targets' }
  | { readonly type: 'results' }
  /** An epoch was compared with the relay's hash. */
  | { readonly type: 'checked' }
  /** It was dropped and made anew: everything in it. */
  | { readonly type: 'rebuilt' };

/** Which reads: all of a stream, or those of the epochs that are mapped to a race at the moment. */
export type ReadScope =
  | { readonly type: 'stream'; readonly streamId: StreamId }
  | { readonly type: 'race'; readonly raceId: RaceId };

export interface PositionedRead extends NumberedRead {
  readonly streamId: StreamId;
  readonly epoch: number;
  readonly pos: number;
}

export interface ReplicaEnd {
  readonly generation: number;
  /** Position of the last read stored, 0 for none. */
  readonly pos: number;
  readonly clock: VectorClock;
}

export interface ReadPage {
  /** Counts rebuilds: positions of another generation mean nothing in this one. */
  readonly generation: number;
  readonly reads: readonly PositionedRead[];
  /** Where the next page begins; at least `afterPos`. */
  readonly nextPos: number;
  /** Nothing was stored after this page when it was read. */
  readonly atEnd: boolean;
}
