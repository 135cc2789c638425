import type { EventId } from '@baton/schema/ids';
import type { Log, Timers } from '@baton/schema/ports';
import type { EventSize } from '../storage/records.ts';

/** How large each event is on disk. */
export interface DiskUse {
  /** Bytes: what the store told last, and what was taken since, of which some may be refused or turn out to be known. */
  readonly of: (eventId: EventId) => number;
  /** Bytes that are on their way to the store. */
  readonly note: (eventId: EventId, bytes: number) => void;
  readonly stop: () => void;
}

export interface DiskUseDeps {
  readonly sizes: () => Promise<readonly EventSize[]>;
  readonly timers: Timers;
  readonly journal: Log;
}

const LOOK_MS = 5000;

type Bytes = Map<EventId, number>;

const add = (bytes: Bytes, eventId: EventId, more: number): void => {
  bytes.set(eventId, (bytes.get(eventId) ?? 0) + more);
};

/**
 * The store counts for itself, in the transaction of each row; here it is asked now and again, and what was taken since is added. The
 * store takes calls in their order, so what was noted before it was asked is in its answer. Resolves when it was asked once.
 */
export const watchDiskUse = async ({ sizes, timers, journal }: DiskUseDeps): Promise<DiskUse> => {
  let stored: Bytes = new Map();
  let asked: Bytes = new Map();
  let since: Bytes = new Map();
  let looking = false;

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    asked = since;
    since = new Map();
    try {
      stored = new Map((await sizes()).map(({ eventId, bytes }) => [eventId, bytes]));
    } catch (error) {
      journal.warn('the sizes of events cannot be told; they are asked for again', { cause: String(error) });
      for (const [eventId, bytes] of asked) add(since, eventId, bytes);
    }
    asked = new Map();
    looking = false;
  };

  await look();
  const timer = timers.every(LOOK_MS, () => void look());
  return {
    of: (eventId) => (stored.get(eventId) ?? 0) + (asked.get(eventId) ?? 0) + (since.get(eventId) ?? 0),
    note: (eventId, bytes) => add(since, eventId, bytes),
    stop: timer.clear,
  };
};
