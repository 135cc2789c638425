import type { StoreSight } from './watched-store.ts';

/** Why nothing can be stored, as whoever watches the relay is told. */
export interface StorageTrouble {
  readonly type: 'disk-full' | 'storage-failed' | 'writer-stuck';
  readonly message: string;
}

/** With less, the log of the next few seconds does not fit. */
const FULL_BYTES = 4 * 1024 * 1024;

const DISK_FULL: StorageTrouble = {
  type: 'disk-full',
  message: 'the disk of the data directory is full: free some space, storing goes on by itself',
};

const FAILED: StorageTrouble = {
  type: 'storage-failed',
  message: 'writing or syncing failed: nothing more is acked, the relay ends; check the disk, then start it again',
};

const stuck = (stillMs: number): StorageTrouble => ({
  type: 'writer-stuck',
  message: `nothing was synced for ${Math.floor(stillMs / 1000)} s while writes wait: look at the disk, and at what else uses it`,
});

/**
 * Everything that keeps the relay from storing, worst first; empty while it stores.
 *
 * @param freeBytes of the data directory's disk; null: not known
 */
export const storageTroubles = (
  { lastWrite, stillMs }: StoreSight,
  freeBytes: number | null,
  stuckMs: number,
): readonly StorageTrouble[] => {
  const troubles: StorageTrouble[] = [];
  if (lastWrite === 'failed') troubles.push(FAILED);
  if (stillMs >= stuckMs) troubles.push(stuck(stillMs));
  if (lastWrite === 'full' || (freeBytes !== null && freeBytes < FULL_BYTES)) troubles.push(DISK_FULL);
  return troubles;
};
