/**
 * Standard competition ranking (1, 1, 3): who is equal shares a rank, and the next one counts all before.
 * `items` must be ordered by `rankedBy`.
 */
export const sharedRanks = <T>(items: readonly T[], rankedBy: (item: T) => number): ReadonlyMap<T, number> => {
  const ranks = new Map<T, number>();
  let rank = 0;
  let last = Number.NaN;
  for (const [index, item] of items.entries()) {
    const value = rankedBy(item);
    if (value !== last) rank = index + 1;
    last = value;
    ranks.set(item, rank);
  }
  return ranks;
};

const NUMBER = /^\d{1,15}$/;

/** Bibs as people order them: 9 before 10, numbers before names. */
export const compareBibs = (a: string, b: string): number => {
  const [numberA, numberB] = [NUMBER.test(a), NUMBER.test(b)];
  if (numberA !== numberB) return numberA ? -1 : 1;
  const difference = numberA ? Number(a) - Number(b) : 0;
  return difference || (a < b ? -1 : a > b ? 1 : 0);
};
