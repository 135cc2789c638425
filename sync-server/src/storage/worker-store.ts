import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type PackedUpdates, pack, packMore } from './sqlite/packed-updates.ts';
import { createWorkerCaller, type WorkerCaller } from './sqlite/worker-caller.ts';
import type { AppendAnswer, FromWorker, WorkerOptions } from './sqlite/worker-messages.ts';
import type { AppendCommand, AppendReply, CommitReply, Store } from './store.ts';
import { StoreOpenError } from './store-error.ts';

export interface WorkerStoreOptions {
  /** Made when it is not there; used by one process at a time. */
  readonly dataDir: string;
  /** Called once when the disk or the thread failed: the process is to end with a non-zero code. */
  readonly onFailure: (message: string) => void;
  /** Called for each commit with how long it took, its sync included, in ms; before its answers are. */
  readonly onSync?: (ms: number) => void;
  /** How long the lock of an ending process is waited for; 2000 ms. */
  readonly lockWaitMs?: number;
  /** Largest size of the database file; else the disk's. */
  readonly maxBytes?: number | null;
}

const DEFAULT_LOCK_WAIT_MS = 2000;

/**
 * The built file of the store's thread: a thread is started from a file by Node itself, which cannot take
 * TypeScript. Beside this module when it is built; under `dist` when a test runs this module from source.
 */
const workerFile = (): string => {
  const here = import.meta.url;
  const built = here.endsWith('.ts') ? '../../dist/storage/sqlite/store-worker.js' : './sqlite/store-worker.js';
  return fileURLToPath(new URL(built, here));
};

const startWorker = (options: WorkerStoreOptions): Worker => {
  const file = workerFile();
  if (!existsSync(file)) {
    throw new StoreOpenError('not-built', `the store’s thread is not built (${file}): run npm run build`);
  }
  const workerData: WorkerOptions = {
    dataDir: options.dataDir,
    lockWaitMs: options.lockWaitMs ?? DEFAULT_LOCK_WAIT_MS,
    maxBytes: options.maxBytes ?? null,
  };
  return new Worker(file, { workerData, execArgv: [] }); // not the conditions of a test runner: built files import built files
};

/** Resolves once the thread has the data directory; rejects with `StoreOpenError`. */
const opened = (worker: Worker): Promise<void> =>
  new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (message: FromWorker): void => {
      if (message.type === 'opened') settle(resolve);
      if (message.type === 'not-opened') settle(() => reject(new StoreOpenError(message.reason, message.message)));
    };
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (code: number): void =>
      settle(() => reject(new Error(`the store’s thread ended while opening, code ${code}`)));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });

/** Puts the bytes back that were not sent twice. */
const replyOf = ({ firstSeq, batch }: AppendCommand, answer: AppendAnswer): AppendReply => {
  if (answer.type !== 'accepted') return answer;
  const { rest, ...others } = answer;
  return { ...others, stored: rest ?? { firstSeq, count: answer.state.head - firstSeq + 1, batch } };
};

/** A frame is a view of its socket's buffer: sending or keeping the view would copy and hold all of it. */
const ownBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

interface DocBatch {
  readonly posted: number;
  readonly updates: PackedUpdates;
  readonly reply: Promise<CommitReply>;
}

/** The updates of a document that are posted together are one call to the thread, with one answer for all. */
const createDocAppend = (caller: WorkerCaller): Store['appendDoc'] => {
  const batches = new Map<string, DocBatch>();
  return (name, update) => {
    const open = batches.get(name);
    if (open?.posted === caller.posted()) {
      packMore(open.updates, update);
      return open.reply;
    }
    // those of other documents that have been posted are only in the way
    for (const [other, { posted }] of batches) if (posted !== caller.posted()) batches.delete(other);
    const updates = pack(update);
    const reply = caller.write({ type: 'appendDoc', name, updates });
    batches.set(name, { posted: caller.posted(), updates, reply });
    return reply;
  };
};

/**
 * The relay's store: SQLite in a thread of its own, so that a slow disk never blocks a socket. Rejects with
 * `StoreOpenError` when the directory is in use, cannot be written, has a newer layout or is damaged.
 * How much waits here is bounded by the askers: sessions have windows.
 */
export const openWorkerStore = async (options: WorkerStoreOptions): Promise<Store> => {
  const worker = startWorker(options);
  await opened(worker);
  const caller = createWorkerCaller(worker, options.onFailure, options.onSync);

  const append = async (command: AppendCommand): Promise<AppendReply> => {
    const own: AppendCommand = { ...command, batch: ownBytes(command.batch) };
    return replyOf(own, await caller.write({ type: 'append', command: own }));
  };

  return {
    load: () => caller.read({ type: 'load' }),
    commit: (changes) => caller.write({ type: 'commit', changes }),
    append,
    readBatches: (command) => caller.read({ type: 'readBatches', command }),
    seal: (streamId, epoch, head) => caller.read({ type: 'seal', request: { streamId, epoch, head } }),
    loadDoc: (name) => caller.read({ type: 'loadDoc', name }),
    docNames: (prefix) => caller.read({ type: 'docNames', prefix }),
    loadFacts: (eventId, kind) => caller.read({ type: 'loadFacts', eventId, kind }),
    appendDoc: createDocAppend(caller),
    compactDoc: (name) => caller.write({ type: 'compactDoc', name }),
    backup: async (path) => {
      await caller.read({ type: 'backup', path });
    },
    eventSizes: () => caller.read({ type: 'eventSizes' }),
    sizeBytes: () => caller.read({ type: 'sizeBytes' }),
    close: caller.close,
  };
};
