import { type Entry, type Mark, UNDER_WAY } from './entry.ts';
import { expectedAt } from './expected-times.ts';
import type { PageQuery, RowPage } from './fold-changes.ts';
import type { Judged } from './judged.ts';
import type { RankList } from './rank-list.ts';
import {
  isOnCourse,
  type OnCourseRow,
  onCourseRow,
  type Ranks,
  type ResultRow,
  rowOf,
  type Standing,
} from './result-rows.ts';
import { markValue, rankedMarks } from './standing-lists.ts';

const rankIn = (list: RankList<Entry> | undefined, rankBy: number | null): number | null =>
  rankBy === null || list === undefined ? null : 1 + list.countBelow(rankBy);

const leaderOf = ({ lists }: Judged): number | null => lists.rows.at(0)?.rankBy ?? null;

/** One row, its ranks asked for one by one. */
export const rowOfEntry = (judged: Judged, entry: Entry): ResultRow => {
  const { lists } = judged;
  const plan = judged.plan();
  const { rankBy, category } = entry;
  const { sex } = entry.participant;
  const atPoint = (mark: Mark): number | null => {
    const value = rankedMarks(entry).length === 0 ? null : markValue(plan, mark);
    return value === null ? null : 1 + (lists.marks[mark.point]?.countBelow(value) ?? 0);
  };
  return rowOf(plan, entry, {
    rank: rankIn(lists.rows, rankBy),
    categoryRank: category === null ? null : rankIn(lists.byCategory.get(category), rankBy),
    sexRank: sex === null ? null : rankIn(lists.bySex.get(sex), rankBy),
    leader: leaderOf(judged),
    atPoint,
  });
};

export const standingOf = (judged: Judged, entry: Entry): Standing => {
  const plan = judged.plan();
  return {
    participantId: entry.participant.participantId,
    row: rowOfEntry(judged, entry),
    onCourse: isOnCourse(entry)
      ? onCourseRow(plan, entry, expectedAt(plan, entry.last, judged.legs.from(entry.last.point)))
      : null,
  };
};

export const pageOf = (judged: Judged, { offset, limit, category, sex }: PageQuery): RowPage => {
  const list = judged.lists.group(category, sex);
  const rows: ResultRow[] = [];
  if (limit > 0) {
    for (const entry of list.from(offset)) {
      rows.push(rowOfEntry(judged, entry));
      if (rows.length >= limit) break;
    }
  }
  return { rows, total: list.size() };
};

/** Who is on the course, furthest first, as in `results()`: in its rows they stand behind those who are ranked. */
export function* courseOf(judged: Judged): Generator<OnCourseRow, void, undefined> {
  const plan = judged.plan();
  const { rows } = judged.lists;
  for (const entry of rows.from(rows.ranked())) {
    if (entry.section > UNDER_WAY) return;
    if (isOnCourse(entry))
      yield onCourseRow(plan, entry, expectedAt(plan, entry.last, judged.legs.from(entry.last.point)));
  }
}

/**
 * What is expected of who is on the course, by the ways' times of now: later it can still be told what was expected then of
 * somebody who has not got any further.
 */
export const estimatesNow = (judged: Judged): ((row: OnCourseRow) => number | null) => {
  const plan = judged.plan();
  const legs = new Map(
    plan.points.map(({ pointId }, point) => [pointId as string, { point, leg: judged.legs.from(point) }]),
  );
  return ({ lastPoint, elapsedMs }) => {
    const way = legs.get(lastPoint);
    return way === undefined ? null : expectedAt(plan, { point: way.point, elapsedMs }, way.leg);
  };
};

/** Gives ranks to values that come in order; equals share one. */
const createCounter = () => {
  let [count, rank, last] = [0, 0, Number.NaN];
  return (value: number): number => {
    count++;
    if (value !== last) rank = count;
    last = value;
    return rank;
  };
};

const createCounters = () => {
  const counters = new Map<string, ReturnType<typeof createCounter>>();
  return (group: string | null, value: number | null): number | null => {
    if (group === null || value === null) return null;
    const counter = counters.get(group) ?? createCounter();
    counters.set(group, counter);
    return counter(value);
  };
};

const ranksAtPoints = ({ lists }: Judged): readonly ReadonlyMap<object, number>[] =>
  lists.marks.map((list) => {
    const rankOf = createCounter();
    const ranks = new Map<object, number>();
    for (const { owner, value } of list.from(0)) if (owner.entry !== null) ranks.set(owner.entry, rankOf(value));
    return ranks;
  });

/** All rows in order, their ranks counted on the way. */
export const standingsOf = (judged: Judged): readonly Standing[] => {
  const plan = judged.plan();
  const atPoints = ranksAtPoints(judged);
  const [overall, inCategory, inSex] = [createCounters(), createCounters(), createCounters()];
  const leader = leaderOf(judged);
  const ranksOf = (entry: Entry): Ranks => ({
    rank: overall('', entry.rankBy),
    categoryRank: inCategory(entry.category, entry.rankBy),
    sexRank: inSex(entry.participant.sex, entry.rankBy),
    leader,
    atPoint: ({ point }) => atPoints[point]?.get(entry) ?? null,
  });
  return [...judged.lists.rows.from(0)].map((entry) => ({
    participantId: entry.participant.participantId,
    row: rowOf(plan, entry, ranksOf(entry)),
    onCourse: isOnCourse(entry)
      ? onCourseRow(plan, entry, expectedAt(plan, entry.last, judged.legs.from(entry.last.point)))
      : null,
  }));
};
