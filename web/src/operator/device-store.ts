import type { MeBody } from '@baton/schema/http';
import type { EventId } from '@baton/schema/ids';
import type { Timers } from '@baton/schema/ports';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { DeviceStorage, StorageStanding } from '../platform/device-storage.ts';

/** A person's documents, as this device keeps them. */
export interface DeviceDocuments {
  /** Edits that are on this device only, by document. */
  readonly unsaved: (me: MeBody) => Promise<ReadonlyMap<string, number>>;
  readonly forget: (me: MeBody) => Promise<void>;
  /** How many edits of an event's documents wait here under another access, which may have ended. */
  readonly leftBehind: (me: MeBody, eventId: EventId) => Promise<number>;
  /** Makes them this person's. */
  readonly adopt: (me: MeBody, eventId: EventId) => Promise<void>;
  /** All that this device keeps of an event's documents under another access, by document. */
  readonly keptBehind: (me: MeBody, eventId: EventId) => Promise<ReadonlyMap<string, readonly Uint8Array[]>>;
  /** Deletes it. */
  readonly forgetBehind: (me: MeBody, eventId: EventId) => Promise<void>;
}

export interface DeviceStore extends DeviceDocuments {
  readonly standing: ReadonlySignal<StorageStanding | null>;
  /** After the first edit, when there is something to lose: asks the browser, once, to keep what the page stores. */
  readonly askToPersist: () => void;
}

const REFRESH_MS = 60_000;

export const createDeviceStore = (deps: {
  readonly storage: DeviceStorage;
  readonly documents: DeviceDocuments;
  readonly timers: Timers;
}): DeviceStore => {
  const standing = signal<StorageStanding | null>(null);
  let asked = false;

  const refresh = async (): Promise<void> => {
    standing.value = await deps.storage.standing();
  };

  const ask = async (): Promise<void> => {
    await deps.storage.persist();
    await refresh();
  };

  void refresh();
  deps.timers.every(REFRESH_MS, () => void refresh());
  return {
    ...deps.documents,
    standing,
    askToPersist: () => {
      if (asked) return;
      asked = true;
      void ask();
    },
  };
};
