import type { StoreSight } from './watched-store.ts';

/** Why nothing can be stored, as whoever watches the relay is told. */
export interface StorageTrouble {
  readonly type: 'disk-full' | 'disk-low' | 'storage-failed' | 'writer-stuck';
  readonly message: string;
}

/** With less, the log of the next few seconds does not fit. */
const FULL_BYTES = 4 * 1024 * 1024;

const DISK_FULL: StorageTrouble = {
  type: 'disk-full',
  message: 'the disk of the data directory is full: free some space, storing goes on by itself',
};

const DISK_LOW: StorageTrouble = {
  type: 'disk-low',
  message:
    'the disk of the data directory is below its floor: no reads are taken; free some space, it goes on by itself',
};

const FAILED: StorageTrouble = {
  type: 'storage-failed',
  message: 'writing or syncing failed: nothing more is acked, the relay ends; check the disk, then start it again',
};

const stuck = (stillMs: number): StorageTrouble => ({
  type: 'writer-stuck',
  message: `nothing was synced for ${Math.floor(stillMs / 1000)} s while writes wait: look at the disk, and at what else uses it`,
});

/** The data directory's disk. */
export interface DiskSight {
  /** Null: not known. */
  readonly freeBytes: number | null;
  readonly isBelowFloor: boolean;
}

/** Everything that keeps the relay from storing, worst first; empty while it stores. */
export const storageTroubles = (
  { lastWrite, stillMs }: StoreSight,
  { freeBytes, isBelowFloor }: DiskSight,
  stuckMs: number,
): readonly StorageTrouble[] => {
  const troubles: StorageTrouble[] = [];
  if (lastWrite === 'failed') troubles.push(FAILED);
  if (stillMs >= stuckMs) troubles.push(stuck(stillMs));
  if (lastWrite === 'full' || (freeBytes !== null && freeBytes < FULL_BYTES)) troubles.push(DISK_FULL);
  else if (isBelowFloor) troubles.push(DISK_LOW);
  return troubles;
};
