import { pairFromKey } from '@baton/schema/reads';
import type { Commit, ReadScope, Replica } from '../replica/replica.ts';

/** As it is typed and told: a stream by its id, a race as `race:<id>`. A stream id has no colon. */
export const scopeText = (scope: ReadScope): string =>
  scope.type === 'stream' ? scope.streamId : `race:${scope.raceId}`;

export interface ScopeListener {
  /** There is something new to read. */
  readonly onReads: () => void;
  /** What is in the scope may have changed: reads that are held already may have come in. */
  readonly onScope: () => void;
}

const concerns = ({ raised }: Commit, scope: ReadScope): boolean =>
  // which epochs a race has, only the replica knows
  scope.type === 'race' || [...raised.keys()].some((key) => pairFromKey(key)?.streamId === scope.streamId);

/** Tells of what changes a scope. Returns the way to stop. */
export const followScope = (replica: Replica, scope: ReadScope, listener: ScopeListener): (() => void) => {
  const stopCommits = replica.onCommit((commit) => {
    if (concerns(commit, scope)) listener.onReads();
  });
  const stopChanges = replica.onChange(({ type }) => {
    if (type === 'setup' && scope.type === 'race') listener.onScope();
    // a rebuilt replica is found out by whoever reads it
    if (type === 'rebuilt') listener.onReads();
  });
  return () => {
    stopCommits();
    stopChanges();
  };
};
