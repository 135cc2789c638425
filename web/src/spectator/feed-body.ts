import { type Passed, type RankMove, type RankMoves, unpackedRow } from '@baton/schema/feed';
import {
  flag,
  listOf,
  MISFIT,
  nullable,
  number,
  objectOf,
  recordOf,
  type Shape,
  type Shaped,
  shapedAs,
  text,
} from '../platform/shape.ts';
import { EventInfo, EventStatus, OnCourseRow, RaceInfo, ResultRow, ROW_FIELDS } from './public-body.ts';

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

const PassedShape: Shape<Passed> = (value) => {
  if (value === null) return null;
  const pair = listOf(nullable(number))(value);
  return pair === MISFIT ? MISFIT : [pair[0] ?? null, pair[1] ?? null];
};

const PackedRow = objectOf({ ...ROW_FIELDS, passed: listOf(PassedShape) });

/** A row as a diff carries it: whole, or packed where its message would be too long. */
const FeedRow: Shape<ResultRow | Shaped<typeof PackedRow>> = (value) => {
  const packed = PackedRow(value);
  return packed === MISFIT ? ResultRow(value) : packed;
};

const DiffData = objectOf({
  version: nullable(number),
  asOf: nullable(number),
  raceId: nullable(text),
  results: nullable(listOf(FeedRow)),
  gone: nullable(listOf(text)),
  moved: nullable(RankMovesShape),
  total: nullable(number),
  oncourse: nullable(listOf(OnCourseRow)),
  offcourse: nullable(listOf(objectOf({ raceId: text, bib: text }))),
  oncourseTotal: nullable(number),
  status: nullable(EventStatus),
  venue: Venue,
});
type WireDiff = Shaped<typeof DiffData>;
export interface DiffData extends Omit<WireDiff, 'results'> {
  readonly results: readonly ResultRow[] | null;
}

export type FeedFrame =
  | { readonly type: 'full'; readonly data: FullData }
  | { readonly type: 'diff'; readonly data: WireDiff }
  | { readonly type: 'refresh' }
  /** A message of a later relay: passed over. It is no diff, so nothing is missed with it. */
  | { readonly type: 'unknown' }
  /** Not of this contract: something in between speaks, or a known message has another shape. */
  | { readonly type: 'unreadable' };

/** What there is to take in: frames of a later relay are passed over before. */
export type KnownFrame = Exclude<FeedFrame, { readonly type: 'unknown' }>;

const UNREADABLE: FeedFrame = { type: 'unreadable' };
const Tagged = objectOf({ type: text });

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
  switch (type) {
    case undefined:
      return UNREADABLE;
    case 'refresh':
      return { type };
    case 'full': {
      const data = shapedAs(FullData, dataOf(body));
      return data === null ? UNREADABLE : { type, data };
    }
    case 'diff': {
      const data = shapedAs(DiffData, dataOf(body));
      return data === null ? UNREADABLE : { type, data };
    }
    default:
      return { type: 'unknown' };
  }
};

/** What a page kept of a feed, read again. */
export const decodeFull = (body: unknown): FullData | null => shapedAs(FullData, body);

/** The diff with all its rows whole; `points` are those of its race. */
export const wholeDiff = (diff: WireDiff, points: RaceInfo['points']): DiffData => ({
  ...diff,
  results: diff.results?.map((row) => ('passed' in row ? unpackedRow(row, diff.raceId ?? '', points) : row)) ?? null,
});
