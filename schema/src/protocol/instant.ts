import { z } from 'zod';

/** The last millisecond of the year 9999: beyond it ISO 8601 has other years. */
const LAST_MS = 253_402_300_799_999;

/** An instant in a request: ms since the Unix epoch, or ISO 8601 with a zone. Taken as ms. */
export const Instant = z.union(
  [z.int().min(0).max(LAST_MS), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))],
  { error: 'expected ms since 1970-01-01T00:00:00Z, or ISO 8601 with a zone' },
);

/** A smaller number is no time of a race, but a slip. */
const FIRST_MS = Date.UTC(2000, 0);

/** The start of something, in ms, as ISO 8601. */
export const InstantMs = z
  .int()
  .min(FIRST_MS)
  .max(LAST_MS)
  .transform((ms) => new Date(ms).toISOString());
