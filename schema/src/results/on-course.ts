import type { Entry, Mark } from './entry.ts';
import { isOnCourse } from './result-rows.ts';

export type EntryOnCourse = Entry & { readonly last: Mark };

/** Who is on the course, by the point they passed last. */
export interface OnCourse {
  readonly replace: (before: Entry | null, after: Entry | null) => void;
  readonly behind: (point: number) => Iterable<EntryOnCourse>;
  readonly size: () => number;
  readonly clear: () => void;
}

const NOBODY: readonly EntryOnCourse[] = [];

export const createOnCourse = (): OnCourse => {
  const byPoint = new Map<number, Set<EntryOnCourse>>();
  const add = (entry: EntryOnCourse): void => {
    const known = byPoint.get(entry.last.point);
    if (known === undefined) byPoint.set(entry.last.point, new Set([entry]));
    else known.add(entry);
  };
  return {
    replace: (before, after) => {
      if (before !== null && isOnCourse(before)) byPoint.get(before.last.point)?.delete(before);
      if (after !== null && isOnCourse(after)) add(after);
    },
    behind: (point) => byPoint.get(point) ?? NOBODY,
    size: () => [...byPoint.values()].reduce((sum, { size }) => sum + size, 0),
    clear: () => byPoint.clear(),
  };
};
