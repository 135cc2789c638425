import type { ListedToken, TokenRole } from '@baton/schema/http';
import { agoText, dayAndClockText } from './time-text.ts';

export const ROLE_WORDS: Readonly<Record<TokenRole, string>> = {
  operator: 'Operator: sets up and runs the event',
  receiver: 'Receiver: a scoring machine, gets the reads',
  forwarder: 'Forwarder: stands at the readers, sends the reads',
  viewer: 'Viewer: a program that reads and changes nothing',
};

/** How long an invitation holds. */
export const TERMS = ['open', '8h', '1d', '3d', '1w', '30d'] as const;
export type Term = (typeof TERMS)[number];

const HOUR_MS = 3_600_000;
const LENGTHS: Readonly<Record<Exclude<Term, 'open'>, number>> = {
  '8h': 8 * HOUR_MS,
  '1d': 24 * HOUR_MS,
  '3d': 72 * HOUR_MS,
  '1w': 7 * 24 * HOUR_MS,
  '30d': 30 * 24 * HOUR_MS,
};

/** When a token made now ends; never after `limit`, the end of the token that makes it. Null: it does not. */
export const endOf = (term: Term, now: number, limit: number | null): number | null => {
  if (term === 'open') return limit;
  return Math.min(now + LENGTHS[term], limit ?? Number.POSITIVE_INFINITY);
};

/** `limit`: the end of the token that makes it. */
export const termText = (term: Term, limit: number | null, timezone: string): string => {
  switch (term) {
    case 'open':
      return limit === null ? 'Until it is revoked' : `With my own access, ${dayAndClockText(limit, timezone)}`;
    case '8h':
      return '8 hours';
    case '1d':
      return '1 day';
    case '3d':
      return '3 days';
    case '1w':
      return '1 week';
    case '30d':
      return '30 days';
  }
};

/** How much a token is used, as far as the relay knows. */
export const useText = (token: ListedToken, now: number): string => {
  if (token.connections > 0) return 'Connected';
  return token.lastUsedAt === null ? 'Not lately' : agoText(token.lastUsedAt, now);
};

/** `ends 14 Mar, 18:00:00`, `ended …`, or that it does not. */
export const endText = (expiresAt: number | null, now: number, timezone: string | undefined): string => {
  if (expiresAt === null) return 'until revoked';
  return `${expiresAt <= now ? 'ended' : 'ends'} ${dayAndClockText(expiresAt, timezone)}`;
};
