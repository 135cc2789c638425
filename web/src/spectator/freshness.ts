import type { Live } from '../platform/live.ts';

/**
 * How far what is shown may be trusted. `at` is when the relay last confirmed it, in ms since the
 * Unix epoch.
 */
export type Freshness =
  | { readonly type: 'waiting' }
  | { readonly type: 'fresh'; readonly at: number }
  /** The relay does not answer; `offline` when the device says that it has no network. */
  | { readonly type: 'stale'; readonly at: number; readonly offline: boolean }
  | { readonly type: 'never'; readonly offline: boolean };

/** Older than this without a new answer is stale, whatever the reason. */
const STALE_MS = 10_000;

export const freshnessOf = (live: Live<unknown>, now: number, online: boolean): Freshness => {
  const failing = live.problem !== null || !online;
  if (live.confirmedAt === null) return failing ? { type: 'never', offline: !online } : { type: 'waiting' };
  if (live.problem !== null || now - live.confirmedAt > STALE_MS) {
    return { type: 'stale', at: live.confirmedAt, offline: !online };
  }
  return { type: 'fresh', at: live.confirmedAt };
};
