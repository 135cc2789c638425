import type { Log, Timer, Timers } from '@baton/schema/ports';
import type { PositionedRead, ReadScope, Replica } from '../replica/replica.ts';
import { createReadFeed, type ReadFeed } from './read-feed.ts';
import { followScope, scopeText } from './read-scope.ts';

/** A file that other programs look into again and again. Drivers: `csv-file.ts`, `dbf-file.ts`. */
export interface ReadsFile {
  /** Behind those that are there; whole records only. */
  readonly append: (reads: readonly PositionedRead[]) => Promise<void>;
  /** Takes the place of the file that other programs look into. */
  readonly publish: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface FileOutputDeps {
  readonly replica: Replica;
  readonly timers: Timers;
  readonly log: Log;
  /** Begins a new file beside `path`, empty. */
  readonly begin: (path: string) => Promise<ReadsFile>;
}

export interface FileOutput {
  readonly scope: ReadScope;
  readonly path: string;
}

/** A file that is kept at what the replica holds. */
export interface WrittenFile {
  readonly close: () => Promise<void>;
}

/** Commits of a burst are written together; scoring software looks each few seconds. */
const GATHER_MS = 200;
const RETRY_MS = 5000;

/**
 * Keeps a file at the reads of a scope. At each start it is made anew beside the old one and takes its place once it has
 * all that is held: so a kill or a full disk leaves no half a record in it for long, and whoever polls never finds it short.
 */
export const writeFileOutput = (deps: FileOutputDeps, { scope, path }: FileOutput): WrittenFile => {
  const { replica, timers, log } = deps;
  let file: ReadsFile | null = null;
  let feed: ReadFeed = createReadFeed(replica, scope, 'start');
  let published = false;
  let timer: Timer | null = null;
  let working: Promise<void> = Promise.resolve();
  let closed = false;

  const fill = async (): Promise<void> => {
    file ??= await deps.begin(path);
    for (let atEnd = false; !atEnd && !closed; ) {
      const page = await feed.next();
      if (page.reads.length > 0) await file.append(page.reads);
      atEnd = page.atEnd;
    }
    if (published || closed) return;
    await file.publish();
    published = true;
  };

  const startAnew = async (): Promise<void> => {
    const failed = file;
    [file, published] = [null, false];
    feed = createReadFeed(replica, scope, 'start');
    await failed?.close().catch((error: unknown) => log.warn('an output file did not close', { error: String(error) }));
  };

  const work = async (): Promise<void> => {
    try {
      await fill();
    } catch (error) {
      log.error('an output file could not be written; it is made anew', { path, error: String(error) });
      await startAnew();
      wake(RETRY_MS);
    }
  };

  const wake = (afterMs: number = GATHER_MS): void => {
    if (closed || timer !== null) return;
    timer = timers.after(afterMs, () => {
      timer = null;
      working = working.then(work);
    });
  };

  const stop = followScope(replica, scope, {
    onReads: () => wake(),
    onScope: () => {
      feed.lookAgain();
      wake();
    },
  });
  log.info('reads are written to a file', { output: scopeText(scope), path });
  wake(0);

  return {
    close: async () => {
      closed = true;
      stop();
      timer?.clear();
      await working;
      await file?.close();
    },
  };
};
