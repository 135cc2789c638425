import type { Clock, Log, Random, Timers } from '@baton/schema/ports';
import { type BackoffOptions, DEFAULT_BACKOFF } from '../connection/backoff.ts';
import type { ProcessManager, Projection } from './consumer.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { LiveSource } from './source.ts';
import type { LiveStore } from './store.ts';

export interface LiveConfig {
  /** Between two savings of what changed, in ms. */
  readonly checkpointMs: number;
  /** Before the subscription is tried again: full jitter below a bound that doubles, from its beginning once caught up. */
  readonly reconnect: BackoffOptions;
  /** Tries of a command before it becomes a dead letter, and the waits between them. */
  readonly commandAttempts: number;
  readonly commandBackoff: BackoffOptions;
}

export const DEFAULT_LIVE_CONFIG: LiveConfig = {
  checkpointMs: 5000,
  reconnect: DEFAULT_BACKOFF,
  commandAttempts: 5,
  commandBackoff: { firstMs: 500, maxMs: 10_000 },
};

export interface LiveDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
}

export interface LiveOptions {
  readonly source: LiveSource;
  readonly projections?: readonly Projection<unknown>[];
  readonly processManagers?: readonly ProcessManager<unknown>[];
  readonly liveConfig?: Partial<LiveConfig>;
  /** Checkpoints and dead letters. */
  readonly checkpoints: LiveStore;
  /** By the type of their commands. */
  readonly dispatchers?: Readonly<Record<string, Dispatcher>>;
}
