import type { EventBody, RaceBody, ResultRow } from '../protocol/http.ts';
import type { OnCourseRow } from '../results/result-rows.ts';
import type { PackedRow } from './packed-rows.ts';
import type { RankMoves } from './rank-moves.ts';

/**
 * What a spectator's socket (`/api/v1/events/<eventId>/ws`) carries, relay to client only. Types alone: a page that
 * imports them pays nothing.
 */
export type FeedMessage =
  | { readonly type: 'full'; readonly data: FullState }
  | { readonly type: 'diff'; readonly data: WireDiff }
  /** Drop what you hold and fetch it anew. */
  | { readonly type: 'refresh' };

/** An event as everybody may see it. */
export type PublicEvent = Pick<
  EventBody,
  'eventId' | 'title' | 'date' | 'timezone' | 'location' | 'status' | 'statusChangedAt'
>;

/** `rankBy`: which of the two times ranks go by. */
export type PublicRace = Omit<RaceBody, 'eventId'> & { readonly rankBy: 'gun' | 'chip' };

export interface PublicCategory {
  readonly categoryId: string;
  readonly name: string;
  readonly raceIds: readonly string[];
}

/** Where the feed stands: `version` rises by one with each diff of one `hub`; another hub knows nothing of it. */
export interface FeedCut {
  readonly hub: string;
  readonly version: number;
}

/** How a relay at the venue, which brings the event here, was heard last. */
export interface VenueFreshness {
  readonly connected: boolean;
  /** By this relay's clock, in ms; while connected: at that message, or later. */
  readonly heardAt: number;
}

/** The first message, and the one after a structure changed: one cut with the diffs behind it. */
export interface FullState extends FeedCut {
  readonly event: PublicEvent;
  readonly races: readonly PublicRace[];
  readonly categories: readonly PublicCategory[];
  /** The first rows of each race, in order; `totals` says how many there are. */
  readonly results: readonly ResultRow[];
  readonly oncourse: readonly OnCourseRow[];
  /** By race: all rows, and how many are on the course. */
  readonly totals: Readonly<Record<string, { readonly results: number; readonly oncourse: number }>>;
  /** When this was so, by the relay's clock. */
  readonly asOf: number;
  /** Absent where the race is timed at this relay itself. */
  readonly venue?: VenueFreshness;
}

/** What changed since the version before; rows as they are now, ranks included. */
export interface FeedDiff {
  /** Absent in a diff that is lost on nobody, such as the last one of an event. */
  readonly version?: number;
  readonly asOf?: number;
  /** Of the results. */
  readonly raceId?: string;
  /** Each bib's rows replace all rows held of that bib in the race. */
  readonly results?: readonly ResultRow[];
  /** Bibs that have no row any more. */
  readonly gone?: readonly string[];
  /** How the other rows of the race move; absent: they do not. */
  readonly moved?: RankMoves;
  /** All rows of the race from now on. */
  readonly total?: number;
  /** Each row replaces the one held of that bib in its race. */
  readonly oncourse?: readonly OnCourseRow[];
  /** Who is not on the course any more. */
  readonly offcourse?: readonly { readonly raceId: string; readonly bib: string }[];
  /** All who are on the course of the race from now on; absent: as many as before. */
  readonly oncourseTotal?: number;
  readonly status?: EventBody['status'];
  /** The relay at the venue came or went. */
  readonly venue?: VenueFreshness;
}

export type FeedRow = ResultRow | PackedRow;

/** A diff as it is sent. */
export interface WireDiff extends Omit<FeedDiff, 'results'> {
  readonly results?: readonly FeedRow[];
}
