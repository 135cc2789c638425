import { type CountedList, createCountedList } from './counted-list.ts';
import { compareEntries, type Entry, hasResult, type Mark } from './entry.ts';
import type { RacePlan } from './race-plan.ts';
import { createRankList, type RankList } from './rank-list.ts';

/** Who an entry is of; it stays when the entry is replaced. */
export interface Owner {
  readonly key: string;
  entry: Entry | null;
}

/** A time at a point that is ranked there. */
export interface RankedMark {
  readonly value: number;
  readonly owner: Owner;
}

/**
 * All rows in their order, of the race and of each group; and the ranks at each point. One result that changes costs
 * O(log n) in each list it is in.
 */
export interface StandingLists {
  readonly rows: RankList<Entry>;
  readonly byCategory: ReadonlyMap<string, RankList<Entry>>;
  readonly bySex: ReadonlyMap<string, RankList<Entry>>;
  /** By index of the point. */
  readonly marks: readonly RankList<RankedMark>[];
  /** Entries of a bib, in the order of the rows. */
  readonly ofBib: (bib: string) => readonly Entry[];
  /** Rows of a category, a sex, or both. */
  readonly group: (category: string | undefined, sex: string | undefined) => Pick<RankList<Entry>, 'size' | 'from'>;
  /** Replaces the owner's entry, which has none of it yet. */
  readonly replace: (owner: Owner, after: Entry | null) => void;
  /** Replaces everything; what moved is forgotten. */
  readonly fill: (owners: readonly Owner[]) => void;
  readonly forgetShifts: () => void;
}

const NO_MARKS: readonly Mark[] = [];
const NO_ENTRIES: readonly Entry[] = [];

/** Times at split points, of all who have one there and were not taken out. */
export const rankedMarks = ({ status, splits }: Entry): readonly Mark[] =>
  status === 'DSQ' || status === 'DNS' ? NO_MARKS : splits;

/** What marks are ranked by; null: not among those who have a time since the start. */
export const markValue = ({ timed }: Pick<RacePlan, 'timed'>, { elapsedMs, wall }: Mark): number | null =>
  elapsedMs ?? (timed ? null : wall);

const compareMarks = (a: RankedMark, b: RankedMark): number =>
  a.value - b.value || (a.owner === b.owner ? 0 : a.owner.key < b.owner.key ? -1 : 1);

const rowList = (isFollowed: () => boolean): RankList<Entry> =>
  createRankList(compareEntries, ({ rankBy }) => rankBy, isFollowed);

const bothKey = (category: string, sex: string): string => `${sex} ${category}`;

/** Lists that exist while somebody is in them or their moves are not told yet. */
const createGroups = <L extends Pick<CountedList<Entry>, 'insert' | 'remove' | 'fill' | 'size'>>(
  create: () => L,
  keyOf: (entry: Entry) => string | null,
) => {
  const lists = new Map<string, L>();
  const listOf = (entry: Entry): L | null => {
    const key = keyOf(entry);
    if (key === null) return null;
    const known = lists.get(key) ?? create();
    lists.set(key, known);
    return known;
  };
  const fill = (sorted: readonly Entry[]): void => {
    const members = new Map<string, Entry[]>();
    for (const entry of sorted) {
      const key = keyOf(entry);
      const known = key === null ? undefined : members.get(key);
      if (known !== undefined) known.push(entry);
      else if (key !== null) members.set(key, [entry]);
    }
    lists.clear();
    for (const [key, entries] of members) {
      const list = create();
      list.fill(entries);
      lists.set(key, list);
    }
  };
  const dropEmpty = (): void => {
    for (const [key, list] of lists) if (list.size() === 0) lists.delete(key);
  };
  return {
    lists,
    insert: (entry: Entry) => listOf(entry)?.insert(entry),
    remove: (entry: Entry) => listOf(entry)?.remove(entry),
    fill,
    dropEmpty,
  };
};

/** Who has a bib; nearly always it is one, and then it costs no set. */
const createBibs = () => {
  const bibs = new Map<string, Entry | Set<Entry>>();
  const add = (entry: Entry): void => {
    const { bib } = entry.participant;
    const held = bibs.get(bib);
    if (held === undefined) bibs.set(bib, entry);
    else if (held instanceof Set) held.add(entry);
    else bibs.set(bib, new Set([held, entry]));
  };
  const remove = (entry: Entry): void => {
    const { bib } = entry.participant;
    const held = bibs.get(bib);
    if (held instanceof Set) held.delete(entry);
    if (held === entry || (held instanceof Set && held.size === 0)) bibs.delete(bib);
  };
  const of = (bib: string): readonly Entry[] => {
    const held = bibs.get(bib);
    if (held === undefined) return NO_ENTRIES;
    return held instanceof Set ? [...held].sort(compareEntries) : [held];
  };
  return { of, add, remove, clear: () => bibs.clear() };
};

/** A rank list of each point; those that are no splits stay empty. */
const createMarkLists = (plan: RacePlan, isFollowed: () => boolean) => {
  const lists = plan.points.map(() => createRankList<RankedMark>(compareMarks, ({ value }) => value, isFollowed));
  const valuesOf = (entry: Entry | null): ReadonlyMap<number, number> => {
    const values = new Map<number, number>();
    for (const mark of entry === null ? NO_MARKS : rankedMarks(entry)) {
      const value = markValue(plan, mark);
      if (value !== null) values.set(mark.point, value);
    }
    return values;
  };
  const replace = (owner: Owner, after: Entry | null): void => {
    const [old, now] = [valuesOf(owner.entry), valuesOf(after)];
    for (const [point, value] of old) if (now.get(point) !== value) lists[point]?.remove({ value, owner });
    for (const [point, value] of now) if (old.get(point) !== value) lists[point]?.insert({ value, owner });
  };
  const fill = (owners: readonly Owner[]): void => {
    const members = plan.points.map((): RankedMark[] => []);
    for (const owner of owners) {
      for (const [point, value] of valuesOf(owner.entry)) members[point]?.push({ value, owner });
    }
    for (const [point, list] of lists.entries()) list.fill(members[point]?.sort(compareMarks) ?? []);
  };
  return { lists, replace, fill };
};

/** `isFollowed`: whether what moves will be told; else it need not be noted. */
export const createStandingLists = (plan: RacePlan, isFollowed: () => boolean): StandingLists => {
  const newList = (): RankList<Entry> => rowList(isFollowed);
  const rows = newList();
  const bibs = createBibs();
  const marks = createMarkLists(plan, isFollowed);
  const byCategory = createGroups(newList, ({ category }) => category);
  const bySex = createGroups(newList, ({ participant }) => participant.sex);
  const byBoth = createGroups(
    () => createCountedList<Entry>(compareEntries),
    ({ category, participant: { sex } }) => (category === null || sex === null ? null : bothKey(category, sex)),
  );
  const groups = [byCategory, bySex, byBoth] as const;
  const nobody = newList();

  const put = (entry: Entry): void => {
    if (!hasResult(entry)) return;
    rows.insert(entry);
    bibs.add(entry);
    for (const it of groups) it.insert(entry);
  };

  const take = (entry: Entry): void => {
    if (!hasResult(entry)) return;
    rows.remove(entry);
    bibs.remove(entry);
    for (const it of groups) it.remove(entry);
  };

  const fill = (owners: readonly Owner[]): void => {
    const sorted = owners
      .flatMap(({ entry }) => (entry !== null && hasResult(entry) ? [entry] : []))
      .sort(compareEntries);
    rows.fill(sorted);
    bibs.clear();
    for (const entry of sorted) bibs.add(entry);
    for (const it of groups) it.fill(sorted);
    marks.fill(owners);
  };

  return {
    rows,
    byCategory: byCategory.lists,
    bySex: bySex.lists,
    marks: marks.lists,
    ofBib: bibs.of,
    group: (category, sex) => {
      if (category === undefined) return sex === undefined ? rows : (bySex.lists.get(sex) ?? nobody);
      if (sex === undefined) return byCategory.lists.get(category) ?? nobody;
      return byBoth.lists.get(bothKey(category, sex)) ?? nobody;
    },
    replace: (owner, after) => {
      if (owner.entry !== null) take(owner.entry);
      marks.replace(owner, after);
      owner.entry = after;
      if (after !== null) put(after);
    },
    fill,
    forgetShifts: () => {
      for (const list of [rows, ...byCategory.lists.values(), ...bySex.lists.values(), ...marks.lists]) {
        list.forgetShifts();
      }
      for (const it of groups) it.dropEmpty();
    },
  };
};
