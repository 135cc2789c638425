import type { Ownership, SharedReplica, StorageChoice } from '@baton/client-core';
import { type ReadonlySignal, signal } from '@preact/signals';

/** How this tab stands to the replica, and where that lies. */
export interface ReplicaStore {
  readonly ownership: ReadonlySignal<Ownership>;
  readonly storage: ReadonlySignal<StorageChoice | null>;
  readonly stop: () => void;
}

export const createReplicaStore = (shared: Pick<SharedReplica, 'ownership' | 'storage' | 'onChange'>): ReplicaStore => {
  const ownership = signal(shared.ownership());
  const storage = signal(shared.storage());
  const stop = shared.onChange(() => {
    ownership.value = shared.ownership();
    storage.value = shared.storage();
  });
  return { ownership, storage, stop };
};
