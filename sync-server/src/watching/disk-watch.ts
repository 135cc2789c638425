import type { Log, Timers } from '@baton/schema/ports';

/** The data directory and its disk, in bytes. */
export interface DiskSpace {
  readonly dataBytes: number;
  /** What this user may still write. */
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

export interface DiskWatch {
  /** As it was some seconds ago; null: it could not be looked at. */
  readonly space: () => DiskSpace | null;
  readonly stop: () => void;
}

const LOOK_MS = 5000;

/**
 * Looks at the disk now and again, so that nobody who asks waits for it: a disk that hangs keeps its own look waiting,
 * and no other. Resolves when it was looked at once, or that took too long.
 */
export const watchDisk = async (
  {
    timers,
    journal,
    look,
  }: { readonly timers: Timers; readonly journal: Log; readonly look: () => Promise<DiskSpace> },
  everyMs = LOOK_MS,
): Promise<DiskWatch> => {
  let space: DiskSpace | null = null;
  let looking = false;
  let told = false;

  const lookOnce = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      space = await look();
      told = false;
    } catch (error) {
      space = null;
      if (!told) journal.warn('the disk of the data directory cannot be looked at', { cause: String(error) });
      told = true;
    }
    looking = false;
  };

  const timer = timers.every(everyMs, () => void lookOnce());
  await Promise.race([lookOnce(), new Promise<void>((resolve) => timers.after(everyMs, resolve))]);
  return { space: () => space, stop: timer.clear };
};
