import { describe, expect, it } from 'vitest';
import { createRaceFold, type FoldRead, foldRace } from '../../src/results/index.ts';
import { chipOf, createReads, finishA, half, inputsOf, start } from './race-fixture.ts';

const bibs = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${index + 1}`);

const expectedOf = (count: number, reads: readonly FoldRead[], bib: string): number | null | undefined =>
  foldRace(inputsOf(bibs(count)), reads).onCourse.find((row) => row.bib === bib)?.expectedMs;

describe('expected times', () => {
  it('cannot be told before somebody went the way', () => {
    const read = createReads();
    expect(expectedOf(2, [read(start, chipOf('1'), 0), read(half, chipOf('1'), 600)], '1')).toBeNull();
  });

  it('follow a runner’s own pace from a split, and what others took from the start', () => {
    const read = createReads();
    const reads = [
      // the second half took as long as the first
      read(half, chipOf('1'), 600),
      read(finishA, chipOf('1'), 1200),
      read(half, chipOf('2'), 900),
      read(start, chipOf('3'), 10),
      read(start, chipOf('4'), 30),
      read(half, chipOf('4'), 830),
    ];
    expect(expectedOf(4, reads, '2')).toBe(1_800_000);
    // from the start to the split others with a start took 800 s
    expect(expectedOf(4, reads, '3')).toBe(810_000);
  });

  it('are made of those who passed in time, and of none whose clock ran backwards', () => {
    const read = createReads();
    const reads = [
      read(half, chipOf('9'), 100),
      ...bibs(7).flatMap((bib, index) => [
        read(half, chipOf(bib), 600),
        read(finishA, chipOf(bib), 600 + [300, 660, 660, 660, 2000, 2000, 2000][index]!),
      ]),
    ];
    // of seven the first four are looked at: 300, 660, 660, 660
    expect(expectedOf(9, reads, '9')).toBe(210_000);
  });

  it('[CN-04] that move bring all who are on their way, and only those', () => {
    const read = createReads();
    const fold = createRaceFold(inputsOf(bibs(6)));
    fold.add([
      read(half, chipOf('1'), 600),
      read(half, chipOf('2'), 700),
      read(start, chipOf('3'), 5),
      read(half, chipOf('4'), 610),
    ]);
    fold.takeChanges();
    fold.add([read(finishA, chipOf('1'), 1200)]);
    expect(fold.takeChanges()).toMatchObject({
      rows: [{ bib: '1' }],
      onCourse: [
        { bib: '4', expectedMs: 1_220_000 },
        { bib: '2', expectedMs: 1_400_000 },
      ],
      offCourse: ['1'],
    });
  });
});
