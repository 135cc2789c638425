import type { Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { DeviceStorage, StorageStanding } from '../platform/device-storage.ts';

/** What the browser says about the space that the page uses, asked for now and again. */
export interface StorageStore {
  readonly standing: ReadonlySignal<StorageStanding | null>;
  readonly stop: () => void;
}

const EVERY_MS = 15_000;

export const createStorageStore = (storage: DeviceStorage, timers: Timers): StorageStore => {
  const standing = signal<StorageStanding | null>(null);
  const ask = async (): Promise<void> => {
    standing.value = await storage.standing();
  };
  const asking = timers.every(EVERY_MS, () => void ask());
  void ask();
  return { standing, stop: () => asking.clear() };
};
