import type { Timers } from '@baton/schema/ports';
import { type StorageTrouble, storageTroubles } from '../storage/storage-health.ts';
import type { RelaySight } from './relay-sight.ts';

/** Whether the relay can do what it is for. */
export interface Readiness {
  /** What keeps it from that, as far as is known. */
  readonly troubles: () => readonly StorageTrouble[];
  /** As `troubles`; after a refused write the disk is tried anew before. */
  readonly check: () => Promise<readonly StorageTrouble[]>;
}

export interface ReadinessDeps {
  readonly sight: Pick<RelaySight, 'store' | 'disk' | 'isBelowFloor'>;
  readonly timers: Timers;
  /** Stores something that is stored already. */
  readonly tryToStore: () => Promise<void>;
  /** A writer that answers nothing for so long is stuck. */
  readonly stuckMs: number;
}

/** Whoever asks is answered by then, whatever the disk does. */
const TRY_MS = 2000;

export const createReadiness = ({ sight, timers, tryToStore, stuckMs }: ReadinessDeps): Readiness => {
  /** One try for all who ask meanwhile: anybody may. */
  let trying: Promise<void> | null = null;

  const troubles = (): readonly StorageTrouble[] =>
    storageTroubles(
      sight.store(),
      { freeBytes: sight.disk()?.freeBytes ?? null, isBelowFloor: sight.isBelowFloor() },
      stuckMs,
    );

  const tryOnce = (): Promise<void> => {
    trying ??= tryToStore().finally(() => {
      trying = null;
    });
    return trying;
  };

  const atMost = async (ms: number, work: Promise<void>): Promise<void> => {
    await new Promise<void>((resolve, reject) => {
      const timer = timers.after(ms, resolve);
      work.then(resolve, reject).finally(timer.clear);
    });
  };

  return {
    troubles,
    check: async () => {
      // nobody else might write, and the relay would seem unready for ever
      if (sight.store().lastWrite === 'full') await atMost(TRY_MS, tryOnce());
      return troubles();
    },
  };
};
