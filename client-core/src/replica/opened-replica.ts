import type { Timers } from '@baton/schema/ports';
import type { PullStatus } from '../reads/pull-status.ts';
import { type LiveListener, type LiveQuery, liveQuery } from './live-query.ts';
import type { Replica } from './replica.ts';

/** A replica as a program of others uses it; the same in browsers and in Node. */
export interface OpenedReplica extends Pick<Replica, 'query' | 'select' | 'progress' | 'onChange' | 'close'> {
  /** Everything else that a replica can be asked. */
  readonly replica: Replica;
  /** Answers at once, and again after each change that concerns it. */
  readonly liveQuery: (sql: string, params: readonly unknown[], listener: LiveListener) => LiveQuery;
  /** How filling it stands; null where it is not filled, or not yet. */
  readonly status: () => PullStatus | null;
}

export const openedReplica = (
  replica: Replica,
  timers: Timers,
  status: () => PullStatus | null,
  close: () => Promise<void>,
): OpenedReplica => ({
  replica,
  query: replica.query,
  select: replica.select,
  progress: replica.progress,
  onChange: replica.onChange,
  liveQuery: (sql, params, listener) => liveQuery(replica, sql, params, listener, { timers }),
  status,
  close,
});
