import { movedRow } from '@baton/schema/feed';
import { describe, expect, it } from 'vitest';

const row = {
  category: 'M40',
  sex: 'M',
  rank: 3,
  categoryRank: 2,
  sexRank: 3,
  behindMs: 4000,
  splits: [{ pointId: 'half', rank: 5 }],
};
const STILL = { rank: [], category: {}, sex: {}, splits: {}, behindMs: 0 };

describe('rows that are not in a diff', () => {
  it('[CN-07] move behind whoever comes in before them', () => {
    const moves = {
      ...STILL,
      rank: [[3, 1]],
      category: { M40: [[2, 1]], W40: [[1, 1]] },
      splits: { half: [[2, -1]] },
    } as const;
    expect(movedRow(row, moves)).toEqual({ ...row, rank: 4, categoryRank: 3, splits: [{ pointId: 'half', rank: 4 }] });
  });

  it('stay before whoever comes in behind them', () => {
    expect(movedRow(row, { ...STILL, rank: [[4, 1]] })).toEqual(row);
  });

  it('add up moves of one diff, and take another leader into account', () => {
    expect(
      movedRow(row, {
        ...STILL,
        rank: [
          [1, 1],
          [2, -1],
          [3, 1],
        ],
        behindMs: 500,
      }),
    ).toEqual({ ...row, rank: 4, behindMs: 4500 });
  });

  it('keep what is null, and know no key but their own', () => {
    const hostile = { ...row, rank: null, category: '__proto__', sex: null, behindMs: null };
    expect(movedRow(hostile, { ...STILL, rank: [[1, 1]], behindMs: 5 })).toEqual(hostile);
  });
});
