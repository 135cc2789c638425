import type { Log, Timers } from '@baton/schema/ports';
import { err, ok, type Result } from '@baton/schema/result';
import type { Broken, PgliteThread, ThreadLimits } from '../pglite-thread.ts';
import { openSound } from '../sound-database.ts';
import type { OpenWorker } from '../worker-port.ts';
import {
  type BrowserStorage,
  browserDirectory,
  isQuotaSpent,
  type Slot,
  type StorageMode,
} from './browser-directories.ts';

/** Where the replica lies, and why not somewhere better. */
export interface StorageChoice {
  readonly mode: StorageMode;
  /** Modes that were tried before, with the browser's words. */
  readonly refused: readonly { readonly mode: StorageMode; readonly message: string }[];
}

export interface StorageLadder {
  /** As `HealingDeps.open`: on the rung that was reached, else on the next. */
  readonly open: (fresh: boolean) => Promise<Result<PgliteThread, Broken>>;
  readonly isFull: () => Promise<boolean>;
  readonly choice: () => StorageChoice;
}

export interface LadderDeps {
  readonly timers: Timers;
  readonly log: Log;
  readonly openWorker: OpenWorker;
  readonly storage: BrowserStorage;
}

export interface LadderOptions {
  readonly name: string;
  /** Best first, not empty. */
  readonly modes: readonly StorageMode[];
  readonly limits: ThreadLimits;
}

/**
 * Browsers', Emscripten's and Postgres' words for a used-up quota or disk; the last is all that Chromium's IndexedDB says of a disk
 * without space. What browsers estimate before is not to be relied on.
 */
const isAboutSpace = (message: string): boolean =>
  /QuotaExceeded|No space left|"errno":51\b|\b53100\b|Failed to write blobs/i.test(message);
/** What failed so recently for lack of space is not damaged. */
const SPENT_MS = 10_000;

/** A worker that was ended gives its files back a little later; until then nobody may remove them. */
const HELD = { tries: 20, pauseMs: 250 } as const;

const isStillHeld = (error: unknown): boolean =>
  error instanceof DOMException && /^(?:NoModificationAllowed|InvalidState)Error$/.test(error.name);

const SLOTS: readonly Slot[] = ['a', 'b'];

const broken = (message: string, busy = false): Result<never, Broken> =>
  err({ type: 'broken', damaged: false, busy, message });

/**
 * Tries the storage that a browser may have, best first. A database that does not open is wiped and made anew once
 * (`openSound`), then the next kind is tried. One that another worker still holds is left alone: the second
 * slot of the same kind is taken instead, and filled from the relay.
 */
export const createStorageLadder = (deps: LadderDeps, { name, modes, limits }: LadderOptions): StorageLadder => {
  const { timers, log, storage } = deps;
  const refused: { mode: StorageMode; message: string }[] = [];
  let rung = 0;
  let spentAt = Number.NEGATIVE_INFINITY;

  const openWorker: OpenWorker = (input, events) =>
    deps.openWorker(input, {
      ...events,
      onMessage: (message) => {
        if (message.type === 'failed' && (message.full === true || isAboutSpace(message.message)))
          spentAt = timers.mono();
        events.onMessage(message);
      },
    });

  const modeAt = (index: number): StorageMode => modes[index] ?? 'memory';

  const isFull = async (): Promise<boolean> => {
    if (modeAt(rung) === 'memory') return false;
    return timers.mono() - spentAt < SPENT_MS || isQuotaSpent(storage);
  };

  const patiently = async <T>(run: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      try {
        return await run();
      } catch (error) {
        if (!isStillHeld(error) || tries === HELD.tries) throw error;
        await new Promise<void>((resolve) => void timers.after(HELD.pauseMs, resolve));
      }
    }
  };

  const openSlot = async (mode: StorageMode, slot: Slot, fresh: boolean): Promise<Result<PgliteThread, Broken>> => {
    const files = browserDirectory(storage, mode, name, slot);
    const [tidy, setAside] = [() => patiently(files.tidy), () => patiently(files.setAside)];
    const directory = { ...files, isFull, tidy, setAside };
    try {
      for (const it of await directory.tidy()) log.info('removed a replica that must not be opened', { name: it });
      return await openSound({ timers, log, openWorker, directory, limits }, fresh);
    } catch (error) {
      return broken(String(error), isStillHeld(error)); // the browser refused
    }
  };

  /** What was taken while the first was held is not needed beside it. */
  const dropSecond = async (mode: StorageMode): Promise<void> => {
    try {
      await browserDirectory(storage, mode, name, 'b').setAside();
    } catch (error) {
      log.info('the second database is still in use and stays', { mode, reason: String(error) });
    }
  };

  const openMode = async (mode: StorageMode, fresh: boolean): Promise<Result<PgliteThread, Broken>> => {
    let opened = broken('no slot was tried') as Result<PgliteThread, Broken>;
    for (const slot of SLOTS) {
      opened = await openSlot(mode, slot, fresh);
      if (opened.ok && slot === 'a') void dropSecond(mode);
      if (opened.ok || opened.error.busy !== true) return opened;
      log.warn('another worker has the replica’s files: the others are taken', { mode, slot });
    }
    return opened;
  };

  return {
    open: async (fresh) => {
      for (;;) {
        const mode = modeAt(rung);
        const opened = await openMode(mode, fresh);
        if (opened.ok) return ok(opened.value);
        if (rung + 1 >= modes.length) return opened;
        log.warn('the replica cannot be kept there, trying the next storage', { mode, reason: opened.error.message });
        refused.push({ mode, message: opened.error.message });
        // the next kind on a disk that is full would take the last of the space from what people must still be able to save there
        rung = opened.error.full === true ? modes.length - 1 : rung + 1;
      }
    },
    isFull,
    choice: () => ({ mode: modeAt(rung), refused: [...refused] }),
  };
};
