import type { Sliced } from './sliced.ts';

/** So many are sorted at once, and merged in one step. */
const SORTED = 500;
const MERGED = 100;

function* merge<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Sliced<readonly T[]> {
  const merged: T[] = [];
  let [nextA, nextB] = [0, 0];
  while (nextA < a.length || nextB < b.length) {
    const [left, right] = [a[nextA], b[nextB]];
    if (left !== undefined && (right === undefined || compare(left, right) <= 0)) {
      merged.push(left);
      nextA++;
    } else if (right !== undefined) {
      merged.push(right);
      nextB++;
    }
    if (merged.length % MERGED === 0) yield;
  }
  return merged;
}

/** Sorts, stably, some hundred at a time. */
export function* sortSliced<T extends object>(
  items: readonly T[],
  compare: (a: T, b: T) => number,
): Sliced<readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += SORTED) {
    runs.push(items.slice(from, from + SORTED).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: (readonly T[])[] = [];
    for (let at = 0; at < runs.length; at += 2) {
      longer.push(yield* merge(runs[at] ?? [], runs[at + 1] ?? [], compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}
