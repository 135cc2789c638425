import type { Replica } from '@baton/client-core';
import type { Clock, Timers } from '@baton/schema/ports';
import type { Pair } from '@baton/schema/reads';
import type { Announcer } from '../platform/announcer-store.ts';
import type { Persistence } from '../platform/device-storage.ts';
import type { Files } from '../platform/files.ts';
import type { KeyValue } from '../platform/key-value.ts';
import type { AddressStore } from './address-store.ts';
import type { HeldStore } from './held-store.ts';
import type { LiveDeps } from './live-rows.ts';
import type { PullStore } from './pull-store.ts';
import type { ReplicaStore } from './replica-store.ts';
import type { SelectionStore } from './selection-store.ts';
import type { SetupStore } from './setup-store.ts';
import type { StorageStore } from './storage-store.ts';
import type { StreamsStore } from './streams-store.ts';

/** A receiver at work. */
export interface ReceiverDesk {
  readonly nodeId: string;
  readonly setup: SetupStore;
  readonly streams: StreamsStore;
  readonly selection: SelectionStore;
  readonly pull: PullStore;
  readonly held: HeldStore;
  readonly replica: ReplicaStore;
  readonly database: Replica;
  /** To ask the database with. */
  readonly live: LiveDeps;
  readonly storage: StorageStore;
  readonly persistence: Persistence;
  /** Takes the session (back) to this page. */
  readonly connect: () => void;
  /** Drops an epoch that is not the relay's, and pulls it again. */
  readonly repair: (pair: Pair) => void;
  readonly close: () => void;
  /** Closes, and removes what this device keeps of it. */
  readonly forget: () => Promise<void>;
}

/** What the page has besides. */
export interface DeskTools {
  readonly address: AddressStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly files: Files;
  readonly kept: KeyValue;
  readonly announcer: Announcer;
}

export interface DeskProps {
  readonly desk: ReceiverDesk;
  readonly tools: DeskTools;
}
