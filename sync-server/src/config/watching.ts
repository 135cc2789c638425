import { integer, type OptionSpec, type OptionValues } from '@baton/schema/command';

/** What whoever watches a relay may choose. */
export interface WatchingConfig {
  /** A store that answers nothing for so long, while writes wait, makes `/readyz` red. */
  readonly writerStuckMs: number;
}

const STUCK_MS = 10_000;
const HOUR_MS = 3_600_000;

export const WATCHING_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'writer-stuck-ms',
    value: 'ms',
    help: '/readyz turns red when writes have waited so long and none was synced',
    default: String(STUCK_MS),
  },
];

export const watchingConfigOf = (options: OptionValues): WatchingConfig => ({
  writerStuckMs: integer(options, 'writer-stuck-ms', 1, HOUR_MS) ?? STUCK_MS,
});
