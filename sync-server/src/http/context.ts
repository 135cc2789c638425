import type { Serial } from '../registry/serial.ts';
import type { RelayCore } from '../relay-core.ts';
import type { Rosters } from '../setup/rosters.ts';
import type { Setups } from '../setup/setups.ts';
import type { Store } from '../storage/store.ts';
import type { Readiness } from '../watching/readiness.ts';
import type { OnRefusal } from '../watching/refusals.ts';
import type { RelaySight } from '../watching/relay-sight.ts';
import type { BodyTimes } from './body-time.ts';
import type { Metrics } from './metrics.ts';
import type { RequestTraces } from './request-trace.ts';

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
  readonly backup?: { readonly directory: string; readonly make: (path: string) => Promise<void> };
  /** Archives of events; what arrives waits in `directory` until it was checked. */
  readonly archive?: {
    readonly directory: string;
    readonly store: Pick<Store, 'docNames' | 'loadDoc' | 'compactDoc' | 'appendDoc' | 'loadFacts'>;
  };
  readonly metrics?: Metrics;
  /** Hears of each refusal; by default it is counted in `metrics`. */
  readonly onRefusal?: OnRefusal;
  /** What is known of store, disk and process. */
  readonly sight?: Partial<RelaySight>;
  /** A store that answers nothing for so long, while writes wait, is stuck. */
  readonly writerStuckMs: number;
}

/** What the routes are built on. */
export interface HttpContext {
  readonly core: RelayCore;
  readonly options: HttpOptions;
  readonly setups: Setups;
  readonly rosters: Rosters;
  readonly serial: Serial;
  readonly metrics: Metrics;
  readonly sight: RelaySight;
  readonly readiness: Readiness;
  readonly traces: RequestTraces;
  readonly bodies: BodyTimes;
  /** When the relay began, in ms since the Unix epoch. */
  readonly startedAt: number;
}
