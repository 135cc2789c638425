import type { ParticipantId } from '../doc/roster-doc.ts';
import type { RankMoves } from '../feed/rank-moves.ts';
import type { OnCourseRow, ResultRow } from './result-rows.ts';

/** What became of a race's rows since it was asked last. */
export type FoldChanges =
  | { readonly type: 'none' }
  /** So much is different that the rows had better be fetched anew. */
  | { readonly type: 'all' }
  | SomeChanges;

export interface SomeChanges {
  readonly type: 'some';
  /** All rows of each bib in it, as they are now and in the order of `results()`. */
  readonly rows: readonly ResultRow[];
  /** Bibs that had a row and have none any more. */
  readonly gone: readonly string[];
  /** How the rows move that are not in `rows`; null: none of them does. */
  readonly moved: RankMoves | null;
  /** How many rows there are now. */
  readonly total: number;
  /** All rows of each bib in it, as they are now. An estimate that moved brings all who are on their way to that point. */
  readonly onCourse: readonly OnCourseRow[];
  /** Bibs that were on the course and are not any more. */
  readonly offCourse: readonly string[];
  /** Whose rows are in `rows` or went: whoever keeps rows by participant needs to write no others, besides what `moved` says. */
  readonly changedParticipants: readonly ParticipantId[];
}

/** Which rows, of all or of those of a category, of a sex, or of both. */
export interface PageQuery {
  readonly offset: number;
  readonly limit: number;
  /** Id of a category. */
  readonly category?: string;
  readonly sex?: string;
}

export interface RowPage {
  readonly rows: readonly ResultRow[];
  /** How many there are in all. */
  readonly total: number;
}
