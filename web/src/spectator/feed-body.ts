import type { RankMove, RankMoves } from '@baton/schema/feed';
import {
  flag,
  listOf,
  MISFIT,
  nullable,
  number,
  objectOf,
  oneOf,
  recordOf,
  type Shape,
  type Shaped,
  shapedAs,
  text,
} from '../platform/shape.ts';
import { EventInfo, EventStatus, OnCourseRow, RaceInfo, ResultRow } from './public-body.ts';

/** What the feed's frames are (`FeedMessage` of `@baton/schema/feed`), as far as this page uses them. Checked once, here. */

const Move: Shape<RankMove> = (value) => {
  const pair = listOf(number)(value);
  const [from, by] = pair === MISFIT ? [] : pair;
  return from === undefined || by === undefined ? MISFIT : [from, by];
};

const Moves = listOf(Move);
const MovesByKey = recordOf(Moves);

const RankMovesShape: Shape<RankMoves> = objectOf({
  rank: Moves,
  category: MovesByKey,
  sex: MovesByKey,
  splits: MovesByKey,
  behindMs: number,
});

/** The relay at the venue, as this one heard it last; null: the race is timed here. */
const Venue = nullable(objectOf({ connected: flag, heardAt: number }));
export type Venue = Shaped<typeof Venue>;

const FullData = objectOf({
  hub: text,
  version: number,
  event: EventInfo,
  races: listOf(RaceInfo),
  results: listOf(ResultRow),
  oncourse: listOf(OnCourseRow),
  totals: recordOf(objectOf({ results: number, oncourse: number })),
  asOf: number,
  venue: Venue,
});
export type FullData = Shaped<typeof FullData>;

const DiffData = objectOf({
  version: nullable(number),
  asOf: nullable(number),
  raceId: nullable(text),
  results: nullable(listOf(ResultRow)),
  gone: nullable(listOf(text)),
  moved: nullable(RankMovesShape),
  total: nullable(number),
  oncourse: nullable(listOf(OnCourseRow)),
  offcourse: nullable(listOf(objectOf({ raceId: text, bib: text }))),
  status: nullable(EventStatus),
  venue: Venue,
});
export type DiffData = Shaped<typeof DiffData>;

export type FeedFrame =
  | { readonly type: 'full'; readonly data: FullData }
  | { readonly type: 'diff'; readonly data: DiffData }
  | { readonly type: 'refresh' }
  /** Not of this contract: the relay is of another version, or something in between speaks. */
  | { readonly type: 'unreadable' };

const UNREADABLE: FeedFrame = { type: 'unreadable' };
const Tagged = objectOf({ type: oneOf('full', 'diff', 'refresh') });

const parsed = (frame: string): unknown => {
  try {
    return JSON.parse(frame);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const dataOf = (body: unknown): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, 'data') : null;

export const decodeFrame = (frame: string): FeedFrame => {
  const body = parsed(frame);
  const type = shapedAs(Tagged, body)?.type;
  if (type === 'refresh') return { type };
  if (type === 'full') {
    const data = shapedAs(FullData, dataOf(body));
    return data === null ? UNREADABLE : { type, data };
  }
  const data = type === undefined ? null : shapedAs(DiffData, dataOf(body));
  return data === null ? UNREADABLE : { type: 'diff', data };
};

/** What a page kept of a feed, read again. */
export const decodeFull = (body: unknown): FullData | null => shapedAs(FullData, body);
