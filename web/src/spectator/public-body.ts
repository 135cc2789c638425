import {
  listOf,
  nullable,
  number,
  objectOf,
  oneOf,
  type Shape,
  type Shaped,
  shapedAs,
  text,
} from '../platform/shape.ts';

/**
 * What the relay tells everybody, as far as this page shows it; the shapes are parts of those in
 * `@baton/schema/http` (a test keeps them so). Checked once, here.
 */

export const EventStatus = oneOf('draft', 'startlist', 'running', 'finished', 'official');
export type EventStatus = Shaped<typeof EventStatus>;

export const EventInfo = objectOf({
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

export const RaceInfo = objectOf({
  raceId: text,
  name: text,
  startAt: nullable(text),
  points: listOf(PointInfo),
  categories: listOf(CategoryInfo),
});
export type RaceInfo = Shaped<typeof RaceInfo>;

const Ms = nullable(number);
const Rank = nullable(number);

/** Of a row, without its race and its splits. */
export const ROW_FIELDS = {
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
  updatedAt: Ms,
};

export const ResultRow = objectOf({
  ...ROW_FIELDS,
  raceId: text,
  splits: listOf(objectOf({ pointId: text, name: text, elapsedMs: Ms, rank: Rank })),
});
export type ResultRow = Shaped<typeof ResultRow>;

export const OnCourseRow = objectOf({
  raceId: text,
  bib: text,
  name: text,
  lastPoint: text,
  elapsedMs: Ms,
  nextPoint: nullable(text),
  expectedMs: Ms,
});
export type OnCourseRow = Shaped<typeof OnCourseRow>;

/** A list's answer; `hub` and `version` say at which cut of the feed its rows were taken. */
export interface Page<Row> {
  readonly data: readonly Row[];
  /** All rows that match, in the answer or not. */
  readonly total: number;
  /** By the relay's clock. */
  readonly asOf: number | null;
  readonly hub: string | null;
  readonly version: number | null;
}
export type ResultsPage = Page<ResultRow>;

export const pageOf = <Row>(row: Shape<Row>): Shape<Page<Row>> =>
  objectOf({ data: listOf(row), total: number, asOf: Ms, hub: nullable(text), version: Ms });

const ResultsPage = pageOf(ResultRow);
const OnCoursePage = pageOf(OnCourseRow);

export const decodeEvent = (body: unknown): EventInfo | null => shapedAs(EventInfo, body);
export const decodeResults = (body: unknown): ResultsPage | null => shapedAs(ResultsPage, body);
export const decodeOnCourse = (body: unknown): Page<OnCourseRow> | null => shapedAs(OnCoursePage, body);
