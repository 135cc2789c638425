import type { Log, Timers } from '@baton/schema/ports';

/** Whether so little is free that no reads are taken. */
export type FloorState = 'above' | 'below';

/** Space must come back by this much more than the floor: at its edge it would open and close with each checkpoint. */
const MARGIN = 1 / 8;

/** @param free bytes; null: the file system does not tell, and nothing changes */
export const stepFloor = (state: FloorState, free: number | null, floor: number): FloorState => {
  if (floor === 0) return 'above';
  if (free === null) return state;
  if (free < floor) return 'below';
  return state === 'below' && free < floor * (1 + MARGIN) ? 'below' : 'above';
};

export interface DiskFloor {
  readonly isBelow: () => boolean;
  readonly stop: () => void;
}

export interface DiskFloorDeps {
  readonly timers: Pick<Timers, 'every'>;
  readonly journal: Log;
  /** Free bytes where the data are, as they were last seen; null when that cannot be known. */
  readonly freeBytes: () => number | null;
}

/** Looks at the free space, at once and then now and again. */
export const watchDiskFloor = (
  { timers, journal, freeBytes }: DiskFloorDeps,
  options: { readonly floorBytes: number; readonly everyMs: number },
): DiskFloor => {
  const { floorBytes } = options;
  let state: FloorState = 'above';

  const look = (): void => {
    const free = freeBytes();
    const next = stepFloor(state, free, floorBytes);
    if (next === state) return;
    state = next;
    if (state === 'below')
      journal.error('the disk is nearly full: reads wait at their forwarders', { free, floorBytes });
    else journal.info('the disk has space again: reads are taken', { free, floorBytes });
  };

  look();
  const looking = timers.every(options.everyMs, look);
  return { isBelow: () => state === 'below', stop: looking.clear };
};
