import { isPacked, packedRow, unpackedRow } from '@baton/schema/feed';
import { ResultRow } from '@baton/schema/http';
import { PointId, RaceId } from '@baton/schema/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const RACE = RaceId.parse('0b7a3f0e-6a53-4a5e-9a51-7f1c2f1d9a99');
const POINTS = Array.from({ length: 8 }, (_, at) => ({ pointId: PointId.parse(`point-${at}`), name: `${at * 5} km` }));

const number = fc.option(fc.integer({ min: 0, max: 100_000_000 }));

/** A row of somebody who passed some of the points, in the order of the course. */
const rows = fc
  .record({
    at: fc.subarray([...POINTS.keys()], { minLength: 1 }),
    elapsed: fc.array(number, { minLength: 8, maxLength: 8 }),
    ranks: fc.array(number, { minLength: 8, maxLength: 8 }),
    rank: number,
    name: fc.string(),
  })
  .map(({ at, elapsed, ranks, rank, name }) =>
    ResultRow.parse({
      raceId: RACE,
      bib: '7',
      name,
      club: null,
      category: 'M40',
      sex: 'M',
      status: null,
      rank,
      categoryRank: rank,
      sexRank: rank,
      gunMs: 1,
      chipMs: 2,
      behindMs: null,
      splits: at.map((index) => ({ ...POINTS[index], elapsedMs: elapsed[index] ?? null, rank: ranks[index] ?? null })),
      updatedAt: 5,
    }),
  );

describe('rows whose message would be too long', () => {
  it('[CN-20] come back from it as they were, whichever points somebody passed', () => {
    fc.assert(
      fc.property(rows, (row) => {
        const packed = packedRow(row, POINTS);
        if (packed === null) throw new Error('not packed');
        const sent: typeof packed = JSON.parse(JSON.stringify(packed));
        expect(isPacked(sent)).toBe(true);
        expect(unpackedRow(sent, RACE, POINTS)).toEqual(row);
        expect(JSON.stringify(packed).length).toBeLessThan(JSON.stringify(row).length);
      }),
    );
  });

  it('go as they are where that would lose something', () => {
    fc.assert(
      fc.property(rows, (row) => {
        expect(packedRow(row, POINTS.slice(0, -8))).toBeNull();
        expect(packedRow({ ...row, splits: [] }, POINTS)).toBeNull();
        expect(
          packedRow(
            row,
            POINTS.map((point) => ({ ...point, name: 'renamed' })),
          ),
        ).toBeNull();
        if (row.splits.length > 1) expect(packedRow({ ...row, splits: [...row.splits].reverse() }, POINTS)).toBeNull();
      }),
    );
  });
});
