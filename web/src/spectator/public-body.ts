import { listOf, nullable, number, objectOf, oneOf, type Shaped, shapedAs, text } from '../platform/shape.ts';

/**
 * What the relay tells everybody, as far as this page shows it; the shapes are parts of those in
 * `@baton/schema/http` (a test keeps them so). Checked once, here.
 */

const EventStatus = oneOf('draft', 'startlist', 'running', 'finished', 'official');
export type EventStatus = Shaped<typeof EventStatus>;

const EventInfo = objectOf({
  eventId: text,
  title: text,
  /** `YYYY-MM-DD`. */
  date: text,
  timezone: text,
  location: nullable(text),
  status: EventStatus,
});
export type EventInfo = Shaped<typeof EventInfo>;

const PointInfo = objectOf({ pointId: text, name: text, kind: oneOf('start', 'split', 'finish') });

const CategoryInfo = objectOf({ categoryId: text, name: text });

const RaceInfo = objectOf({
  raceId: text,
  name: text,
  startAt: nullable(text),
  points: listOf(PointInfo),
  categories: listOf(CategoryInfo),
});
export type RaceInfo = Shaped<typeof RaceInfo>;

const Ms = nullable(number);
const Rank = nullable(number);

const ResultRow = objectOf({
  bib: text,
  name: text,
  club: nullable(text),
  category: nullable(text),
  sex: nullable(text),
  status: nullable(oneOf('DNS', 'DNF', 'DSQ')),
  rank: Rank,
  categoryRank: Rank,
  sexRank: Rank,
  gunMs: Ms,
  chipMs: Ms,
  behindMs: Ms,
  splits: listOf(objectOf({ pointId: text, name: text, elapsedMs: Ms, rank: Rank })),
});
export type ResultRow = Shaped<typeof ResultRow>;

/** Rows of one race, best first; `total` counts those that match, shown or not. */
const ResultsPage = objectOf({ data: listOf(ResultRow), total: number });
export type ResultsPage = Shaped<typeof ResultsPage>;

const EventList = objectOf({ events: listOf(EventInfo) });
const RaceList = objectOf({ races: listOf(RaceInfo) });

export const decodeEvent = (body: unknown): EventInfo | null => shapedAs(EventInfo, body);
export const decodeEvents = (body: unknown): readonly EventInfo[] | null => shapedAs(EventList, body)?.events ?? null;
export const decodeRaces = (body: unknown): readonly RaceInfo[] | null => shapedAs(RaceList, body)?.races ?? null;
export const decodeResults = (body: unknown): ResultsPage | null => shapedAs(ResultsPage, body);
