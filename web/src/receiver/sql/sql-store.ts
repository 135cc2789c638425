import type { Replica, SelectPage } from '@baton/client-core';
import type { Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';

export type SqlRun =
  | { readonly type: 'idle' }
  | { readonly type: 'running'; readonly since: number }
  /** Nobody waits for it any more; the database cannot stop before it is done. */
  | { readonly type: 'abandoned'; readonly since: number }
  | { readonly type: 'rows'; readonly sql: string; readonly page: SelectPage; readonly ms: number }
  | { readonly type: 'failed'; readonly message: string; readonly isLost: boolean };

/** One statement at a time. */
export interface SqlStore {
  readonly run: ReadonlySignal<SqlRun>;
  readonly ask: (sql: string) => Promise<void>;
  readonly abandon: () => void;
}

/** Rows shown; the download has more. */
export const SHOWN_ROWS = 10_000;
export const DOWNLOADED_ROWS = 100_000;

export const createSqlStore = (deps: {
  readonly replica: Pick<Replica, 'select'>;
  readonly timers: Timers;
}): SqlStore => {
  const run = signal<SqlRun>({ type: 'idle' });
  let asked = 0;

  const finish = (id: number, next: SqlRun): void => {
    // what was abandoned is over when the database is free again
    if (id === asked) run.value = run.peek().type === 'abandoned' ? { type: 'idle' } : next;
  };

  return {
    run,
    ask: async (sql) => {
      const { type } = run.peek();
      if (type === 'running' || type === 'abandoned') return;
      const [id, since] = [++asked, deps.timers.mono()];
      run.value = { type: 'running', since };
      const answer = await deps.replica.select(sql, [], { maxRows: SHOWN_ROWS });
      finish(
        id,
        answer.ok
          ? { type: 'rows', sql, page: answer.value, ms: deps.timers.mono() - since }
          : { type: 'failed', message: answer.error.message, isLost: answer.error.type === 'lost' },
      );
    },
    abandon: () => {
      const running = run.peek();
      if (running.type === 'running') run.value = { type: 'abandoned', since: running.since };
    },
  };
};
