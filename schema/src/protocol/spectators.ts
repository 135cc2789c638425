import { z } from 'zod';
import { Bib, ResultStatus } from '../doc/bib.ts';
import { CategoryId, Label } from '../doc/race.ts';
import { EventId, RaceId } from '../ids.ts';
import { ClockJson } from '../reads/clock.ts';
import { Instant } from './instant.ts';

/** Bodies that spectators get besides results, and those that other timing systems send. Times in ms. */

export const OnCourseRow = z.object({
  raceId: RaceId,
  bib: z.string(),
  name: z.string(),
  lastPoint: z.string(),
  elapsedMs: z.number().nullable(),
  nextPoint: z.string().nullable(),
  expectedMs: z.number().nullable(),
});

export const CategoryRow = z.object({
  categoryId: z.string(),
  name: z.string(),
  raceIds: z.array(z.string()).readonly(),
});

export const AnnouncerRow = z.object({
  bib: z.string().nullable(),
  name: z.string(),
  raceId: RaceId.nullable(),
  at: z.int(),
});

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** How official results came to be, and what proves that they are still the same. */
export const OfficialBody = z.object({
  eventId: EventId,
  officialAt: z.int(),
  /** Version of the rules that made the rows. */
  resultsVersion: z.string(),
  /** SHA-256 over the hashes of all races, as text in the order of `races`. */
  hash: Sha256,
  /** How much of the log is in them. */
  cut: z.object({ epochs: z.int().min(0), reads: z.int().min(0) }),
  /** State vectors of the documents, in base64. */
  documents: z.object({ setup: z.string(), roster: z.string() }),
  races: z.array(z.object({ raceId: RaceId, name: z.string(), rows: z.int().min(0), hash: Sha256 })).readonly(),
});
export type OfficialBody = z.infer<typeof OfficialBody>;

/** One race's rows that would be another if the list were made again now; at most some hundred of each kind. */
export const OfficialChanges = z.object({
  raceId: RaceId,
  changed: z.int().min(0),
  added: z.int().min(0),
  gone: z.int().min(0),
  bibs: z.array(z.string()).readonly(),
});
export type OfficialChanges = z.infer<typeof OfficialChanges>;

/** With a token that may edit the event. */
export const OfficialReview = OfficialBody.extend({
  clock: ClockJson,
  /** Version of the rules that would make them now. */
  currentVersion: z.string(),
  wouldChange: z.array(OfficialChanges).readonly(),
});
export type OfficialReview = z.infer<typeof OfficialReview>;

/** What a form leaves empty is null. */
const orNull = <T extends z.ZodType>(schema: T) =>
  z.preprocess((it) => (it === '' ? null : it), schema.nullable().optional());

const Name = z.string().trim().max(200);

/** An empty list is a word too, "nothing new": senders repeat themselves. No list at all is a mistake. */
export const IngestStructure = z
  .strictObject({
    races: z
      .array(z.strictObject({ raceId: RaceId.optional(), name: Label }))
      .max(200)
      .optional(),
    categories: z
      .array(z.strictObject({ categoryId: CategoryId, name: Label }))
      .max(500)
      .optional(),
    participants: z
      .array(z.strictObject({ bib: Bib, raceId: RaceId, name: Name, club: orNull(Name), category: orNull(CategoryId) }))
      .max(20_000)
      .optional(),
  })
  .refine((it) => (it.races ?? it.categories ?? it.participants) !== undefined, {
    error: 'expected races, categories or participants',
  })
  .transform(({ races = [], categories = [], participants = [] }) => ({ races, categories, participants }));
export type IngestStructure = z.output<typeof IngestStructure>;

const MAX_MS = 1_000_000_000;

export const IngestResults = z.strictObject({
  results: z
    .array(
      z.strictObject({
        raceId: RaceId,
        bib: Bib,
        /** Since the gun. What is left out stays as it was told before; null takes it back. */
        timeMs: z.int().min(0).max(MAX_MS).nullable().optional(),
        status: orNull(ResultStatus),
      }),
    )
    .max(10_000),
});
export type IngestResults = z.output<typeof IngestResults>;

export const IngestOnCourse = z.strictObject({
  oncourse: z
    .array(
      z.strictObject({
        raceId: RaceId,
        bib: Bib,
        startedAt: Instant.nullable().optional(),
        lastPoint: orNull(z.string().max(128)),
      }),
    )
    .max(5_000),
});
export type IngestOnCourse = z.output<typeof IngestOnCourse>;

export const IngestedBody = z.object({ imported: z.int().min(0) });
