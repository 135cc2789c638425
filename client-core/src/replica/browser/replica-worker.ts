import { PGlite } from '@electric-sql/pglite';
import type { Call, WorkerInput, WorkerMessage } from '../pglite-calls.ts';
import { FilesInUse, PGLITE_OPTIONS, servePglite } from '../serve-pglite.ts';
import { fetchTemplate, isUnused } from './packed-template.ts';

/**
 * Root of the dedicated worker in which a browser's PGlite runs; the bundler of the page makes a script of it.
 *
 * The worker itself holds a lock of its files' name for as long as it lives. So no two workers ever have the
 * same files open, whatever became of their pages: a frozen page's worker keeps its lock, and whoever takes over
 * takes other files (`storage-ladder.ts`).
 */
const FILES_WAIT_MS = 2000;
const HANDLE_TRIES = 30;
const HANDLE_PAUSE_MS = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const holdFiles = (name: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const hold = (): Promise<never> => {
      resolve();
      return new Promise(() => {}); // until the worker ends
    };
    navigator.locks
      .request(`files of ${name}`, { signal: AbortSignal.timeout(FILES_WAIT_MS) }, hold)
      .catch(() => reject(new FilesInUse(`another worker has ${name} open`)));
  });

/** Only workers have it, so the types of a page do not. */
declare const FileSystemSyncAccessHandle: { readonly prototype: object };

interface HandlePrototype {
  createSyncAccessHandle: (this: FileSystemFileHandle) => Promise<unknown>;
}

const isStillOpen = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'NoModificationAllowedError';

/** A worker that was ended gives its file handles back a little later than its lock: they are waited for. */
const waitForHandles = (prototype: HandlePrototype): void => {
  const create = prototype.createSyncAccessHandle;
  prototype.createSyncAccessHandle = async function () {
    for (let tries = 1; ; tries++) {
      try {
        return await create.call(this);
      } catch (error) {
        if (!isStillOpen(error)) throw error;
        if (tries === HANDLE_TRIES) throw new FilesInUse('an ended worker still has files open');
        await pause(HANDLE_PAUSE_MS);
      }
    }
  };
};

interface WritingPrototype {
  write: (this: object, ...args: unknown[]) => number;
}

/** Emscripten's number for it; Postgres then rolls the transaction back and says "No space left". */
const ENOSPC = 51;

/** A write was refused for lack of space since the last answer: whatever fails then may fail by it. */
let refused = false;

/** PGlite knows a full disk by its error code, and lets every other exception end the whole database. */
const sayWhenFull = (prototype: WritingPrototype): void => {
  const write = prototype.write;
  prototype.write = function (...args) {
    try {
      return write.apply(this, args);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
      refused = true;
      throw Object.assign(new Error('QuotaExceededError: No space left'), { code: ENOSPC });
    }
  };
};

const openPglite = async ({ directory, plain }: WorkerInput): Promise<PGlite> => {
  if (!directory.startsWith('memory://')) await holdFiles(directory);
  if (directory.startsWith('opfs-ahp://')) {
    waitForHandles(FileSystemFileHandle.prototype as unknown as HandlePrototype);
    sayWhenFull(FileSystemSyncAccessHandle.prototype as unknown as WritingPrototype);
  }
  const template = plain !== true && (await isUnused(directory)) ? await fetchTemplate() : null;
  // strict durability, PGlite's default: relaxed, it was measured to lose whole databases
  return PGlite.create({
    dataDir: directory,
    ...PGLITE_OPTIONS,
    ...(template === null ? {} : { loadDataDir: template }),
  });
};

const say = (message: WorkerMessage): void => {
  postMessage(message.type === 'failed' ? { ...message, full: refused } : message);
  refused = false;
};

/** PGlite leaves promises behind that nobody waits for; what they reject with would else be a silence. */
addEventListener('unhandledrejection', ({ reason }) => {
  const busy = reason instanceof FilesInUse;
  say({ type: 'failed', id: null, damaged: false, busy, message: `in PGlite: ${String(reason)}` });
});

/** The first message names the database, all others are calls. */
addEventListener(
  'message',
  ({ data }: MessageEvent<WorkerInput>) => {
    const onCall = (listener: (call: Call) => void): void =>
      addEventListener('message', (event: MessageEvent<Call>) => listener(event.data));
    void servePglite({ say, onCall }, () => openPglite(data));
  },
  { once: true },
);
