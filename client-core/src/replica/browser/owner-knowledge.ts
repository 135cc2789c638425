import type { Ids } from '@baton/schema/ports';
import type { StorageChoice } from './storage-ladder.ts';

/** What a tab knows of the replica, whoever owns it. */
export interface OwnerKnowledge {
  readonly storage: () => StorageChoice | null;
  readonly setStorage: (storage: StorageChoice | null) => void;
  readonly published: () => unknown;
  readonly setPublished: (value: unknown) => void;
  readonly databaseId: () => string;
  /** Another database than the last known one begins another era: positions of the former mean nothing in it. */
  readonly era: () => number;
  /** This tab has opened it; `made`: it is new and empty. */
  readonly opened: (made: boolean) => void;
  /** The owner names it. */
  readonly seen: (databaseId: string) => void;
}

export const createOwnerKnowledge = (ids: Ids, onRebuilt: () => void): OwnerKnowledge => {
  let storage: StorageChoice | null = null;
  let published: unknown = null;
  let databaseId: string | null = null;
  let era = 0;

  const seen = (id: string): void => {
    if (id === databaseId || id === '') return;
    if (databaseId !== null) onRebuilt();
    databaseId = id;
    era++;
  };

  return {
    storage: () => storage,
    setStorage: (value) => {
      storage = value;
    },
    published: () => published,
    setPublished: (value) => {
      published = value;
    },
    databaseId: () => databaseId ?? '',
    era: () => era,
    opened: (made) => seen(made || databaseId === null ? ids.uuid() : databaseId),
    seen,
  };
};
