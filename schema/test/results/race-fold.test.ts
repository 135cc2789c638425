import { describe, expect, it } from 'vitest';
import type { Correction } from '../../src/doc/index.ts';
import { NodeId, streamIdOf } from '../../src/ids.ts';
import { pairKey } from '../../src/reads/index.ts';
import { createRaceFold, type FoldInputs, type FoldRead, foldRace, type ResultRow } from '../../src/results/index.ts';
import {
  chipOf,
  createReads,
  finishA,
  finishB,
  half,
  idOf,
  inputsOf,
  otherRaceId,
  race,
  raceId,
  rosterOf,
  runner,
  start,
} from './race-fixture.ts';

const rowsOf = (inputs: FoldInputs, reads: readonly FoldRead[]): ReadonlyMap<string, ResultRow> =>
  new Map(foldRace(inputs, reads).rows.map((row) => [row.bib, row]));

/** Fates as `stream seq fate`, in the order of streams and numbers. */
const fatesOf = (inputs: FoldInputs, reads: readonly FoldRead[]): readonly string[] => {
  const fold = createRaceFold(inputs);
  fold.add(reads);
  const fates = [...fold.fates()].map(({ read, fate }) => `${read.streamId.split('.')[1]} ${read.seq} ${fate}`);
  return fates.sort();
};

const correction = (more: Partial<Correction>): Correction => ({
  status: null,
  manualMs: null,
  reason: '',
  author: 'kim',
  at: 1,
  ...more,
});

describe('race results', () => {
  it('gives gun and chip times, splits and ranks', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 10),
      read(start, chipOf('2'), 2),
      read(half, chipOf('1'), 1000),
      read(half, chipOf('2'), 1010),
      read(finishA, chipOf('1'), 2010.55),
      read(finishA, chipOf('2'), 2009),
    ];
    const { rows, onCourse } = foldRace(inputsOf(['1', '2']), reads);
    expect(onCourse).toEqual([]);
    expect(rows).toEqual([
      {
        raceId,
        bib: '2',
        name: 'Ada N2',
        club: null,
        category: null,
        sex: null,
        status: null,
        rank: 1,
        categoryRank: null,
        sexRank: null,
        gunMs: 2_009_000,
        chipMs: 2_007_000,
        behindMs: 0,
        splits: [{ pointId: 'k5', name: 'K5', elapsedMs: 1_010_000, rank: 2 }],
        updatedAt: Date.UTC(2026, 2, 6, 9, 33, 29),
      },
      {
        raceId,
        bib: '1',
        name: 'Ada N1',
        club: null,
        category: null,
        sex: null,
        status: null,
        rank: 2,
        categoryRank: null,
        sexRank: null,
        gunMs: 2_010_550,
        chipMs: 2_000_550,
        behindMs: 1550,
        splits: [{ pointId: 'k5', name: 'K5', elapsedMs: 1_000_000, rank: 1 }],
        updatedAt: Date.UTC(2026, 2, 6, 9, 33, 30, 550),
      },
    ]);
  });

  it('ranks by chip time where the rules say so, by gun time who has no start', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 60),
      read(finishA, chipOf('1'), 1060),
      read(start, chipOf('2'), 1),
      read(finishA, chipOf('2'), 1010),
      read(finishA, chipOf('3'), 1005),
    ];
    const rows = rowsOf(inputsOf(['1', '2', '3'], { rules: { rankBy: 'chip' } }), reads);
    expect([...rows.values()].map(({ bib, rank, chipMs, behindMs }) => [bib, rank, chipMs, behindMs])).toEqual([
      ['1', 1, 1_000_000, 0],
      ['3', 2, null, 5000],
      ['2', 3, 1_009_000, 9000],
    ]);
  });

  it('takes the last read at the start before leaving, and the first at split and finish', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), -30),
      read(start, chipOf('1'), 1),
      read(start, chipOf('1'), 40),
      read(start, chipOf('1'), 90.5),
      read(half, chipOf('1'), 1000),
      read(half, chipOf('1'), 1003),
      read(half, chipOf('1'), 1500),
      read(start, chipOf('1'), 1600),
      read(finishA, chipOf('1'), 2000),
      read(finishB, chipOf('1'), 2000.1),
      read(finishA, chipOf('1'), 2004.9),
      read(finishA, chipOf('1'), 2005),
      read(half, chipOf('1'), 2600),
    ];
    const inputs = inputsOf(['1']);
    expect(rowsOf(inputs, reads).get('1')).toMatchObject({ gunMs: 2_000_000, chipMs: 2_000_000 - 90_500 });
    expect(fatesOf(inputs, reads)).toEqual([
      'finish-a 1 counted',
      'finish-a 2 within-gap',
      'finish-a 3 after-finish',
      'finish-b 1 within-gap',
      'half 1 counted',
      'half 2 within-gap',
      'half 3 repeated',
      'half 4 after-finish',
      'start 1 before-start',
      'start 2 within-gap',
      'start 3 within-gap',
      'start 4 counted',
      'start 5 repeated',
    ]);
  });

  it('ends the start when its window closes, so that a lap over the start mat is no start', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 5),
      read(start, chipOf('1'), 605),
      read(start, chipOf('1'), 605.01),
      read(finishA, chipOf('1'), 2000),
    ];
    const inputs = inputsOf(['1']);
    expect(rowsOf(inputs, reads).get('1')?.chipMs).toBe(1_395_000);
    expect(fatesOf(inputs, reads)).toContain('start 3 within-gap');
    const narrow = inputsOf(['1'], { rules: { startWindowMs: 60_000 } });
    expect(rowsOf(narrow, reads).get('1')?.chipMs).toBe(1_995_000);
    expect(fatesOf(narrow, reads)).toContain('start 3 repeated');
  });

  it('makes one crossing of two loops at one point and of two chips of one runner', () => {
    const read = createReads();
    const reads = [
      read(finishB, chipOf('1', 1), 1000.2),
      read(finishA, chipOf('1'), 1000),
      read(finishA, chipOf('1', 1), 1000),
    ];
    const fold = createRaceFold(inputsOf(['1']));
    fold.add(reads);
    expect(fold.crossings()).toMatchObject([{ bib: '1', pointId: 'f', read: { streamId: finishA, seq: 1 } }]);
    expect(fold.tally().total).toMatchObject({ counted: 1, 'within-gap': 2 });
  });

  it('counts no finish sooner than a lap can take', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 5),
      read(finishA, chipOf('1'), 8),
      read(finishA, chipOf('1'), 1000),
      read(finishA, chipOf('2'), 30),
    ];
    const inputs = inputsOf(['1', '2'], { rules: { minLapMs: 600_000 } });
    const rows = rowsOf(inputs, reads);
    expect(rows.get('1')?.gunMs).toBe(1_000_000);
    expect(rows.has('2')).toBe(false);
    expect(fatesOf(inputs, reads)).toEqual([
      'finish-a 1 too-soon',
      'finish-a 2 counted',
      'finish-a 3 too-soon',
      'start 1 counted',
    ]);
  });

  it('takes a reader whose clock was slow for what it was, also afterwards, and tells its times as they were told', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 10),
      read(start, chipOf('2'), 20),
      read(half, chipOf('1'), 900),
      read(half, chipOf('2'), 880),
      read(finishA, chipOf('1'), 2000),
      read(finishA, chipOf('2'), 1990, { readerTime: '2026-03-06 10:33:10' }),
    ];
    /** What that reader would have said with a right clock. */
    const right = reads.map((it) => {
      if (it.streamId !== finishA || it.readerTime === null) return it;
      const told = Date.parse(`${it.readerTime.replace(' ', 'T')}Z`);
      return { ...it, readerTime: new Date(told + 90_500).toISOString().slice(0, 23) };
    });
    const inputs = inputsOf(['1', '2']);
    const corrected = { ...inputs, setup: { ...inputs.setup, epochOffsets: new Map([[pairKey(finishA, 1), 90_500]]) } };

    const fold = createRaceFold(inputs);
    fold.add(reads.slice(0, 5));
    fold.update(corrected);
    fold.add(reads.slice(5));
    expect(fold.results().rows.map(({ bib, gunMs }) => [bib, gunMs])).toEqual([
      ['2', 2_080_500],
      ['1', 2_090_500],
    ]);
    expect(fold.results()).toEqual(foldRace(inputs, right));
    const told = [...fold.fates()].map(({ read: it }) => `${it.streamId} ${it.seq} ${it.readerTime}`).sort();
    expect(told).toEqual(reads.map((it) => `${it.streamId} ${it.seq} ${it.readerTime}`).sort());
    fold.update(inputs);
    expect(fold.results()).toEqual(foldRace(inputs, reads));
  });

  it('explains reads that belong to nobody or nowhere, and counts them by stream and point', () => {
    const read = createReads();
    const nowhere = streamIdOf(NodeId.parse('box-9'), 'spare');
    const inputs = inputsOf([], { roster: rosterOf([runner('1'), runner('2', { raceId: otherRaceId })]) });
    const setup = {
      ...inputs.setup,
      epochRaces: new Map([...inputs.setup.epochRaces, [pairKey(nowhere, 1), raceId]]),
    };
    const fold = createRaceFold({ ...inputs, setup });
    fold.add([
      read(finishA, 'ffff00000001', 500),
      read(finishA, 'ffff00000001', 501),
      read(finishA, null, 502),
      read(finishA, chipOf('2'), 503),
      read(finishA, chipOf('1'), 504, { epoch: 2, seq: 1 }),
      read(finishA, chipOf('1'), 505, { readerTime: null }),
      read(finishA, chipOf('1'), 506, { readerTime: '1477419456.803' }),
      read(nowhere, chipOf('1'), 507),
    ]);
    const { total, byStream, byPoint } = fold.tally();
    expect(total).toEqual({
      counted: 0,
      'within-gap': 0,
      'before-start': 0,
      'too-soon': 0,
      'after-finish': 0,
      repeated: 0,
      'unknown-chip': 3,
      'other-race': 1,
      'not-mapped': 1,
      'no-point': 1,
      'unparsable-time': 2,
    });
    expect(byStream.get(nowhere)).toMatchObject({ 'no-point': 1, 'unknown-chip': 0 });
    expect(byPoint.get('f')).toMatchObject({ 'unknown-chip': 3, 'unparsable-time': 2, 'not-mapped': 0 });
    expect(fold.unknownChips()).toMatchObject([{ chip: 'ffff00000001', reads: 2 }]);
    expect(fold.results()).toEqual({ rows: [], onCourse: [] });
  });

  it('counts every mapped epoch as the finish of a race without points', () => {
    const read = createReads();
    const inputs = inputsOf(['1', '2'], { race: { points: [] } });
    const reads = [read(half, chipOf('1'), 900), read(start, chipOf('1'), 950), read(finishA, chipOf('2'), 800)];
    const rows = rowsOf(inputs, reads);
    expect([...rows.values()].map(({ bib, rank, gunMs, chipMs }) => [bib, rank, gunMs, chipMs])).toEqual([
      ['2', 1, 800_000, null],
      ['1', 2, 900_000, null],
    ]);
    expect(rows.get('1')?.splits).toEqual([]);
  });

  it('has no elapsed times without a start, and ranks by the crossings', () => {
    const read = createReads();
    const points = race.points.filter((it) => it.kind !== 'start');
    const inputs = inputsOf(['1', '2', '3'], { race: { startAt: null, points } });
    const reads = [
      read(half, chipOf('1'), 100),
      read(finishA, chipOf('1'), 900),
      read(finishA, chipOf('2'), -800),
      read(half, chipOf('3'), 90),
    ];
    const { rows, onCourse } = foldRace(inputs, reads);
    expect(rows.map(({ bib, rank, gunMs, chipMs }) => [bib, rank, gunMs, chipMs])).toEqual([
      ['2', 1, null, null],
      ['1', 2, null, null],
      ['3', null, null, null],
    ]);
    expect(rows[1]?.splits).toEqual([{ pointId: 'k5', name: 'K5', elapsedMs: null, rank: 2 }]);
    expect(onCourse).toMatchObject([{ bib: '3', lastPoint: 'k5', elapsedMs: null, nextPoint: 'f' }]);
  });

  it('measures from the chip’s start where there is no gun', () => {
    const read = createReads();
    const inputs = inputsOf(['1', '2'], { race: { startAt: null } });
    const reads = [
      read(start, chipOf('1'), 100),
      read(half, chipOf('1'), 700),
      read(finishA, chipOf('1'), 1100),
      read(finishA, chipOf('2'), 900),
    ];
    const { rows } = foldRace(inputs, reads);
    expect(rows.map(({ bib, rank, gunMs, chipMs }) => [bib, rank, gunMs, chipMs])).toEqual([
      ['1', 1, null, 1_000_000],
      ['2', null, null, null],
    ]);
    expect(rows[0]?.splits[0]?.elapsedMs).toBe(600_000);
  });

  it('reads the gun as an instant through the event’s zone', () => {
    const read = createReads();
    const reads = [read(finishA, chipOf('1'), 1000)];
    for (const startAt of ['2026-03-06T09:00:00Z', '2026-03-06T10:00:00+01:00', '2026-03-06T10:00']) {
      expect(rowsOf(inputsOf(['1'], { race: { startAt } }), reads).get('1')?.gunMs).toBe(1_000_000);
    }
  });

  it('shares ranks between equals, in the race, the sex and the category', () => {
    const read = createReads();
    const runners = [
      runner('1', { sex: 'F', birthYear: 1980 }),
      runner('2', { sex: 'M', birthYear: 1980 }),
      runner('3', { sex: 'F', birthYear: 1986 }),
      runner('4', { sex: 'F', birthYear: 1987 }),
      runner('5', { sex: 'F', category: 'women 40' }),
      runner('6', { sex: 'X', category: 'guests' }),
    ];
    const categories = [
      { categoryId: 'W40', name: 'Women 40', sex: 'F', ageFrom: 40, ageTo: null },
      { categoryId: 'M', name: 'Men', sex: 'M', ageFrom: null, ageTo: null },
      { categoryId: 'U40', name: 'Under 40', sex: null, ageFrom: null, ageTo: 39 },
    ] as const;
    const inputs = inputsOf([], { roster: rosterOf(runners), race: { categories } });
    const reads = [
      read(finishA, chipOf('1'), 1000),
      read(finishA, chipOf('2'), 1000),
      read(finishA, chipOf('3'), 1001),
      read(finishA, chipOf('4'), 1002),
      read(finishA, chipOf('5'), 1001),
      read(finishA, chipOf('6'), 1003),
    ];
    expect(
      foldRace(inputs, reads).rows.map((it) => [it.bib, it.rank, it.category, it.categoryRank, it.sex, it.sexRank]),
    ).toEqual([
      ['1', 1, 'W40', 1, 'F', 1],
      ['2', 1, 'M', 1, 'M', 1],
      ['3', 3, 'W40', 2, 'F', 2],
      ['5', 3, 'W40', 2, 'F', 2],
      ['4', 5, 'U40', 1, 'F', 4],
      ['6', 6, 'guests', 1, 'X', 1],
    ]);
  });

  it('lists DNF, DSQ and DNS last and unranked, and those under way before them', () => {
    const read = createReads();
    const bibs = ['1', '2', '3', '4', '5', '6', '7'];
    const corrections = new Map([
      [idOf('1'), correction({ status: 'DSQ', at: 9e12 })],
      [idOf('2'), correction({ status: 'DNS' })],
      [idOf('3'), correction({ status: 'DNF' })],
      [idOf('99'), correction({ status: 'DNS' })],
    ]);
    const inputs = inputsOf([], {
      roster: rosterOf(
        bibs.map((bib) => runner(bib)),
        corrections,
      ),
    });
    const reads = [
      read(finishA, chipOf('1'), 900),
      read(half, chipOf('1'), 400),
      read(half, chipOf('3'), 600),
      read(finishA, chipOf('4'), 1000),
      read(half, chipOf('4'), 500),
      read(start, chipOf('5'), 3),
      read(half, chipOf('6'), 700),
    ];
    const { rows, onCourse } = foldRace(inputs, reads);
    expect(rows.map(({ bib, rank, status, behindMs }) => [bib, rank, status, behindMs])).toEqual([
      ['4', 1, null, 0],
      ['6', null, null, null],
      ['5', null, null, null],
      ['3', null, 'DNF', null],
      ['1', null, 'DSQ', null],
      ['2', null, 'DNS', null],
    ]);
    expect(rows.find((it) => it.bib === '1')).toMatchObject({ gunMs: 900_000, updatedAt: 9e12 });
    expect(rows.map(({ bib, splits }) => [bib, splits[0]?.rank])).toContainEqual(['1', null]);
    expect(rows.find((it) => it.bib === '4')?.splits[0]?.rank).toBe(1);
    expect(onCourse.map(({ bib, lastPoint, nextPoint }) => [bib, lastPoint, nextPoint])).toEqual([
      ['6', 'k5', 'f'],
      ['5', 's', 'k5'],
    ]);
  });

  it('counts a manual time instead of the measured one, and without any read', () => {
    const read = createReads();
    const corrections = new Map([
      [idOf('1'), correction({ manualMs: 950_000 })],
      [idOf('2'), correction({ manualMs: 940_000 })],
    ]);
    const inputs = inputsOf([], { roster: rosterOf([runner('1'), runner('2'), runner('3')], corrections) });
    const reads = [read(start, chipOf('1'), 10), read(finishA, chipOf('1'), 1200), read(finishA, chipOf('3'), 945)];
    expect(foldRace(inputs, reads).rows.map(({ bib, rank, gunMs, chipMs }) => [bib, rank, gunMs, chipMs])).toEqual([
      ['2', 1, 940_000, null],
      ['3', 2, 945_000, null],
      ['1', 3, 950_000, 940_000],
    ]);
  });

  it('gives a participant without a race to the race whose mats read them', () => {
    const read = createReads();
    const inputs = inputsOf([], { roster: rosterOf([runner('1', { raceId: null }), runner('2', { raceId: null })]) });
    expect(foldRace(inputs, [read(finishA, chipOf('1'), 1000)]).rows.map((it) => it.bib)).toEqual(['1']);
  });

  it('is empty for a race that does not exist', () => {
    const inputs = { ...inputsOf(['1']), raceId: otherRaceId };
    const read = createReads();
    const fold = createRaceFold(inputs);
    fold.add([read(finishA, chipOf('1'), 1000)]);
    expect(fold.results().rows).toEqual([]);
    expect(fold.tally().total['not-mapped']).toBe(1);
  });
});

describe('incremental fold', () => {
  it('counts a read that comes twice once', () => {
    const read = createReads();
    const reads = [read(finishA, chipOf('1'), 1000), read(finishA, 'ffff00000001', 1001)];
    const fold = createRaceFold(inputsOf(['1']));
    fold.add(reads);
    fold.add(reads);
    expect(fold.tally().total).toMatchObject({ counted: 1, 'within-gap': 0, 'unknown-chip': 1 });
  });

  it('moves a result when a late line tells of an earlier crossing', () => {
    const read = createReads();
    const fold = createRaceFold(inputsOf(['1']));
    fold.add([read(finishA, chipOf('1'), 1020)]);
    expect(fold.results().rows[0]?.gunMs).toBe(1_020_000);
    fold.add([read(finishA, chipOf('1'), 1000.02)]);
    expect(fold.results().rows[0]?.gunMs).toBe(1_000_020);
    expect(fold.tally().total).toMatchObject({ counted: 1, 'after-finish': 1 });
  });

  it('judges every read anew when setup or roster change, without reading the log again', () => {
    const read = createReads();
    const fold = createRaceFold(inputsOf([]));
    fold.add([read(finishA, chipOf('1'), 1000)]);
    expect(fold.unknownChips()).toHaveLength(1);
    fold.update(inputsOf(['1']));
    expect(fold.results().rows[0]?.gunMs).toBe(1_000_000);
    expect(fold.unknownChips()).toEqual([]);
    fold.update(inputsOf(['1'], { race: { startAt: '2026-03-06T10:10:00' } }));
    expect(fold.results().rows[0]?.gunMs).toBe(400_000);
    fold.update({ ...inputsOf(['1']), raceId: otherRaceId });
    expect(fold.tally().total['not-mapped']).toBe(1);
  });
});
