/** Milliseconds. The bound doubles from `firstMs` to `maxMs`. */
export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

export const DEFAULT_BACKOFF: BackoffOptions = { firstMs: 1000, maxMs: 30_000 };

/** The longest wait after `attempt` failures in a row (from 0). */
export const backoffBound = (attempt: number, { firstMs, maxMs }: BackoffOptions): number =>
  Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));

/**
 * Milliseconds to wait before the next try: full jitter, that is anything from 0 to the bound, so that
 * ten thousand clients dropped together do not come back together.
 * @param random in [0, 1)
 */
export const backoffDelay = (attempt: number, random: number, options: BackoffOptions = DEFAULT_BACKOFF): number =>
  Math.floor(random * backoffBound(attempt, options));
