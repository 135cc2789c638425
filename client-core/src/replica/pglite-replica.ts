import type { Log, Timers } from '@baton/schema/ports';
import { err, type Result } from '@baton/schema/result';
import { type DirectoryLockError, lockDirectory } from './directory-lock.ts';
import { createHealingDatabase } from './healing-database.ts';
import { openNodeWorker } from './node-worker.ts';
import { databaseDirectory } from './pglite-directory.ts';
import type { PgliteThread, ThreadLimits } from './pglite-thread.ts';
import type { Replica } from './replica.ts';
import { replicaOver } from './replica-over.ts';
import { openSound, type SoundDeps } from './sound-database.ts';

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
  const directory = databaseDirectory(dataDir);
  const deps: SoundDeps = { timers, log, directory, openWorker: openNodeWorker, limits };
  const opened = await openFirst(deps);
  if (!opened.ok) {
    lock.value.release();
    return opened;
  }
  const healing = { timers, log, open: (fresh: boolean) => openSound(deps, fresh), isFull: directory.isFull };
  const database = createHealingDatabase(healing, opened.value);
  return { ok: true, value: replicaOver({ database, timers, log, onClosed: lock.value.release }) };
};

const openFirst = async (deps: SoundDeps): Promise<Result<PgliteThread, ReplicaOpenError>> => {
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
