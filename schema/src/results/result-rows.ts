import type { ResultStatus } from '../doc/bib.ts';
import type { ParticipantId } from '../doc/roster-doc.ts';
import type { PointId, RaceId } from '../ids.ts';
import { behindMs, type Entry, type Mark } from './entry.ts';
import type { RacePlan } from './race-plan.ts';

/** A participant's line in a race, as spectators get it. Times in ms; null: there is none. */
export interface ResultRow {
  readonly raceId: RaceId;
  readonly bib: string;
  readonly name: string;
  readonly club: string | null;
  /** Id of the category. */
  readonly category: string | null;
  readonly sex: 'F' | 'M' | 'X' | null;
  readonly status: ResultStatus | null;
  /** Ties share a rank: 1, 1, 3. Null: not finished, or DNS, DNF, DSQ. */
  readonly rank: number | null;
  readonly categoryRank: number | null;
  readonly sexRank: number | null;
  readonly gunMs: number | null;
  readonly chipMs: number | null;
  readonly behindMs: number | null;
  readonly splits: readonly ResultSplit[];
  /** Latest of what made this row: receipt of a counted read, or a correction; ms since the Unix epoch. */
  readonly updatedAt: number | null;
}

export interface ResultSplit {
  readonly pointId: PointId;
  readonly name: string;
  readonly elapsedMs: number | null;
  readonly rank: number | null;
}

/** Somebody between start and finish. */
export interface OnCourseRow {
  readonly raceId: RaceId;
  readonly bib: string;
  readonly name: string;
  /** Id of the point, or what another timing system calls it where the race has no such point; empty: at none yet. */
  readonly lastPoint: string;
  readonly elapsedMs: number | null;
  readonly nextPoint: string | null;
  /** Expected time at the next point, elapsed as `elapsedMs` is; null: nothing can be said. */
  readonly expectedMs: number | null;
}

export interface RaceResults {
  /** Ranked first, then those under way (furthest first), then DNF, DSQ, DNS. */
  readonly rows: readonly ResultRow[];
  readonly onCourse: readonly OnCourseRow[];
}

/** A participant's row with who it is: bibs may be given twice by mistake. */
export interface Standing {
  readonly participantId: ParticipantId;
  readonly row: ResultRow;
  /** Null: not between start and finish. */
  readonly onCourse: OnCourseRow | null;
}

/** What an entry's row says of the others. */
export interface Ranks {
  readonly rank: number | null;
  readonly categoryRank: number | null;
  readonly sexRank: number | null;
  /** What the first one is ranked by. */
  readonly leader: number | null;
  readonly atPoint: (mark: Mark) => number | null;
}

const splitOf = (plan: RacePlan, mark: Mark, { atPoint }: Ranks): readonly ResultSplit[] => {
  const point = plan.points[mark.point];
  if (point === undefined) return [];
  return [{ pointId: point.pointId, name: point.name, elapsedMs: mark.elapsedMs, rank: atPoint(mark) }];
};

export const rowOf = (plan: RacePlan, entry: Entry, ranks: Ranks): ResultRow => ({
  raceId: plan.raceId,
  bib: entry.participant.bib,
  name: entry.name,
  club: entry.participant.club,
  category: entry.category,
  sex: entry.participant.sex,
  status: entry.status,
  rank: ranks.rank,
  categoryRank: ranks.categoryRank,
  sexRank: ranks.sexRank,
  gunMs: entry.gunMs,
  chipMs: entry.chipMs,
  behindMs: behindMs(entry.rankBy, ranks.leader),
  splits: entry.splits.flatMap((mark) => splitOf(plan, mark, ranks)),
  updatedAt: entry.updatedAt,
});

/** Index of the point that comes next on the course; null: none. */
export const nextPoint = ({ points }: Pick<RacePlan, 'points'>, point: number): number | null => {
  const next = points.findIndex(({ kind }, index) => index > point && kind !== 'start');
  return next === -1 ? null : next;
};

export const isOnCourse = (entry: Entry): entry is Entry & { readonly last: Mark } =>
  !entry.finished && entry.status === null && entry.last !== null;

export const onCourseRow = (
  plan: RacePlan,
  entry: Entry & { readonly last: Mark },
  expectedMs: number | null,
): OnCourseRow => {
  const next = nextPoint(plan, entry.last.point);
  return {
    raceId: plan.raceId,
    bib: entry.participant.bib,
    name: entry.name,
    lastPoint: plan.points[entry.last.point]?.pointId ?? entry.toldPoint ?? '',
    elapsedMs: entry.last.elapsedMs,
    nextPoint: next === null ? null : (plan.points[next]?.pointId ?? null),
    expectedMs,
  };
};

/** What spectators get of them. */
export const resultsOf = (standings: readonly Standing[]): RaceResults => ({
  rows: standings.map(({ row }) => row),
  onCourse: standings.flatMap(({ onCourse }) => (onCourse === null ? [] : [onCourse])),
});
