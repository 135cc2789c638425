import type { RankMove } from '../feed/rank-moves.ts';
import { type Compare, createCountedList } from './counted-list.ts';

/** How the ranks of a list moved since it was asked last. */
export interface Shifts<T> {
  /** By the ranks of then. */
  readonly moves: readonly RankMove[];
  /** Members with another rank than then, and maybe some that came since. */
  readonly shifted: () => Iterable<T>;
}

/**
 * A list whose first members are ranked by a value (1, 1, 3), the others not. It remembers which values came and went, so
 * that it can tell afterwards how everybody else's rank moved, in numbers that do not grow with the list.
 */
export interface RankList<T> {
  readonly size: () => number;
  readonly ranked: () => number;
  readonly insert: (item: T) => void;
  readonly remove: (item: T) => void;
  /** Replaces everything by items in order; what moved is forgotten. */
  readonly fill: (sorted: readonly T[]) => void;
  readonly at: (index: number) => T | undefined;
  readonly from: (index: number) => Iterable<T>;
  /** How many have a smaller value. */
  readonly countBelow: (value: number) => number;
  /** Null: nothing moved. */
  readonly shifts: () => Shifts<T> | null;
  readonly forgetShifts: () => void;
}

interface Step {
  /** A value that came or went, with how many. */
  readonly value: number;
  /** Old rank of the next value behind it. */
  readonly rank: number;
  readonly by: number;
  /** Of all steps up to here: by how many places everybody moves up to the next step. */
  readonly sum: number;
  /** Index now of the first behind it. */
  readonly index: number;
}

/** Steps of one rank are told as one; those behind the last one move nobody. */
const movesOf = (steps: readonly Step[], rankedBefore: number): readonly RankMove[] => {
  const byRank = new Map<number, number>();
  for (const { rank, by } of steps) if (rank <= rankedBefore) byRank.set(rank, (byRank.get(rank) ?? 0) + by);
  return [...byRank].filter(([, by]) => by !== 0);
};

/** `rankedBy` is null for those without a rank, who stand behind all others; what moves while nobody follows is not noted. */
export const createRankList = <T>(
  compare: Compare<T>,
  rankedBy: (item: T) => number | null,
  isFollowed: () => boolean,
): RankList<T> => {
  const list = createCountedList(compare);
  const cameAndWent = new Map<number, number>();
  const below = (limit: number, orAt: boolean): number =>
    list.countWhile((item) => {
      const value = rankedBy(item);
      return value !== null && (value < limit || (orAt && value === limit));
    });
  const ranked = (): number => below(Number.POSITIVE_INFINITY, false);

  const note = (item: T, by: 1 | -1): void => {
    const value = isFollowed() ? rankedBy(item) : null;
    if (value === null) return;
    const sum = (cameAndWent.get(value) ?? 0) + by;
    if (sum === 0) cameAndWent.delete(value);
    else cameAndWent.set(value, sum);
  };

  const stepsOf = (): readonly Step[] => {
    let sum = 0;
    return [...cameAndWent]
      .sort(([a], [b]) => a - b)
      .map(([value, by]) => {
        sum += by;
        const index = below(value, true);
        return { value, rank: 1 + index - sum, by, sum, index };
      });
  };

  function* shiftedBy(steps: readonly Step[]): Generator<T, undefined, undefined> {
    for (const [nth, { sum, index }] of steps.entries()) {
      if (sum === 0) continue;
      const until = steps[nth + 1]?.value ?? Number.POSITIVE_INFINITY;
      for (const item of list.from(index)) {
        const value = rankedBy(item);
        if (value === null || value > until) break;
        yield item;
      }
    }
  }

  return {
    size: list.size,
    ranked,
    insert: (item) => {
      list.insert(item);
      note(item, 1);
    },
    remove: (item) => {
      list.remove(item);
      note(item, -1);
    },
    fill: (sorted) => {
      list.fill(sorted);
      cameAndWent.clear();
    },
    at: list.at,
    from: list.from,
    countBelow: (value) => below(value, false),
    shifts: () => {
      if (cameAndWent.size === 0) return null;
      const steps = stepsOf();
      const before = ranked() - (steps.at(-1)?.sum ?? 0);
      return { moves: movesOf(steps, before), shifted: () => shiftedBy(steps) };
    },
    forgetShifts: () => cameAndWent.clear(),
  };
};
