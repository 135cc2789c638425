import type { RankMove, RankMoves } from '@baton/schema/feed';
import type { Transaction } from '@electric-sql/pglite';

/**
 * One runner who comes in moves the ranks of all behind: one statement for all of them, instead of a row for each. Ranks are
 * those before the change in every expression of an `UPDATE`, as the moves mean them.
 */

type Named = Readonly<Record<string, readonly RankMove[]>>;

/** So many numbers are in one statement at most; more is better written anew. */
const MAX_MOVES = 100;

/** How far a rank moves. */
const shiftOf = (column: string, moves: readonly RankMove[]): string =>
  moves.length === 0
    ? '0'
    : `(${moves.map(([from, by]) => `CASE WHEN ${column} >= ${from} THEN ${by} ELSE 0 END`).join(' + ')})`;

/** Names of groups come as parameters. */
const shiftBy = (group: string, column: string, moves: Named, params: unknown[]): string => {
  const cases = Object.entries(moves).map(([name, of]) => `WHEN $${params.push(name)} THEN ${shiftOf(column, of)}`);
  return cases.length === 0 ? '0' : `CASE ${group} ${cases.join(' ')} ELSE 0 END`;
};

const sizeOf = ({ rank, category, sex, splits }: RankMoves): number =>
  [category, sex, splits].reduce(
    (sum, named) => Object.values(named).reduce((inner, moves) => inner + moves.length, sum),
    rank.length,
  );

/** Whether it is little enough to be moved; else the rows had better be compared. */
export const isMovable = (moves: RankMoves): boolean => sizeOf(moves) <= MAX_MOVES;

interface Others {
  readonly raceId: string;
  /** Rows of these are written by themselves. */
  readonly without: readonly string[];
}

const OTHERS = 'race_id = $1 AND participant_id <> ALL ($2::text[])';

const moveResults = async (tx: Transaction, { raceId, without }: Others, moves: RankMoves): Promise<void> => {
  const params: unknown[] = [raceId, without];
  const behind =
    moves.behindMs === 0 ? '0' : `CASE WHEN behind_ms IS NULL THEN 0 ELSE $${params.push(moves.behindMs)}::bigint END`;
  const shifts = {
    rank: shiftOf('rank', moves.rank),
    category_rank: shiftBy('category', 'category_rank', moves.category, params),
    sex_rank: shiftBy('sex', 'sex_rank', moves.sex, params),
    behind_ms: behind,
  };
  const moved = Object.entries(shifts).filter(([, shift]) => shift !== '0');
  if (moved.length === 0) return;
  const set = moved.map(([column, shift]) => `${column} = ${column} + ${shift}`).join(', ');
  const differs = moved.map(([, shift]) => `${shift} <> 0`).join(' OR ');
  await tx.query(`UPDATE results SET ${set} WHERE ${OTHERS} AND (${differs})`, params);
};

const moveSplits = async (tx: Transaction, { raceId, without }: Others, { splits }: RankMoves): Promise<void> => {
  const params: unknown[] = [raceId, without];
  const shift = shiftBy('point_id', 'rank', splits, params);
  if (shift === '0') return;
  await tx.query(`UPDATE splits SET rank = rank + ${shift} WHERE ${OTHERS} AND ${shift} <> 0`, params);
};

export const writeMoves = async (tx: Transaction, others: Others, moves: RankMoves): Promise<void> => {
  await moveResults(tx, others, moves);
  await moveSplits(tx, others, moves);
};
