import type { ResultRow } from './result-rows.ts';

/**
 * The rules by which reads become rows. It is part of what is frozen as official: raise it with each change that could
 * give another row, so that a list that no longer follows from its reads says why.
 */
export const RESULTS_VERSION = '2';

/** What would change if the list were made again now. */
export interface FrozenDifference {
  readonly changed: readonly { readonly before: ResultRow; readonly after: ResultRow }[];
  readonly added: readonly ResultRow[];
  readonly gone: readonly ResultRow[];
}

/** Bibs may be given twice by mistake: rows of one bib are told apart by their order. */
const keyed = (rows: readonly ResultRow[]): ReadonlyMap<string, ResultRow> => {
  const seen = new Map<string, number>();
  return new Map(
    rows.map((row) => {
      const nth = seen.get(row.bib) ?? 0;
      seen.set(row.bib, nth + 1);
      return [`${nth} ${row.bib}`, row];
    }),
  );
};

/** A row as text that two equal rows share, whatever the order in which their fields were written. */
const canonicalRow = (row: ResultRow): string =>
  JSON.stringify([
    row.raceId,
    row.bib,
    row.name,
    row.club,
    row.category,
    row.sex,
    row.status,
    row.rank,
    row.categoryRank,
    row.sexRank,
    row.gunMs,
    row.chipMs,
    row.behindMs,
    row.splits.map((split) => [split.pointId, split.name, split.elapsedMs, split.rank]),
    row.updatedAt,
  ]);

/** Compares a frozen list with what reads, documents and rules give now; both in the order of `results()`. */
export const compareFrozen = (frozen: readonly ResultRow[], current: readonly ResultRow[]): FrozenDifference => {
  const [before, after] = [keyed(frozen), keyed(current)];
  const changed: { readonly before: ResultRow; readonly after: ResultRow }[] = [];
  for (const [key, row] of before) {
    const now = after.get(key);
    if (now !== undefined && canonicalRow(row) !== canonicalRow(now)) changed.push({ before: row, after: now });
  }
  const without = (rows: typeof before, others: typeof before): readonly ResultRow[] =>
    [...rows].flatMap(([key, row]) => (others.has(key) ? [] : [row]));
  return { changed, added: without(after, before), gone: without(before, after) };
};

/**
 * What the hash of a frozen list is made of, to be taken as UTF-8: the rules' version, then each row as a line of JSON. The
 * same rows give the same bytes on every machine.
 */
export function* frozenParts(rows: Iterable<ResultRow>, version: string = RESULTS_VERSION): Iterable<string> {
  yield `baton results ${version}\n`;
  for (const row of rows) yield `${canonicalRow(row)}\n`;
}
