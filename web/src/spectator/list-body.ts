import { listOf, nullable, objectOf, type Shaped, shapedAs, text } from '../platform/shape.ts';
import { EventInfo, type Page, pageOf, RaceInfo } from './public-body.ts';

/** As `public-body.ts`, for what a page asks for only where it has no feed, or in parts that are loaded later. */

const StartRow = objectOf({
  raceId: text,
  bib: text,
  name: text,
  club: nullable(text),
  category: nullable(text),
  sex: nullable(text),
});
export type StartRow = Shaped<typeof StartRow>;

const StartPage = pageOf(StartRow);
const EventList = objectOf({ events: listOf(EventInfo) });
const RaceList = objectOf({ races: listOf(RaceInfo) });

export const decodeEvents = (body: unknown): readonly EventInfo[] | null => shapedAs(EventList, body)?.events ?? null;
export const decodeRaces = (body: unknown): readonly RaceInfo[] | null => shapedAs(RaceList, body)?.races ?? null;
export const decodeStartList = (body: unknown): Page<StartRow> | null => shapedAs(StartPage, body);
