import { decodeBatch } from '@baton/schema/reads';
import type { ForeignStore } from './foreign-replica.ts';

/** Tells when a store has the roster and so many reads. */
export const readyOnce = (
  inner: ForeignStore,
): { readonly store: ForeignStore; readonly ready: (reads: number) => Promise<void> } => {
  let held = 0;
  let hasSetup = false;
  let look = (): void => {};
  return {
    store: {
      store: async (frames) => {
        await inner.store(frames);
        for (const { batch } of frames) {
          const decoded = decodeBatch(batch);
          held += decoded.ok ? decoded.value.count : 0;
        }
        look();
      },
      setup: async (rows) => {
        await inner.setup(rows);
        hasSetup = rows.chips.length > 0;
        look();
      },
    },
    ready: (reads) =>
      new Promise((resolve) => {
        look = () => {
          if (hasSetup && held >= reads) resolve();
        };
        look();
      }),
  };
};
