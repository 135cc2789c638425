import { beforeAll, describe, expect, it } from 'vitest';
import { createRaceFold, type FoldChanges, type FoldInputs, type RaceFold } from '../../src/results/index.ts';
import { runAtOnce, type Sliced } from '../../src/roster/index.ts';
import { chipOf, createReads, half, inputsOf, rosterOf, runner, start } from './race-fixture.ts';

const FIELD = 3000;
/** Rows that one step may look at. */
const STEP_ROWS = 1000;
const BIBS = Array.from({ length: FIELD }, (_, index) => `${index + 1}`);

const inputs = (): FoldInputs => inputsOf([], { roster: rosterOf(BIBS.map((bib) => runner(bib))) });

/** What a work comes to, and in how many steps. */
const counted = <T>(work: Sliced<T>): { readonly value: T; readonly steps: number } => {
  for (let steps = 1; ; steps++) {
    const step = work.next();
    if (step.done === true) return { value: step.value, steps };
  }
};

describe('[P16] a field of 3,000 on the course', () => {
  const read = createReads();
  const started = BIBS.map((bib, index) => read(start, chipOf(bib), index / 100));
  const first = read(half, chipOf('3000'), 900);
  let folds: readonly [RaceFold, RaceFold];

  const open = (): RaceFold => {
    const fold = createRaceFold(inputs());
    fold.add(started);
    fold.takeChanges();
    return fold;
  };

  beforeAll(() => {
    folds = [open(), open()];
  });

  it('one who is the first at a point moves all estimates: they are told in steps, and as at once', () => {
    const [sliced, whole] = folds;
    for (const fold of folds) fold.add([first]);
    const { value, steps } = counted<FoldChanges>(sliced.takeChangesSliced());
    expect(value).toEqual(whole.takeChanges());
    expect(value.type === 'some' && value.onCourse.length).toBe(FIELD);
    expect(steps).toBeGreaterThan((3 * FIELD) / STEP_ROWS); // found, looked up, made
    expect(sliced.takeChanges()).toEqual({ type: 'none' });
  });

  it('is listed in steps, and its first rows at the cost of these', () => {
    const [fold] = folds;
    const { value, steps } = counted(fold.onCourseSliced());
    expect(value).toEqual(fold.onCourse());
    expect(steps).toBeGreaterThanOrEqual(FIELD / STEP_ROWS);
    expect(fold.onCourse(7)).toEqual(value.slice(0, 7));
    expect(fold.onCourse(0)).toEqual([]);
    expect(fold.onCourseTotal()).toBe(FIELD);
  });

  it('what was expected of somebody at a moment can be told later', () => {
    const fold = open();
    const expectedThen = fold.estimatesNow();
    const [row] = fold.onCourse(1);
    if (row === undefined) throw new Error('somebody is on the course');
    expect(expectedThen(row)).toBe(row.expectedMs);
    fold.add([first]);
    const later = fold.onCourse().find(({ bib }) => bib === row.bib);
    expect(later?.expectedMs).not.toBe(row.expectedMs);
    expect(expectedThen(later ?? row)).toBe(row.expectedMs);
  });

  it('more changes than are wanted are not listed', () => {
    const fold = open();
    fold.add(BIBS.slice(0, 21).map((bib) => read(half, chipOf(bib), 1000 + Number(bib))));
    expect(runAtOnce(fold.takeChangesSliced(20))).toEqual({ type: 'all' });
    fold.add(BIBS.slice(21, 41).map((bib) => read(half, chipOf(bib), 1000 + Number(bib))));
    expect(runAtOnce(fold.takeChangesSliced(20))).toMatchObject({ type: 'some' });
  });
});
