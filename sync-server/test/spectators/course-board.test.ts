import { RaceId } from '@baton/schema/ids';
import type { OnCourseRow, ResultRow, SomeChanges } from '@baton/schema/results';
import { runAtOnce } from '@baton/schema/roster';
import { describe, expect, it } from 'vitest';
import { createCourseBoard } from '../../src/spectators/course-board.ts';

const raceId = RaceId.parse('00000000-0000-4000-8000-000000000001');

const onCourse = (bib: string, expectedMs: number | null, elapsedMs = 1000): OnCourseRow => ({
  raceId,
  bib,
  name: `Runner ${bib}`,
  lastPoint: 'start',
  elapsedMs,
  nextPoint: 'half',
  expectedMs,
});

const result = (bib: string): ResultRow => ({
  ...{ raceId, bib, name: `Runner ${bib}`, club: null, category: null, sex: null, status: null },
  ...{ rank: null, categoryRank: null, sexRank: null, gunMs: null, chipMs: null, behindMs: null },
  splits: [],
  updatedAt: 0,
});

const changes = (rows: readonly OnCourseRow[], changed: readonly string[] = []): SomeChanges => ({
  type: 'some',
  rows: changed.map(result),
  gone: [],
  moved: null,
  total: 0,
  onCourse: rows,
  offCourse: [],
  changedParticipants: [],
});

const bibs = (rows: readonly OnCourseRow[]): readonly string[] => rows.map(({ bib }) => bib);

describe('who of those on the course is news', () => {
  it('is everybody while nothing was told', () => {
    const board = createCourseBoard();
    expect(bibs(runAtOnce(board.apply(changes([onCourse('1', 5000), onCourse('2', null)]))))).toEqual(['1', '2']);
    expect(runAtOnce(board.apply(changes([onCourse('1', 5000), onCourse('2', null)])))).toEqual([]);
  });

  it('behind a message of everything: who passed a point, and whose estimate moved far from what was expected then', () => {
    const board = createCourseBoard();
    board.reset(() => 60_000);
    const rows = [onCourse('1', 61_000), onCourse('2', 70_000), onCourse('3', 60_000)];
    expect(bibs(runAtOnce(board.apply(changes(rows, ['3']))))).toEqual(['3', '2']);
    // small moves add up
    expect(bibs(runAtOnce(board.apply(changes([onCourse('1', 69_000), onCourse('2', 79_000)]))))).toEqual([]);
    expect(bibs(runAtOnce(board.apply(changes([onCourse('1', 70_000), onCourse('2', 81_000)]))))).toEqual(['2', '1']);
  });

  it('[P16] of 55,000 whose estimates moved the twenty that moved furthest, found in steps of two thousand', () => {
    const board = createCourseBoard();
    board.reset(() => 0);
    const work = board.apply(changes(Array.from({ length: 55_000 }, (_, n) => onCourse(`${n}`, n * 1000))));
    let steps = 1;
    let step = work.next();
    for (; step.done !== true; step = work.next()) steps++;
    expect(steps).toBeGreaterThan(55_000 / 2001);
    expect(bibs(step.value)).toEqual(Array.from({ length: 20 }, (_, n) => `${54_999 - n}`));
  });
});
