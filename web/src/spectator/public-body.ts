import * as z from 'zod/mini';

/**
 * What the relay tells everybody, as far as this page shows it. Validated once, here; a row that
 * does not fit refuses the body, because half a result list is a wrong one.
 */

export const EventStatus = z.enum(['draft', 'startlist', 'running', 'finished', 'official']);
export type EventStatus = z.infer<typeof EventStatus>;

export const EventInfo = z.object({
  eventId: z.string(),
  title: z.string(),
  /** `YYYY-MM-DD`. */
  date: z.string(),
  timezone: z.string(),
  location: z.nullish(z.string()),
  status: EventStatus,
});
export type EventInfo = z.infer<typeof EventInfo>;

const PointInfo = z.object({ pointId: z.string(), name: z.string(), kind: z.enum(['start', 'split', 'finish']) });
export type PointInfo = z.infer<typeof PointInfo>;

export const RaceInfo = z.object({
  raceId: z.string(),
  name: z.string(),
  startAt: z.nullish(z.string()),
  points: z.array(PointInfo),
});
export type RaceInfo = z.infer<typeof RaceInfo>;

const Ms = z.nullable(z.number());
const Rank = z.nullable(z.number());
const Text = z.nullable(z.string());

export const ResultRow = z.object({
  bib: z.string(),
  name: z.string(),
  club: Text,
  category: Text,
  sex: Text,
  status: z.nullable(z.enum(['DNS', 'DNF', 'DSQ'])),
  rank: Rank,
  categoryRank: Rank,
  sexRank: Rank,
  gunMs: Ms,
  chipMs: Ms,
  behindMs: Ms,
  splits: z.array(z.object({ pointId: z.string(), name: z.string(), elapsedMs: Ms, rank: Rank })),
});
export type ResultRow = z.infer<typeof ResultRow>;

/** Rows of one race, best first; `total` counts those that match, shown or not. */
export const ResultsPage = z.object({ data: z.array(ResultRow), total: z.number() });
export type ResultsPage = z.infer<typeof ResultsPage>;

const EventList = z.object({ events: z.array(EventInfo) });
const RaceList = z.object({ races: z.array(RaceInfo) });

const decoder =
  <S extends z.ZodMiniType>(schema: S) =>
  (body: unknown): z.infer<S> | null => {
    const parsed = z.safeParse(schema, body);
    return parsed.success ? parsed.data : null;
  };

export const decodeEvent = decoder(EventInfo);
export const decodeResults = decoder(ResultsPage);
export const decodeEvents = (body: unknown): readonly EventInfo[] | null => decoder(EventList)(body)?.events ?? null;
export const decodeRaces = (body: unknown): readonly RaceInfo[] | null => decoder(RaceList)(body)?.races ?? null;
