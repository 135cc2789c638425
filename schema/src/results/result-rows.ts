import type { ParticipantId, ResultStatus } from '../doc/roster-doc.ts';
import type { PointId, RaceId } from '../ids.ts';
import { behindMs, type Entry, type EntrySplit, hasResult } from './entry.ts';
import type { RacePlan } from './race-plan.ts';
import { compareBibs, sharedRanks } from './ranking.ts';

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
  /** Ids of the points. */
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

const compareEntrants = (a: Entry, b: Entry): number =>
  compareBibs(a.participant.bib, b.participant.bib) ||
  (a.participant.participantId < b.participant.participantId ? -1 : 1);

const valueOfRank = (entry: Entry): number => entry.rankBy ?? Number.POSITIVE_INFINITY;

/** Ranks within each group; `groupOf` null: in none. `ranked` is ordered. */
const ranksBy = (ranked: readonly Entry[], groupOf: (entry: Entry) => string | null): ReadonlyMap<Entry, number> => {
  const groups = new Map<string, Entry[]>();
  for (const entry of ranked) {
    const group = groupOf(entry);
    if (group === null) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [entry]);
    else members.push(entry);
  }
  return new Map([...groups.values()].flatMap((members) => [...sharedRanks(members, valueOfRank)]));
};

const splitValue = (split: EntrySplit): number => split.elapsedMs ?? split.wall;

/** Ranks at each split point among all who have a time there and were not taken out. */
const splitRanks = (plan: RacePlan, entries: readonly Entry[]): ReadonlyMap<EntrySplit, number> => {
  const byPoint = new Map<number, EntrySplit[]>(plan.points.map((_, index) => [index, []]));
  for (const entry of entries) {
    if (entry.status === 'DSQ' || entry.status === 'DNS') continue;
    for (const split of entry.splits) {
      // by elapsed time where there is any: who has none cannot be compared with those who have
      if (split.elapsedMs !== null || !plan.timed) byPoint.get(split.point)?.push(split);
    }
  }
  return new Map(
    [...byPoint.values()].flatMap((splits) => [
      ...sharedRanks(
        splits.sort((a, b) => splitValue(a) - splitValue(b)),
        splitValue,
      ),
    ]),
  );
};

const STATUS_ORDER: Readonly<Record<ResultStatus, number>> = { DNF: 2, DSQ: 3, DNS: 4 };

const section = (entry: Entry): number => {
  if (entry.status !== null) return STATUS_ORDER[entry.status];
  return entry.rankBy === null ? 1 : 0;
};

/** Who is further on the course first, then who was there earlier. */
const compareProgress = (a: Entry, b: Entry): number => {
  if (a.finished !== b.finished) return a.finished ? -1 : 1;
  const further = (b.last?.point ?? -1) - (a.last?.point ?? -1);
  return further || (a.last?.wall ?? 0) - (b.last?.wall ?? 0);
};

const compareRows = (a: Entry, b: Entry): number => {
  const part = section(a);
  if (part !== section(b)) return part - section(b);
  const order = part === 0 ? valueOfRank(a) - valueOfRank(b) : part === 1 ? compareProgress(a, b) : 0;
  return order || compareEntrants(a, b);
};

const nextPointOf = (plan: RacePlan, last: EntrySplit): string | null =>
  plan.points.slice(last.point + 1).find((point) => point.kind !== 'start')?.pointId ?? null;

const onCourseRow = (plan: RacePlan, entry: Entry, last: EntrySplit): OnCourseRow => ({
  raceId: plan.raceId,
  bib: entry.participant.bib,
  name: entry.name,
  lastPoint: plan.points[last.point]?.pointId ?? '',
  elapsedMs: last.elapsedMs,
  nextPoint: nextPointOf(plan, last),
  expectedMs: null,
});

const isOnCourse = (entry: Entry): boolean => !entry.finished && entry.status === null;

/** Rows with ranks out of all entries, given in any order; in the order of `RaceResults`. */
export const standingsOf = (plan: RacePlan, all: Iterable<Entry>): readonly Standing[] => {
  const entries = [...all].filter(hasResult).sort(compareRows);
  const ranked = entries.filter((entry) => entry.rankBy !== null);
  const leader = ranked[0]?.rankBy ?? null;
  const ranks = sharedRanks(ranked, valueOfRank);
  const categoryRanks = ranksBy(ranked, (entry) => entry.category);
  const sexRanks = ranksBy(ranked, (entry) => entry.participant.sex);
  const atSplit = splitRanks(plan, entries);
  const rowOf = (entry: Entry): ResultRow => ({
    raceId: plan.raceId,
    bib: entry.participant.bib,
    name: entry.name,
    club: entry.participant.club,
    category: entry.category,
    sex: entry.participant.sex,
    status: entry.status,
    rank: ranks.get(entry) ?? null,
    categoryRank: categoryRanks.get(entry) ?? null,
    sexRank: sexRanks.get(entry) ?? null,
    gunMs: entry.gunMs,
    chipMs: entry.chipMs,
    behindMs: behindMs(entry.rankBy, leader),
    splits: entry.splits.flatMap((split) => {
      const point = plan.points[split.point];
      if (point === undefined) return [];
      const { pointId, name } = point;
      return [{ pointId, name, elapsedMs: split.elapsedMs, rank: atSplit.get(split) ?? null }];
    }),
    updatedAt: entry.updatedAt,
  });
  return entries.map((entry) => ({
    participantId: entry.participant.participantId,
    row: rowOf(entry),
    onCourse: entry.last !== null && isOnCourse(entry) ? onCourseRow(plan, entry, entry.last) : null,
  }));
};

/** What spectators get of them. */
export const resultsOf = (standings: readonly Standing[]): RaceResults => ({
  rows: standings.map(({ row }) => row),
  onCourse: standings.flatMap(({ onCourse }) => (onCourse === null ? [] : [onCourse])),
});
