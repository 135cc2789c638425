import type { Database } from 'better-sqlite3';
import type { CommitReply } from '../store.ts';
import { isQuotaExceeded } from './database.ts';
import { kindOfFailure, textOfError } from './failure.ts';
import { type LogState, type StagedState, stageOver } from './log-state.ts';

/** A transaction that the disk did not take. */
export type DiskRefusal = CommitReply & { readonly type: 'storage-full' | 'failed' };

export type Transacted<T> = { readonly type: 'done'; readonly value: T } | DiskRefusal;

/** The one way to the database: what fails, fails here, and a disk failure is final. */
export interface Transactions {
  /**
   * Runs `work` in a transaction on a stage of the state; both count only after the commit was synced.
   * Throws what is no failure of the disk.
   */
  readonly run: <T>(work: (state: StagedState) => T, hooks: TransactionHooks) => Transacted<T>;
  /** Runs a read outside a transaction; a broken file is a disk failure, too. Throws whatever is thrown. */
  readonly read: <T>(work: () => T) => T;
  /** Runs a checkpoint, which may fail for want of space: the log is then still complete. Throws as `run`. */
  readonly checkpoint: (work: () => void) => void;
  /** Why every write is refused from now on; null while all is well. */
  readonly failure: () => string | null;
  /** How long commits took since asked last, in ms; the oldest ones only where nobody asks. */
  readonly takeSyncs: () => readonly number[];
}

/** Durations kept for whoever asks. */
const MAX_SYNCS = 1024;

export interface TransactionHooks {
  readonly beforeCommit: () => void;
  readonly undone: () => void;
}

const FULL: DiskRefusal = {
  type: 'storage-full',
  message: 'the disk of the data directory is full: free some space, storing goes on by itself',
};

export const createTransactions = (db: Database, dataDir: string, base: LogState): Transactions => {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  let failed: string | null = null;
  let syncs: number[] = [];

  const commitAndSync = (): void => {
    const startedAt = performance.now();
    commit.run();
    if (syncs.length < MAX_SYNCS) syncs.push(performance.now() - startedAt);
  };

  /** What an error is answered with; null when it is none of the disk's. */
  const refusalOf = (error: unknown): DiskRefusal | null => {
    switch (kindOfFailure(error, () => isQuotaExceeded(dataDir))) {
      case 'full':
        return FULL;
      case 'disk':
        failed ??= `data directory ${dataDir} failed (${textOfError(error)}): check the disk, then start the relay again`;
        return { type: 'failed', message: failed };
      case 'request':
        return null;
    }
  };

  const run = <T>(work: (state: StagedState) => T, hooks: TransactionHooks): Transacted<T> => {
    if (failed !== null) return { type: 'failed', message: failed };
    const state = stageOver(base);
    try {
      begin.run();
      const value = work(state);
      hooks.beforeCommit();
      commitAndSync();
      state.keep();
      return { type: 'done', value };
    } catch (error) {
      const refusal = refusalOf(error);
      hooks.undone();
      if (db.inTransaction) rollback.run(); // SQLite itself has undone it after some errors
      if (refusal === null) throw error;
      return refusal;
    }
  };

  return {
    run,
    read: (work) => {
      try {
        return work();
      } catch (error) {
        refusalOf(error);
        throw error;
      }
    },
    checkpoint: (work) => {
      try {
        work();
      } catch (error) {
        if (refusalOf(error) === null) throw error;
      }
    },
    failure: () => failed,
    takeSyncs: () => {
      const taken = syncs;
      syncs = [];
      return taken;
    },
  };
};
