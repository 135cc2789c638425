import type { RankMove } from '@baton/schema/feed';
import type { DiffData } from '../../src/spectator/feed-body.ts';
import type { RaceInfo, ResultRow } from '../../src/spectator/public-body.ts';

/** A race as a plain list, ranked from nothing each time: what a page must show after any diffs. */
export interface Entrant {
  readonly bib: string;
  readonly category: 'A' | 'B';
  readonly sex: 'F' | 'M';
  readonly status: 'DNS' | 'DNF' | 'DSQ' | null;
  readonly finishMs: number | null;
  readonly splitMs: number | null;
  readonly startedAt: number;
}

export const RACE: RaceInfo = {
  raceId: 'r',
  name: '10 km',
  startAt: null,
  points: [
    { pointId: 'start', name: 'Start', kind: 'start' },
    { pointId: 'half', name: 'Half', kind: 'split' },
    { pointId: 'finish', name: 'Finish', kind: 'finish' },
  ],
  categories: [],
};

const value = (it: Entrant): number | null => (it.status === null ? it.finishMs : null);
const splitValue = (it: Entrant): number | null => (it.status === 'DSQ' || it.status === 'DNS' ? null : it.splitMs);

type ValueOf = (it: Entrant) => number | null;

const valuesOf = (entrants: readonly Entrant[], of: ValueOf): readonly number[] =>
  entrants.flatMap((it) => of(it) ?? []);

/** 1 and as many as were faster. */
const rankOf = (it: Entrant, among: readonly Entrant[], of: ValueOf): number | null => {
  const own = of(it);
  return own === null ? null : 1 + valuesOf(among, of).filter((other) => other < own).length;
};

const rowOf = (it: Entrant, all: readonly Entrant[]): ResultRow => {
  const leader = Math.min(...valuesOf(all, value));
  const own = value(it);
  return {
    raceId: RACE.raceId,
    bib: it.bib,
    name: `Runner ${it.bib}`,
    club: null,
    category: it.category,
    sex: it.sex,
    status: it.status,
    rank: rankOf(it, all, value),
    categoryRank: rankOf(
      it,
      all.filter((other) => other.category === it.category),
      value,
    ),
    sexRank: rankOf(
      it,
      all.filter((other) => other.sex === it.sex),
      value,
    ),
    gunMs: it.finishMs,
    chipMs: null,
    behindMs: own === null ? null : own - leader,
    splits:
      it.splitMs === null
        ? []
        : [{ pointId: 'half', name: 'Half', elapsedMs: it.splitMs, rank: rankOf(it, all, splitValue) }],
    updatedAt: it.startedAt,
  };
};

const part = (row: ResultRow): number =>
  row.status === 'DNS' ? 4 : row.status === 'DSQ' ? 3 : row.status === 'DNF' ? 2 : row.rank === null ? 1 : 0;

const within = (a: ResultRow, b: ResultRow): number => {
  switch (part(a)) {
    case 0:
      return (a.rank ?? 0) - (b.rank ?? 0);
    case 1: {
      const [splitA, splitB] = [a.splits[0]?.elapsedMs ?? null, b.splits[0]?.elapsedMs ?? null];
      if (splitA !== null && splitB !== null) return splitA - splitB;
      if (splitA !== null || splitB !== null) return splitA === null ? 1 : -1;
      return (a.updatedAt ?? 0) - (b.updatedAt ?? 0);
    }
    default:
      return 0;
  }
};

export const rowsOf = (all: readonly Entrant[]): readonly ResultRow[] =>
  all.map((it) => rowOf(it, all)).sort((a, b) => part(a) - part(b) || within(a, b) || Number(a.bib) - Number(b.bib));

/** How ranks of the untouched move, as the contract says: what was taken out, what was put in, by ranks before. */
const movesOf = (before: readonly Entrant[], after: readonly Entrant[], of: ValueOf): readonly RankMove[] => {
  const old = valuesOf(before, of);
  const place = (own: number): number => 1 + old.filter((other) => other <= own).length;
  const touched = (list: readonly Entrant[], others: readonly Entrant[]): readonly number[] =>
    list.filter((it) => of(it) !== null && !others.includes(it)).map((it) => place(of(it) ?? 0));
  const moves = [
    ...touched(before, after).map((from): RankMove => [from, -1]),
    ...touched(after, before).map((from): RankMove => [from, 1]),
  ];
  return moves.filter(([from]) => from <= old.length);
};

const byKey = (before: readonly Entrant[], after: readonly Entrant[], keyOf: (it: Entrant) => string) =>
  Object.fromEntries(
    [...new Set([...before, ...after].map(keyOf))].map((key) => {
      const own = (list: readonly Entrant[]): readonly Entrant[] => list.filter((it) => keyOf(it) === key);
      return [key, movesOf(own(before), own(after), value)];
    }),
  );

/**
 * The diff between two lists of the same race, in which entrants that stay are the same objects. `told`: who moved only
 * because of others is in it as a row, instead of in a few numbers.
 */
export const diffOf = (
  before: readonly Entrant[],
  after: readonly Entrant[],
  version: number,
  told: 'rows' | 'moves',
): DiffData => {
  const [old, now] = [rowsOf(before), rowsOf(after)];
  const touched = new Set(after.filter((it) => !before.includes(it)).map((it) => it.bib));
  const text = new Map(old.map((row) => [row.bib, JSON.stringify(row)]));
  const isTold = (row: ResultRow): boolean =>
    touched.has(row.bib) || (told === 'rows' && text.get(row.bib) !== JSON.stringify(row));
  const leader = (list: readonly Entrant[]): number | null => {
    const values = valuesOf(list, value);
    return values.length === 0 ? null : Math.min(...values);
  };
  return {
    version,
    asOf: version,
    raceId: RACE.raceId,
    results: now.filter(isTold),
    gone: before.filter((it) => !after.some((other) => other.bib === it.bib)).map((it) => it.bib),
    moved:
      told === 'rows'
        ? null
        : {
            rank: movesOf(before, after, value),
            category: byKey(before, after, (it) => it.category),
            sex: byKey(before, after, (it) => it.sex),
            splits: { half: movesOf(before, after, splitValue) },
            behindMs: (leader(before) ?? 0) - (leader(after) ?? leader(before) ?? 0),
          },
    total: now.length,
    oncourse: null,
    offcourse: null,
    oncourseTotal: null,
    status: null,
    venue: null,
  };
};
