import { type DiffData, type FullData, type KnownFrame, type Venue, wholeDiff } from './feed-body.ts';
import type { EventInfo, OnCourseRow, RaceInfo, ResultsPage } from './public-body.ts';
import { afterDiff, everybody, type RowFilter, type RowWindow, windowOf } from './row-window.ts';

/** What a page holds of an event: one cut, and the diffs behind it. */
export interface FeedState {
  readonly hub: string;
  readonly version: number;
  readonly event: EventInfo;
  readonly races: readonly RaceInfo[];
  /** By key: the heads of all races (`headKey`), and lists that were asked for besides. */
  readonly windows: ReadonlyMap<string, RowWindow>;
  readonly onCourse: readonly OnCourseRow[];
  /** By race: how many are on the course. */
  readonly onCourseTotals: ReadonlyMap<string, number>;
  /** When this was so, by the relay's clock. */
  readonly asOf: number;
  readonly venue: Venue;
  /** The newest diffs, for lists that were taken at an older cut. */
  readonly recent: readonly DiffData[];
}

/** What a frame of the feed comes to. */
export type FeedStep =
  | { readonly type: 'held'; readonly state: FeedState }
  /** A diff is missing: what is held must not be shown as if it were now. */
  | { readonly type: 'gap'; readonly expected: number; readonly version: number }
  /** The relay says that what is held cannot be trusted. */
  | { readonly type: 'refresh' }
  /** A diff before any full state, or something that this page does not understand. */
  | { readonly type: 'unreadable' };

/** Diffs kept for late answers: some 20 s of the busiest race. */
export const MAX_RECENT = 128;
/** On-course rows held; the feed itself sends no more at first. */
export const MAX_ON_COURSE = 400;

const HEAD = 'head ';
export const headKey = (raceId: string): string => `${HEAD}${raceId}`;

const heldFrom = (data: FullData): FeedState => {
  const { hub, version, event, races, oncourse, totals, asOf, venue } = data;
  const head = ({ raceId }: RaceInfo): readonly [string, RowWindow] => {
    const rows = data.results.filter((row) => row.raceId === raceId);
    const total = totals[raceId]?.results ?? rows.length;
    const page = { data: rows, total, asOf, hub, version };
    // a head is as long as the relay made it; one that held everybody grows up to what a page shows
    const limit = rows.length === total ? Math.max(rows.length, HEAD_ROWS) : rows.length;
    return [headKey(raceId), windowOf(everybody(raceId), limit, page, version)];
  };
  return {
    hub,
    version,
    event,
    races,
    windows: new Map(races.map(head)),
    onCourse: oncourse.slice(0, MAX_ON_COURSE),
    onCourseTotals: new Map(races.map(({ raceId }) => [raceId, totals[raceId]?.oncourse ?? 0])),
    asOf,
    venue,
    recent: [],
  };
};

/** Rows of a race that the feed brings by itself. */
export const HEAD_ROWS = 50;

const isSame =
  (a: { readonly raceId: string; readonly bib: string }) => (b: { readonly raceId: string; readonly bib: string }) =>
    a.raceId === b.raceId && a.bib === b.bib;

const afterOnCourse = (held: readonly OnCourseRow[], diff: DiffData): readonly OnCourseRow[] => {
  const coming = diff.oncourse ?? [];
  const leaving = [...(diff.offcourse ?? []), ...coming];
  if (leaving.length === 0) return held;
  const staying = held.filter((row) => !leaving.some(isSame(row)));
  return [...coming, ...staying].slice(0, MAX_ON_COURSE);
};

const raceOf = (state: FeedState, raceId: string): RaceInfo | undefined =>
  state.races.find((it) => it.raceId === raceId);

const afterDiffs = (window: RowWindow, diffs: readonly DiffData[], state: FeedState): RowWindow =>
  diffs.reduce((it, diff) => afterDiff(it, diff, raceOf(state, window.filter.raceId)), window);

const diffed = (state: FeedState, diff: DiffData): FeedState => ({
  ...state,
  version: diff.version ?? state.version,
  event: diff.status === null ? state.event : { ...state.event, status: diff.status },
  windows: new Map([...state.windows].map(([key, window]) => [key, afterDiffs(window, [diff], state)])),
  onCourse: afterOnCourse(state.onCourse, diff),
  onCourseTotals:
    diff.raceId === null || diff.oncourseTotal === null
      ? state.onCourseTotals
      : new Map(state.onCourseTotals).set(diff.raceId, diff.oncourseTotal),
  asOf: diff.asOf ?? state.asOf,
  venue: diff.venue ?? state.venue,
  recent: diff.version === null ? state.recent : [...state.recent, diff].slice(-MAX_RECENT),
});

/** Takes in one frame. */
export const takeFrame = (state: FeedState | null, frame: KnownFrame): FeedStep => {
  if (frame.type === 'refresh' || frame.type === 'unreadable') return frame;
  if (frame.type === 'full') return { type: 'held', state: heldFrom(frame.data) };
  if (state === null) return { type: 'unreadable' };
  const { version } = frame.data;
  if (version !== null && version <= state.version) return { type: 'held', state };
  if (version !== null && version !== state.version + 1) {
    return { type: 'gap', expected: state.version + 1, version };
  }
  const points = raceOf(state, frame.data.raceId ?? '')?.points ?? [];
  return { type: 'held', state: diffed(state, wholeDiff(frame.data, points)) };
};

/** What a list that was asked for comes to, beside the feed. */
export type JoinStep =
  | { readonly type: 'joined'; readonly state: FeedState }
  /** Taken at a cut so old that the diffs behind it are not known any more: ask again. */
  | { readonly type: 'late' }
  /** Of another life of the relay, whose cuts cannot be compared with these. */
  | { readonly type: 'other-hub' };

/** Puts a list's first rows beside what is held, at the cut that is held: the diffs it missed are taken in, those it has are left out. */
export const joinPage = (
  state: FeedState,
  key: string,
  list: { readonly filter: RowFilter; readonly limit: number; readonly page: ResultsPage },
): JoinStep => {
  const { page } = list;
  if (page.hub !== state.hub || page.version === null) return { type: 'other-hub' };
  const missed = state.recent.filter((it) => (it.version ?? 0) > (page.version ?? 0));
  if (page.version + missed.length < state.version) return { type: 'late' };
  const window = afterDiffs(windowOf(list.filter, list.limit, page, page.version), missed, state);
  return { type: 'joined', state: { ...state, windows: new Map(state.windows).set(key, window) } };
};

/** Lists that were asked for, alone: nobody keeps the heads of races without a feed. */
export const withoutHeads = (windows: FeedState['windows']): FeedState['windows'] =>
  new Map([...windows].filter(([key]) => !key.startsWith(HEAD)));

/** Without a list that nobody looks at any more. */
export const withoutWindow = (state: FeedState, key: string): FeedState => {
  const windows = new Map(state.windows);
  windows.delete(key);
  return { ...state, windows };
};
