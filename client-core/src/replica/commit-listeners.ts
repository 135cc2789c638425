import type { Log } from '@baton/schema/ports';
import type { Commit } from './replica.ts';

export interface CommitListeners {
  readonly add: (listener: (commit: Commit) => void) => () => void;
  readonly tell: (commit: Commit) => void;
}

/** A commit has happened whatever a listener does with it: one that throws is logged, the others are told. */
export const createCommitListeners = (log: Log): CommitListeners => {
  const listeners = new Set<(commit: Commit) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (commit) => {
      for (const listener of listeners) {
        try {
          listener(commit);
        } catch (error) {
          log.error('a listener of the replica failed', { error: String(error) });
        }
      }
    },
  };
};
