import type { Timers } from '@baton/schema/ports';
import { CLOSE } from '@baton/schema/protocol';
import type { Grant } from '../auth/grant.ts';
import { type Bucket, fullBucket, type Rate, takeFrom } from './token-bucket.ts';

export interface TokenUseLimits {
  /** Connections to documents that one token may have open. */
  readonly connections: number;
  readonly joins: Rate;
}

export type Entry =
  | { readonly type: 'entered'; readonly leave: () => void }
  | { readonly type: 'refused'; readonly close: number; readonly reason: string };

/** How much one token uses the documents: a copy of it in many hands must not crowd out the others. */
export interface TokenUse {
  readonly enter: (grant: Grant) => Entry;
}

interface Use {
  open: number;
  joins: Bucket;
}

const CROWDED: Entry = {
  type: 'refused',
  close: CLOSE.rate,
  reason: 'this token has too many connections to documents: close some, or make another token',
};
/** Not for good: a thousand clients that come back after an outage are let in one after another. */
const TOO_FAST: Entry = {
  type: 'refused',
  close: CLOSE.tryLater,
  reason: 'this token opens documents too fast: come back in a moment',
};

export const createTokenUse = (limits: TokenUseLimits, timers: Pick<Timers, 'mono'>): TokenUse => {
  /** One entry a token at most, and tokens are the relay's own records. */
  const uses = new Map<string, Use>();

  const useOf = ({ tokenId }: Grant): Use => {
    const key = tokenId ?? '';
    const known = uses.get(key);
    if (known !== undefined) return known;
    const use: Use = { open: 0, joins: fullBucket(limits.joins, timers.mono()) };
    uses.set(key, use);
    return use;
  };

  const leaveOnce = (grant: Grant, use: Use): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      use.open--;
      use.joins = takeFrom(use.joins, limits.joins, 0, timers.mono());
      if (use.open === 0 && use.joins.balance >= limits.joins.burst) uses.delete(grant.tokenId ?? '');
    };
  };

  return {
    enter: (grant) => {
      const use = useOf(grant);
      if (use.open >= limits.connections) return CROWDED;
      const joins = takeFrom(use.joins, limits.joins, 1, timers.mono());
      if (joins.balance < 0) return TOO_FAST;
      use.joins = joins;
      use.open++;
      return { type: 'entered', leave: leaveOnce(grant, use) };
    },
  };
};
