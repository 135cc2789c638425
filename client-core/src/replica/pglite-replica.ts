import type { Log, Timers } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import { createCommitListeners } from './commit-listeners.ts';
import { type DirectoryLockError, lockDirectory } from './directory-lock.ts';
import { createHealingDatabase, type HealingDatabase, type HealingDeps, openSound } from './healing-database.ts';
import { databaseDirectory } from './pglite-directory.ts';
import type { PgliteThread, ThreadLimits } from './pglite-thread.ts';
import type { Lost, Replica } from './replica.ts';

export interface PgliteReplicaDeps {
  readonly timers: Timers;
  readonly log: Log;
}

export interface PgliteReplicaOptions {
  /** Made if absent; one process at a time owns it. */
  readonly dataDir: string;
  /** Names this process to another that finds the directory in use. */
  readonly owner: string;
  /** Longest time of an open and of any call, in ms; 60 s each. */
  readonly limits?: ThreadLimits;
}

export type ReplicaOpenError =
  | DirectoryLockError
  /** Not even a fresh database can be made here. */
  | { readonly type: 'unopenable'; readonly message: string };

const DEFAULT_LIMITS: ThreadLimits = { openMs: 60_000, callMs: 60_000 };

/** Opens the replica of a data directory: PGlite files, a thread of their own, one owner. Rebuilds what cannot be used. */
export const openPgliteReplica = async (
  { timers, log }: PgliteReplicaDeps,
  { dataDir, owner, limits = DEFAULT_LIMITS }: PgliteReplicaOptions,
): Promise<Result<Replica, ReplicaOpenError>> => {
  const lock = lockDirectory(dataDir, owner);
  if (!lock.ok) return lock;
  const deps: HealingDeps = { timers, log, directory: databaseDirectory(dataDir), limits };
  const opened = await openFirst(deps);
  if (!opened.ok) {
    lock.value.release();
    return opened;
  }
  const database = createHealingDatabase(deps, opened.value);
  return { ok: true, value: replicaOver(database, log, lock.value.release) };
};

const openFirst = async (deps: HealingDeps): Promise<Result<PgliteThread, ReplicaOpenError>> => {
  const { directory, log } = deps;
  try {
    for (const name of await directory.tidy()) log.info('removed a replica that must not be opened', { name });
    const opened = await openSound(deps, false);
    if (opened.ok) return opened;
    return err({ type: 'unopenable', message: `cannot make ${directory.path}: ${opened.error.message}` });
  } catch (error) {
    return err({ type: 'unwritable', message: `cannot write to ${directory.path}: ${String(error)}` });
  }
};

const replicaOver = (database: HealingDatabase, log: Log, onClosed: () => void): Replica => {
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
