import type { ResultStatus } from '../doc/bib.ts';

/** What another timing system said of one bib, merged from all its messages. */
export interface ExternalResult {
  /** Since the gun. Null: it told none, and what reads give stands. */
  readonly timeMs: number | null;
  readonly status: ResultStatus | null;
  /** When it was told, ms since the Unix epoch. */
  readonly at: number;
}

/** Somebody whom another timing system sees between start and finish. */
export interface ExternalRider {
  /** Ms since the Unix epoch; null: unknown. */
  readonly startedAt: number | null;
  /** Id or name of the last point, or what the other system calls it where the race has none such; null: not yet at one. */
  readonly lastPoint: string | null;
  /** When it was told, ms since the Unix epoch. */
  readonly at: number;
}

/**
 * What other timing systems said of one race, by bib. Their times and statuses stand over what reads give, and an
 * operator's correction over both. A bib that the roster lacks is a row without a name until its structure comes.
 */
export interface ExternalResults {
  readonly byBib: ReadonlyMap<string, ExternalResult>;
  /** Who leaves the course is taken out by whoever keeps this. */
  readonly onCourse: ReadonlyMap<string, ExternalRider>;
}

export const NO_EXTERNAL: ExternalResults = { byBib: new Map(), onCourse: new Map() };
