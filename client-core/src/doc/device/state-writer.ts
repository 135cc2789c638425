import { mergeUpdates } from 'yjs';
import type { AddedRow, DeviceDatabase } from './device-database.ts';

export interface StateWriterDeps {
  readonly database: () => DeviceDatabase | null;
  /** Whether this tab is the one that writes. */
  readonly mayWrite: () => boolean;
  /** The whole document. */
  readonly encode: () => Uint8Array;
  /** A row that another tab wrote. */
  readonly onState: (update: Uint8Array) => void;
  readonly onFailed: (error: unknown) => void;
  readonly onWritten: () => void;
}

/** Keeps what the relay sent, as a cache: late, merged, and in few rows. */
export interface StateWriter {
  /** What the database held when it was opened. */
  readonly begin: (keys: Iterable<number>) => void;
  readonly keep: (update: Uint8Array) => void;
  /** Another tab, or a settled edit, added a row that this page has merged. */
  readonly saw: (added: AddedRow) => void;
  /** The database lacks something of the document. */
  readonly isBehind: () => boolean;
  /** Everything is to be written again. */
  readonly rewrite: () => void;
  /** Writes what waits, if this tab may. */
  readonly run: () => void;
}

/** So many rows become one; with more at the start, too. */
const MAX_ROWS = 200;
const MAX_ROWS_AT_START = 16;

export const createStateWriter = (deps: StateWriterDeps): StateWriter => {
  let queue: Uint8Array[] = [];
  let seen = new Set<number>();
  let behind = false;
  let running = false;

  const compact = async (database: DeviceDatabase): Promise<void> => {
    behind = false;
    queue = [];
    const key = await database.compact(seen, (unseen) => {
      for (const update of unseen) deps.onState(update);
      return unseen.length === 0 ? deps.encode() : mergeUpdates([deps.encode(), ...unseen]);
    });
    seen = new Set([key]);
  };

  const append = async (database: DeviceDatabase): Promise<void> => {
    const update = mergeUpdates(queue);
    queue = [];
    const { key, rows } = await database.addState(update);
    seen.add(key);
    if (rows > MAX_ROWS) behind = true;
  };

  const writeAll = async (database: DeviceDatabase): Promise<void> => {
    while ((behind || queue.length > 0) && deps.mayWrite()) {
      if (behind) await compact(database);
      else await append(database);
    }
    deps.onWritten();
  };

  const run = (): void => {
    const database = deps.database();
    if (running || database === null || !deps.mayWrite()) return;
    running = true;
    writeAll(database)
      .catch((error: unknown) => {
        behind = true;
        if (database === deps.database()) deps.onFailed(error);
      })
      .finally(() => {
        running = false;
      });
  };

  return {
    begin: (keys) => {
      seen = new Set(keys);
      if (seen.size > MAX_ROWS_AT_START) behind = true;
    },
    keep: (update) => {
      if (deps.mayWrite() && !behind && deps.database() !== null) queue.push(update);
      else behind = true;
      run();
    },
    saw: ({ key, rows }) => {
      seen.add(key);
      if (rows > MAX_ROWS) behind = true;
      run();
    },
    isBehind: () => deps.mayWrite() && (behind || queue.length > 0),
    rewrite: () => {
      behind = true;
      queue = [];
      seen = new Set();
      run();
    },
    run,
  };
};
