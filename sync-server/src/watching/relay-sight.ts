import type { LinkBody } from '@baton/schema/http';
import type { Clock, Timers } from '@baton/schema/ports';
import { type BackupAge, createBackupAge } from '../keeping/backup-age.ts';
import type { ProcessUse } from '../platform/process-use.ts';
import type { StoreSight } from '../storage/watched-store.ts';
import type { DiskSpace } from './disk-watch.ts';

/** What is seen of the machine and the store under a relay. */
export interface RelaySight {
  readonly version: string;
  readonly store: () => StoreSight;
  /** Null: not known. */
  readonly disk: () => DiskSpace | null;
  /** So little is free that no reads are taken. */
  readonly isBelowFloor: () => boolean;
  /** Whoever makes a backup notes it here. */
  readonly backup: BackupAge;
  readonly process: () => ProcessUse | null;
  /** Null: this relay stands alone. */
  readonly link: () => LinkBody | null;
  /** Longest time the event loop was late since asked last, for one asker each; null: nobody looks. */
  readonly loopLagSeconds: { readonly metrics: () => number | null; readonly page: () => number | null };
}

const unknown = (): null => null;

/** Nothing is known but what is given: for a store in memory, and tests. */
export const sightOf = (
  known: Partial<RelaySight> = {},
  time: { readonly clock: Clock; readonly timers: Timers },
): RelaySight => ({
  version: '0.0.0',
  store: () => ({ lastWrite: 'stored', waiting: 0, waitingBytes: 0, stillMs: 0 }),
  disk: unknown,
  isBelowFloor: () => false,
  backup: createBackupAge(time),
  process: unknown,
  link: unknown,
  loopLagSeconds: { metrics: unknown, page: unknown },
  ...known,
});
