import type { Clock, Timers } from '@baton/schema/ports';

/** How long ago the last backup was made whole: what a monitoring asks. */
export interface BackupAge {
  /** A backup of this moment, by the wall clock, is whole. An older one than is known is passed over. */
  readonly note: (madeAt: number) => void;
  /** By the wall clock, ms; null: none is known. */
  readonly at: () => number | null;
  /** Null: none is known. By the monotonic clock from when it was noted, so that no jump of the wall clock makes it young. */
  readonly seconds: () => number | null;
}

export interface BackupAgeDeps {
  readonly clock: Clock;
  readonly timers: Pick<Timers, 'mono'>;
  /** What an earlier run has noted. */
  readonly known?: number | null;
  /** Keeps what is noted for the next run. */
  readonly keep?: (madeAt: number) => void;
}

export const createBackupAge = ({ clock, timers, known = null, keep = () => {} }: BackupAgeDeps): BackupAge => {
  /** When it was made, on the monotonic clock. */
  let last: number | null = null;
  let lastAt: number | null = null;

  const isNewest = (madeAt: number): boolean => {
    const at = timers.mono() - Math.max(0, clock.now() - madeAt);
    if (last !== null && at <= last) return false;
    last = at;
    lastAt = madeAt;
    return true;
  };

  if (known !== null) isNewest(known);
  return {
    note: (madeAt) => {
      if (isNewest(madeAt)) keep(madeAt);
    },
    at: () => lastAt,
    seconds: () => (last === null ? null : (timers.mono() - last) / 1000),
  };
};
