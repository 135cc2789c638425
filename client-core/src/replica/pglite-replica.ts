import type { Log } from '@baton/schema/ports';
import type { Result } from '@baton/schema/result';
import { createCommitListeners } from './commit-listeners.ts';
import type { HealingDatabase } from './healing-database.ts';
import type { Lost, Replica } from './replica.ts';

/** A replica over a database that heals itself, on laptop and in browser alike. */
export const replicaOver = (database: HealingDatabase, log: Log, onClosed: () => void): Replica => {
  const listeners = createCommitListeners(log);
  const { ask, generation } = database;
  /** Null once closed: whoever still waits is about to be closed too. */
  const untilAnswered = async <T>(once: () => Promise<Result<T, Lost>>): Promise<T | null> => {
    while (!database.isClosed()) {
      const answer = await once();
      if (answer.ok) return answer.value;
    }
    return null;
  };

  return {
    clock: async () => (await untilAnswered(() => ask('clock'))) ?? new Map(),
    applyReads: async (frames) => {
      // a batch is often a view of a larger buffer: cloning it to the thread would clone all of that
      const own = frames.map((frame) => ({ ...frame, batch: frame.batch.slice() }));
      const reply = await ask('applyReads', own);
      if (!reply.ok) return reply.error;
      if (reply.value.type === 'applied' && reply.value.stored > 0) listeners.tell(reply.value);
      return reply.value;
    },
    query: async (sql, params = []) => {
      const rows = await ask('query', sql, params);
      return rows.ok ? rows.value : rows;
    },
    end: async () => {
      const end = await untilAnswered(() => ask('end'));
      return { ...(end ?? { pos: 0, clock: new Map() }), generation: generation() };
    },
    readFrom: async (streamId, afterPos, limit) => {
      const page = await ask('readFrom', streamId, afterPos, limit);
      const nothing = { reads: [], nextPos: afterPos, atEnd: database.isClosed() };
      return { ...(page.ok ? page.value : nothing), generation: generation() };
    },
    targets: async () => {
      const targets = await ask('targets');
      return targets.ok ? targets.value : [];
    },
    applyTargets: async (targets) => {
      const done = await ask('applyTargets', targets);
      return done.ok ? done.value : done.error;
    },
    applySetup: async (rows) => {
      const done = await ask('applySetup', rows);
      return done.ok ? done.value : done.error;
    },
    onCommit: listeners.add,
    close: async () => {
      await database.close();
      onClosed();
    },
  };
};
