import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { ArchiveDefect, ArchiveEntry, ArchiveSum } from '@baton/schema/archive';
import type { Result } from '@baton/schema/result';
import type { ArchiveTask, FromArchive } from './archive-messages.ts';

/** Reading an archive that needs more fails, instead of taking the relay's memory with it. */
const MAX_HEAP_MB = 2048;

/** The built file, also for a test that runs from sources. */
const workerFile = (): string => {
  const here = import.meta.url;
  const built = here.endsWith('.ts') ? '../../../dist/keeping/archive/archive-worker.js' : './archive-worker.js';
  return fileURLToPath(new URL(built, here));
};

type Take<E> = (entry: ArchiveEntry) => Promise<Result<void, E>> | Result<void, E>;

const runTask = async <E>(task: ArchiveTask, take: Take<E>): Promise<Result<ArchiveSum, ArchiveDefect | E>> => {
  const worker = new Worker(workerFile(), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    execArgv: [],
  });
  worker.unref(); // a relay that ends does not wait for it
  /** Whoever asked goes on, and may undo what was taken: nothing more is. */
  let isOver = false;
  try {
    return await new Promise((resolve, reject) => {
      worker.once('error', (error) => reject(new Error('the thread that reads archives failed', { cause: error })));
      worker.once('exit', (code) => reject(new Error(`the thread that reads archives ended with code ${code}`)));
      const takeAll = async (entries: readonly ArchiveEntry[]): Promise<void> => {
        for (const entry of entries) {
          if (isOver) return;
          const taken = await take(entry);
          if (!taken.ok) return resolve(taken);
        }
        worker.postMessage(null);
      };
      worker.on('message', (message: FromArchive) => {
        if (message.type === 'ended') resolve(message.result);
        else takeAll(message.entries).catch(reject);
      });
    });
  } finally {
    isOver = true;
    await worker.terminate();
  }
};

/**
 * Reads an archive that lies in a file as `readArchive` does, in a thread of its own: nobody else waits while its lines, each of up to
 * 96 MiB, are unpacked, read and hashed. Entries come some at a time, the next ones once these were taken; a failure of `take` ends it.
 */
export const readArchiveApart = <E>(path: string, take: Take<E>): Promise<Result<ArchiveSum, ArchiveDefect | E>> =>
  runTask({ path, mode: 'read' }, take);

const nothingComes = (): never => {
  throw new Error('a check tells no entries');
};

/** Reads an archive for its soundness alone, in a thread of its own; what it holds is looked at, too. */
export const checkArchiveApart = (path: string): Promise<Result<ArchiveSum, ArchiveDefect>> =>
  runTask<never>({ path, mode: 'check' }, nothingComes);
