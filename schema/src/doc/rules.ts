import { z } from 'zod';

const HOUR_MS = 3_600_000;

/** The longest that each duration may be. */
export const RULE_MAX_MS = { dedupWindowMs: HOUR_MS, minLapMs: 24 * HOUR_MS, startWindowMs: 24 * HOUR_MS } as const;

const CENTURY_MS = 36_525 * 24 * HOUR_MS;

/** What a reader's clock was slow, in ms: a reader that lost its time begins in 1970 or 2000. */
export const ClockOffset = z.int().min(-CENTURY_MS).max(CENTURY_MS);

/** How reads become results. Each rule is an entry of its own, so that two operators can set two of them at once. */
export const RULE_SCHEMAS = {
  /** Reads of a chip at one timing point within this time of the crossing's first read are that crossing. */
  dedupWindowMs: z.int().min(0).max(RULE_MAX_MS.dedupWindowMs),
  /** A finish sooner than this after the start does not count: start and finish often share a mat. */
  minLapMs: z.int().min(0).max(RULE_MAX_MS.minLapMs),
  /** Reads at the start within this time of the first one are one start; the last of them gives its time. */
  startWindowMs: z.int().min(0).max(RULE_MAX_MS.startWindowMs),
  /** What ranks are by. A result without the wanted time ranks by the other one. */
  rankBy: z.enum(['gun', 'chip']),
} as const;

export interface Rules {
  readonly dedupWindowMs: number;
  readonly minLapMs: number;
  readonly startWindowMs: number;
  readonly rankBy: 'gun' | 'chip';
}

export const DEFAULT_RULES: Rules = {
  dedupWindowMs: 5000,
  minLapMs: 0,
  startWindowMs: 600_000,
  rankBy: 'gun',
};

/** Some rules to change, the others stay. */
export const RulesPatch = z.object(RULE_SCHEMAS).partial();
export type RulesPatch = z.infer<typeof RulesPatch>;
