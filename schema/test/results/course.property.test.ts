import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fate } from '../../src/results/fate.ts';
import { createRaceFold, type FoldRead } from '../../src/results/index.ts';
import { naiveFold } from './naive/naive-fold.ts';
import { chipOf, createReads, finishA, finishB, half, inputsOf, race, start } from './race-fixture.ts';

/** One runner within a few seconds, in steps as coarse as the rules' durations: reads fall on every edge. */
const someReads: fc.Arbitrary<readonly FoldRead[]> = fc
  .array(
    fc.record({
      streamId: fc.constantFrom(start, half, half, finishA, finishB),
      chip: fc.constantFrom(chipOf('1'), chipOf('1', 1)),
      seconds: fc.integer({ min: -2, max: 9 }),
      epoch: fc.constantFrom(1, 1, 2),
    }),
    { maxLength: 14 },
  )
  .map((drafts) => {
    const read = createReads();
    return drafts.map(({ streamId, chip, seconds, epoch }) => read(streamId, chip, seconds, { epoch }));
  });

const someRules = fc.record({
  startAt: fc.constantFrom(null, '2026-03-06T10:00:00', '2026-03-06T10:00:02'),
  points: fc.constantFrom(race.points, race.points, race.points.slice(1), []),
  dedupWindowMs: fc.constantFrom(0, 1000, 3000),
  minLapMs: fc.constantFrom(0, 1000, 4000),
  startWindowMs: fc.constantFrom(0, 2000, 600_000),
});

const line = ({ streamId, epoch, seq }: FoldRead, fate: Fate): string => `${streamId}/${epoch}/${seq} ${fate}`;

describe('crossings found by bisection', () => {
  it('are those that one look at all reads in order finds, and so are the fates of all reads', () => {
    fc.assert(
      fc.property(someReads, someRules, (reads, { startAt, points, ...rules }) => {
        const inputs = inputsOf(['1'], { race: { startAt, points }, rules });
        const fold = createRaceFold(inputs);
        fold.add(reads);
        const naive = naiveFold(inputs, reads);
        expect(fold.standings()).toEqual(naive.standings);
        const fates = [...fold.fates()];
        expect(fates.map(({ read, fate }) => line(read, fate)).sort()).toEqual(naive.fates);
        const { total } = fold.tally();
        for (const { fate } of fates) expect(total[fate]).toBe(fates.filter((it) => it.fate === fate).length);
      }),
      { numRuns: 1000 },
    );
  });
});
