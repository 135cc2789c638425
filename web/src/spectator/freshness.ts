import type { Link } from './feed-link.ts';

/** How far what is shown may be trusted. `at` is when the relay last confirmed it, in ms since the Unix epoch. */
export type Freshness =
  | { readonly type: 'waiting' }
  /** What the device kept, until the relay answers. */
  | { readonly type: 'updating'; readonly at: number }
  | { readonly type: 'fresh'; readonly at: number }
  /** Official: nothing changes any more. */
  | { readonly type: 'final'; readonly at: number }
  /** The relay does not answer; `offline` when the device says that it has no network. */
  | { readonly type: 'stale'; readonly at: number; readonly offline: boolean }
  | { readonly type: 'never'; readonly offline: boolean };

/** A feed is confirmed each 20 s at the latest, with some time for the answer. */
const LIVE_MS = 40_000;
/** Asked for each 5 s, the list of events each 10 s. */
const POLLED_MS = 20_000;

const isRecent = (link: Link, age: number): boolean =>
  (link.type === 'live' && age <= LIVE_MS) || (link.type === 'polling' && age <= POLLED_MS);

/** A device's word that it is offline counts only where nothing else is known: it is often wrong. */
export const freshnessOf = (link: Link, confirmedAt: number | null, now: number, online: boolean): Freshness => {
  if (confirmedAt === null) {
    return link.type === 'lost' || !online ? { type: 'never', offline: !online } : { type: 'waiting' };
  }
  if (link.type === 'final') return { type: 'final', at: confirmedAt };
  if (isRecent(link, now - confirmedAt)) return { type: 'fresh', at: confirmedAt };
  if (link.type === 'connecting' && online) return { type: 'updating', at: confirmedAt };
  return { type: 'stale', at: confirmedAt, offline: !online };
};
