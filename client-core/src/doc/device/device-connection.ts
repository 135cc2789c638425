import type { Timer, Timers } from '@baton/schema/ports';
import type { DeviceFault } from '../local-copy.ts';
import { type DeviceDatabase, openDeviceDatabase } from './device-database.ts';
import { openingFaultOf } from './device-fault.ts';

export interface DeviceConnectionEvents {
  /** Open, for the first time or again: what is in it must be read, or written once more. */
  readonly onOpen: (database: DeviceDatabase) => void;
  readonly onFault: (fault: DeviceFault) => void;
}

/** Holds one document's database open for as long as the browser lets it. */
export interface DeviceConnection {
  readonly current: () => DeviceDatabase | null;
  readonly close: () => void;
}

/** Longest silence before the page goes on without; the database is still taken when it comes later. */
const SILENT_MS = 5000;
/** After it was cleared it is made anew. */
const REOPEN_MS = 250;
/** A refusal may end: storage allowed, space freed. */
const RETRY_MS = 10_000;

const FAULTS = {
  silent: { type: 'silent', message: `the browser's storage did not answer within ${SILENT_MS} ms` },
  blocked: { type: 'blocked', message: 'another tab with an older version of this page is open' },
  evicted: { type: 'evicted', message: 'what this device kept was cleared' },
  superseded: { type: 'superseded', message: 'a newer version of this page is open: load this one again' },
} as const satisfies Record<string, DeviceFault>;

export const connectDevice = (timers: Timers, name: string, events: DeviceConnectionEvents): DeviceConnection => {
  let current: DeviceDatabase | null = null;
  let closed = false;
  let timer: Timer | null = null;

  const plan = (ms: number, run: () => void): void => {
    timer?.clear();
    timer = timers.after(ms, run);
  };

  const lose = (why: 'evicted' | 'superseded'): void => {
    if (closed) return;
    current = null;
    events.onFault(FAULTS[why]);
    if (why === 'evicted') plan(REOPEN_MS, open);
  };

  const take = (database: DeviceDatabase): void => {
    timer?.clear();
    if (closed) return database.close();
    current = database;
    events.onOpen(database);
  };

  const giveUp = (error: unknown): void => {
    timer?.clear();
    const fault = openingFaultOf(error);
    if (closed) return;
    events.onFault(fault);
    if (fault.type !== 'superseded') plan(RETRY_MS, open);
  };

  const open = (): void => {
    plan(SILENT_MS, () => events.onFault(FAULTS.silent));
    const onBlocked = (): void => {
      if (!closed) events.onFault(FAULTS.blocked);
    };
    openDeviceDatabase(name, { onBlocked, onGone: lose }).then(take, giveUp);
  };

  open();
  return {
    current: () => current,
    close: () => {
      closed = true;
      timer?.clear();
      current?.close();
      current = null;
    },
  };
};
