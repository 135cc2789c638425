import type { Live } from '../platform/live.ts';
import { type Freshness, freshnessOf } from './freshness.ts';

/** Of something that is asked for again and again, each 10 s at the latest; `isFinal`: what came once stays as it is. */
export const freshnessOfPoll = (live: Live<unknown>, now: number, online: boolean, isFinal = false): Freshness => {
  if (isFinal && live.confirmedAt !== null) return { type: 'final', at: live.confirmedAt };
  const isAsked = live.problem === null && live.confirmedAt !== null;
  return freshnessOf(
    { type: live.problem !== null ? 'lost' : isAsked ? 'polling' : 'connecting' },
    live.confirmedAt,
    now,
    online,
  );
};
