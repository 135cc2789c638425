import { listOf, nullable, number, objectOf, type Shaped, shapedAs, text } from '../platform/shape.ts';
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

/** `bib` is null for a chip that nobody has. */
const AnnouncerRow = objectOf({ bib: nullable(text), name: text, raceId: nullable(text), at: number });
export type AnnouncerRow = Shaped<typeof AnnouncerRow>;

const StartPage = pageOf(StartRow);
const AnnouncerPage = pageOf(AnnouncerRow);
const EventList = objectOf({ events: listOf(EventInfo) });
const RaceList = objectOf({ races: listOf(RaceInfo) });

export const decodeEvents = (body: unknown): readonly EventInfo[] | null => shapedAs(EventList, body)?.events ?? null;
export const decodeRaces = (body: unknown): readonly RaceInfo[] | null => shapedAs(RaceList, body)?.races ?? null;
export const decodeStartList = (body: unknown): Page<StartRow> | null => shapedAs(StartPage, body);
export const decodeAnnouncer = (body: unknown): Page<AnnouncerRow> | null => shapedAs(AnnouncerPage, body);
