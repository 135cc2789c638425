/**
 * `[from, by]`: who had rank `from` or a worse one before the diff is `by` places worse after it (better, when it is
 * negative). All moves of one list speak of the ranks before the diff, so they add up in any order.
 */
export type RankMove = readonly [from: number, by: number];

/**
 * How the ranks of rows move that are not in a diff themselves. One runner who comes in between two others moves
 * everybody behind: told as one pair of numbers instead of thousands of rows.
 */
export interface RankMoves {
  readonly rank: readonly RankMove[];
  /** By category. */
  readonly category: Readonly<Record<string, readonly RankMove[]>>;
  /** By sex. */
  readonly sex: Readonly<Record<string, readonly RankMove[]>>;
  /** By point. */
  readonly splits: Readonly<Record<string, readonly RankMove[]>>;
  /** Added to everybody's distance from the leader: another leads now. */
  readonly behindMs: number;
}

/** The part of a result row that moves. */
interface RankedRow {
  readonly category: string | null;
  readonly sex: string | null;
  readonly rank: number | null;
  readonly categoryRank: number | null;
  readonly sexRank: number | null;
  readonly behindMs: number | null;
  readonly splits: readonly { readonly pointId: string; readonly rank: number | null }[];
}

const NONE: readonly RankMove[] = [];

const movedRank = (rank: number | null, moves: readonly RankMove[]): number | null =>
  rank === null ? null : moves.reduce((sum, [from, by]) => (rank >= from ? sum + by : sum), rank);

const movesOf = (moves: Readonly<Record<string, readonly RankMove[]>>, key: string | null): readonly RankMove[] =>
  key !== null && Object.hasOwn(moves, key) ? (moves[key] ?? NONE) : NONE;

/** A row that was held before the diff and is not in it, as it is afterwards. */
export const movedRow = <Row extends RankedRow>(row: Row, moves: RankMoves): Row => ({
  ...row,
  rank: movedRank(row.rank, moves.rank),
  categoryRank: movedRank(row.categoryRank, movesOf(moves.category, row.category)),
  sexRank: movedRank(row.sexRank, movesOf(moves.sex, row.sex)),
  behindMs: row.behindMs === null ? null : row.behindMs + moves.behindMs,
  splits: row.splits.map((split) => ({ ...split, rank: movedRank(split.rank, movesOf(moves.splits, split.pointId)) })),
});
