import type { Database } from 'better-sqlite3';
import type { AppendCommand, AppendReply, Change, ChangeReply, CommitReply } from '../store.ts';
import type { Appender } from './append.ts';
import { ChangeRefusedError } from './attachment-rows.ts';
import type { DocRows } from './doc-rows.ts';
import { kindOfFailure, textOfError } from './failure.ts';
import { type StagedState, stageOver } from './log-state.ts';
import { type PackedUpdates, unpack } from './packed-updates.ts';
import type { ApplyChange } from './records.ts';

export type WriteRequest =
  | { readonly type: 'append'; readonly command: AppendCommand }
  | { readonly type: 'commit'; readonly changes: readonly Change[] }
  | { readonly type: 'appendDoc'; readonly name: string; readonly updates: PackedUpdates };

/** `rejected`: this request cannot be stored whatever the disk does; a bug of its sender. */
export type WriteReply = AppendReply | ChangeReply | { readonly type: 'rejected'; readonly message: string };

const blobBytes = (change: Change): number => {
  if (change.type === 'putFacts' || change.type === 'putFactsAhead')
    return change.facts.reduce((sum, { bytes }) => sum + 64 + bytes.length, 0);
  if (change.type === 'putDocAhead') return 64 + change.update.length;
  if (change.type === 'restoreReads') return change.batches.reduce((sum, { batch }) => sum + 64 + batch.length, 0);
  if (change.type === 'putDayUses') return change.uses.reduce((sum, { hours }) => sum + 64 + 24 * hours.length, 0);
  return 0;
};

/** About what a request adds to the database, in bytes. */
export const bytesOfRequest = (request: WriteRequest): number => {
  switch (request.type) {
    case 'append':
      return request.command.batch.length;
    case 'appendDoc':
      return request.updates.size;
    case 'commit':
      return request.changes.reduce((sum, change) => sum + 256 + blobBytes(change), 0);
  }
};

interface RequestParts {
  readonly appender: Appender;
  readonly docs: DocRows;
  readonly applyChange: ApplyChange;
}

const COMMITTED: CommitReply = { type: 'committed' };

/**
 * Runs one request inside the open transaction. A fault of the request is its own answer and leaves no
 * trace (what touches several rows has a savepoint); a fault of the disk is thrown and ends the transaction.
 */
export const createRunRequest = (
  db: Database,
  { appender, docs, applyChange }: RequestParts,
): ((state: StagedState, request: WriteRequest) => WriteReply) => {
  const inSavepoint = db.transaction((run: () => void): void => run());

  const applyAll = (state: StagedState, changes: readonly Change[]): ChangeReply => {
    appender.flush(); // the tables must say what the state says before SQL changes records
    const inner = stageOver(state);
    try {
      inSavepoint(() => {
        for (const change of changes) applyChange(inner, change);
      });
    } catch (error) {
      if (error instanceof ChangeRefusedError) return error.refused;
      throw error;
    }
    inner.keep();
    return COMMITTED;
  };

  const run = (state: StagedState, request: WriteRequest): WriteReply => {
    switch (request.type) {
      case 'append':
        return appender.append(state, request.command);
      case 'commit':
        return applyAll(state, request.changes);
      case 'appendDoc':
        inSavepoint(() => docs.append(request.name, unpack(request.updates)));
        return COMMITTED;
    }
  };

  return (state, request) => {
    try {
      return run(state, request);
    } catch (error) {
      if (kindOfFailure(error, () => false) !== 'request') throw error;
      return { type: 'rejected', message: textOfError(error) };
    }
  };
};
