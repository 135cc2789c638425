import type { Log, Timers } from '@baton/schema/ports';
import { type StorageTrouble, storageTroubles } from '../storage/storage-health.ts';
import type { RelaySight } from './relay-sight.ts';

/** Whether the relay can do what it is for. */
export interface Readiness {
  /** What keeps it from that, as far as is known. After a refused write the disk is tried anew meanwhile, for the next who asks. */
  readonly troubles: () => readonly StorageTrouble[];
  /** As `troubles`, once that try has told. */
  readonly check: () => Promise<readonly StorageTrouble[]>;
}

export interface ReadinessDeps {
  readonly sight: Pick<RelaySight, 'store' | 'disk' | 'isBelowFloor'>;
  readonly timers: Timers;
  readonly journal: Log;
  /** Stores something that is stored already. */
  readonly tryToStore: () => Promise<void>;
  /** A writer that answers nothing for so long is stuck. */
  readonly stuckMs: number;
}

/** Whoever asks is answered by then, whatever the disk does. */
const TRY_MS = 2000;

export const createReadiness = ({ sight, timers, journal, tryToStore, stuckMs }: ReadinessDeps): Readiness => {
  /** One try for all who ask meanwhile: anybody may. */
  let trying: Promise<void> | null = null;

  const judge = (): readonly StorageTrouble[] =>
    storageTroubles(
      sight.store(),
      { freeBytes: sight.disk()?.freeBytes ?? null, isBelowFloor: sight.isBelowFloor() },
      stuckMs,
    );

  const tryAnew = async (): Promise<void> => {
    try {
      await tryToStore();
    } catch (error) {
      journal.error('it could not be tried whether there is space again', { cause: String(error) });
    }
    trying = null;
  };

  /** Nobody else might write, and the relay would seem unready for ever. Null: there is no need to. */
  const tryOnce = (): Promise<void> | null => {
    if (sight.store().lastWrite === 'full') trying ??= tryAnew();
    return trying;
  };

  const atMost = (ms: number, work: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const timer = timers.after(ms, resolve);
      void work.then(() => {
        timer.clear();
        resolve();
      });
    });

  return {
    troubles: () => {
      void tryOnce();
      return judge();
    },
    check: async () => {
      const tried = tryOnce();
      if (tried !== null) await atMost(TRY_MS, tried);
      return judge();
    },
  };
};
