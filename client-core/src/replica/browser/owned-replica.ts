import type { Log, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import { createHealingDatabase } from '../healing-database.ts';
import type { ThreadLimits } from '../pglite-thread.ts';
import type { ApplyReply, Replica } from '../replica.ts';
import { replicaOver } from '../replica-over.ts';
import type { BrowserStorage, StorageMode } from './browser-directories.ts';
import { createStorageLadder, type StorageChoice, type StorageLadder } from './storage-ladder.ts';
import { createWebWorkers } from './web-worker.ts';

/** The replica of the tab that owns it. */
export interface OwnedReplica {
  readonly replica: Replica;
  /** Nothing was there: it is new and empty. */
  readonly made: boolean;
  readonly storage: () => StorageChoice;
}

export interface OwnedDeps {
  readonly timers: Timers;
  readonly log: Log;
  /** Makes a worker of the script whose root is `@baton/client-core/replica-worker`. */
  readonly startWorker: () => Worker;
  readonly storage: BrowserStorage;
}

export interface OwnedOptions {
  readonly name: string;
  readonly modes: readonly StorageMode[];
  readonly limits: ThreadLimits;
}

/** One tenure: from getting the lock to losing it. */
export interface Tenure {
  readonly open: () => Promise<Result<OwnedReplica, string>>;
  /** Ends its worker at once, also while it opens. */
  readonly end: () => void;
}

/** A browser's answer about its quota is used so long. */
const ASK_QUOTA_MS = 1000;

/**
 * Refuses to store before the browser does: Postgres that cannot write its log stops altogether, and with it what
 * could be read.
 */
const guardSpace = (replica: Replica, ladder: StorageLadder, timers: Timers): Replica => {
  let askedAt = Number.NEGATIVE_INFINITY;
  let full = false;

  const isFull = async (): Promise<boolean> => {
    if (timers.mono() - askedAt < ASK_QUOTA_MS) return full;
    askedAt = timers.mono();
    full = await ladder.isFull();
    return full;
  };

  const refusal: ApplyReply = { type: 'full', message: 'the browser’s storage for this page is used up' };
  return {
    ...replica,
    applyReads: async (frames) => {
      if (await isFull()) return refusal;
      const reply = await replica.applyReads(frames);
      return reply.type === 'lost' && (await ladder.isFull()) ? refusal : reply;
    },
  };
};

export const beginTenure = (deps: OwnedDeps, options: OwnedOptions): Tenure => {
  const { timers, log } = deps;
  const workers = createWebWorkers(deps.startWorker);
  const ladder = createStorageLadder({ timers, log, openWorker: workers.open, storage: deps.storage }, options);
  let owned: Replica | null = null;

  return {
    open: async () => {
      const opened = await ladder.open(false);
      if (!opened.ok) return err(opened.error.message);
      const database = createHealingDatabase({ timers, log, open: ladder.open, isFull: ladder.isFull }, opened.value);
      owned = guardSpace(replicaOver({ database, timers, log, onClosed: workers.endAll }), ladder, timers);
      return ok({ replica: owned, made: opened.value.made, storage: ladder.choice });
    },
    end: () => {
      workers.endAll();
      void owned?.close();
    },
  };
};
