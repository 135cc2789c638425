import type { BackupAge } from '../keeping/backup-age.ts';
import type { Serial } from '../registry/serial.ts';
import type { RelayCore } from '../relay-core.ts';
import type { Store } from '../storage/store.ts';
import type { Metrics } from './metrics.ts';
import type { Rosters } from './rosters.ts';
import type { Setups } from './setups.ts';

export interface HttpOptions {
  /** Built pages; null: none are served. */
  readonly pagesDir: string | null;
  readonly allowOrigins: readonly string[];
  /** Answer `/metrics` without the admin token. */
  readonly publicMetrics: boolean;
  /** Silence after which a forwarder counts as degraded, and as offline. */
  readonly nodeDegradedMs: number;
  readonly nodeOfflineMs: number;
  /** Copies everything into a new file; left out where the store has no files. */
  readonly backup?: {
    readonly directory: string;
    readonly make: (path: string) => Promise<void>;
    readonly age: BackupAge;
  };
  /** Archives of events; what arrives waits in `directory` until it was checked. */
  readonly archive?: {
    readonly directory: string;
    readonly store: Pick<Store, 'docNames' | 'loadDoc' | 'compactDoc' | 'appendDoc' | 'loadFacts'>;
  };
  readonly metrics?: Metrics;
  /** Counts a refusal by its code; by default in `metrics`. */
  readonly onRefusal?: (code: string) => void;
  /** Longest time the event loop was late since asked last. */
  readonly eventLoopLagSeconds?: () => number;
  /** Whether the last thing that had to be stored was. */
  readonly isWritable?: () => boolean;
}

/** What the routes are built on. */
export interface HttpContext {
  readonly core: RelayCore;
  readonly options: HttpOptions;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly serial: Serial;
  readonly metrics: Metrics;
}
