import type { ResultRow, StartRow } from '@baton/schema/http';
import type { EventId, RaceId } from '@baton/schema/ids';
import type { Serial } from '../registry/serial.ts';
import type { RelayCore } from '../relay-core.ts';
import type { Metrics } from './metrics.ts';
import type { Rosters } from './rosters.ts';
import type { Setups } from './setups.ts';

/** Rows with the time (ms) at which they were true. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly asOf: number;
}

/** What the fold says of a race, for everybody's eyes. Null: there is no such race. */
export interface RaceResults {
  readonly results: (eventId: EventId, raceId: RaceId) => Promise<Rows<ResultRow> | null>;
  readonly startlist: (eventId: EventId, raceId: RaceId) => Promise<Rows<StartRow> | null>;
}

export interface HttpOptions {
  /** Built pages; null: none are served. */
  readonly pagesDir: string | null;
  readonly allowOrigins: readonly string[];
  /** Answer `/metrics` without the admin token. */
  readonly publicMetrics: boolean;
  /** Silence after which a forwarder counts as degraded, and as offline. */
  readonly nodeDegradedMs: number;
  readonly nodeOfflineMs: number;
  readonly results?: RaceResults;
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
