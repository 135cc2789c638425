import type { Log, Timers } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { createBackgroundWork } from './background-work.ts';
import type { HealingDatabase } from './healing-database.ts';
import { createListeners } from './listeners.ts';
import type { Answer, Arguments, Method } from './pglite-calls.ts';
import type { Commit, Done, Lost, Replica, ReplicaChange } from './replica.ts';

/** Rows of `select` unless said otherwise, and at most. */
const DEFAULT_ROWS = 10_000;
const MAX_ROWS = 100_000;

export interface ReplicaDeps {
  readonly database: HealingDatabase;
  readonly timers: Timers;
  readonly log: Log;
  /** Called once it is closed. */
  readonly onClosed: () => void;
}

/** A replica over a database that heals itself, wherever that runs. */
export const replicaOver = ({ database, timers, log, onClosed }: ReplicaDeps): Replica => {
  const commits = createListeners<Commit>(log);
  const changes = createListeners<ReplicaChange>(log);
  const { generation } = database;
  let seenGeneration = generation();

  const ask = async <M extends Method>(method: M, ...args: Arguments<M>): Promise<Result<Answer<M>, Lost>> => {
    const answer = await database.ask(method, ...args);
    if (generation() !== seenGeneration) {
      seenGeneration = generation();
      tell({ type: 'rebuilt' });
    }
    if (!answer.ok) work.kick(); // another thread goes on from the tables
    return answer;
  };

  const tell = (change: ReplicaChange): void => {
    changes.tell(change);
    if (change.type !== 'results' && change.type !== 'checked') work.kick();
  };

  const work = createBackgroundWork({
    timers,
    missing: () => ask('missing'),
    prepare: () => ask('prepare'),
    project: () => ask('project'),
    verify: () => ask('verify'),
    tidy: () => ask('tidy'),
    onResults: () => tell({ type: 'results' }),
    onChecked: ({ match, streamId, epoch }) => {
      if (!match) log.error('an epoch is not what the relay sealed', { streamId, epoch });
      tell({ type: 'checked' });
    },
  });

  /** Asks for a change, and tells of it once it is done. */
  const change = async <M extends 'applyTargets' | 'applySetup' | 'dropEpoch'>(
    told: ReplicaChange,
    method: M,
    ...args: Arguments<M>
  ): Promise<Done | Lost> => {
    const done: Result<Done, Lost> = await ask(method, ...args);
    if (!done.ok) return done.error;
    tell(told);
    return done.value;
  };

  /** Null once closed: whoever still waits is about to be closed too. */
  const untilAnswered = async <T>(once: () => Promise<Result<T, Lost>>): Promise<T | null> => {
    while (!database.isClosed()) {
      const answer = await once();
      if (answer.ok) return answer.value;
    }
    return null;
  };

  work.kick();
  return {
    clock: async () => (await untilAnswered(() => ask('clock'))) ?? new Map(),
    applyReads: async (frames) => {
      // a batch is often a view of a larger buffer: cloning it to the thread would clone all of that
      const own = frames.map((frame) => ({ ...frame, batch: frame.batch.slice() }));
      const reply = await ask('applyReads', own);
      if (!reply.ok) return reply.error;
      if (reply.value.type === 'applied' && reply.value.stored > 0) {
        commits.tell(reply.value);
        tell({ type: 'reads' });
      }
      return reply.value;
    },
    query: async (sql, params = []) => {
      const rows = await ask('query', sql, params);
      return rows.ok ? rows.value : rows;
    },
    select: async (sql, params = [], { maxRows = DEFAULT_ROWS } = {}) => {
      const page = await ask('select', sql, params, Math.max(1, Math.min(MAX_ROWS, Math.trunc(maxRows))));
      return page.ok ? page.value : page;
    },
    progress: async () => (await untilAnswered(() => ask('progress'))) ?? [],
    dropEpoch: (pair) => change({ type: 'reads' }, 'dropEpoch', pair),
    resultsState: async () => (await untilAnswered(() => ask('resultsState'))) ?? { pos: 0, endPos: 0, current: false },
    end: async () => {
      const end = await untilAnswered(() => ask('end'));
      return { ...(end ?? { pos: 0, clock: new Map() }), generation: generation() };
    },
    readFrom: async (scope, afterPos, limit) => {
      const page = await ask('readFrom', scope, afterPos, limit);
      const nothing = { reads: [], nextPos: afterPos, atEnd: database.isClosed() };
      return { ...(page.ok ? page.value : nothing), generation: generation() };
    },
    targets: async () => {
      const targets = await ask('targets');
      return targets.ok ? targets.value : [];
    },
    applyTargets: (targets) => change({ type: 'targets' }, 'applyTargets', targets),
    applySetup: (rows) => change({ type: 'setup' }, 'applySetup', rows),
    onChange: changes.add,
    onCommit: commits.add,
    close: async () => {
      work.close();
      await database.close();
      onClosed();
    },
  };
};
