import { describe, expect, it } from 'vitest';
import type { Correction } from '../../src/doc/index.ts';
import {
  createRaceFold,
  type ExternalResults,
  type FoldInputs,
  type FoldRead,
  foldRace,
  NO_EXTERNAL,
} from '../../src/results/index.ts';
import { chipOf, createReads, finishA, half, idOf, inputsOf, raceId, rosterOf, runner, start } from './race-fixture.ts';

const AT = Date.UTC(2026, 2, 6, 11);

const results = (
  byBib: Readonly<
    Record<string, { readonly timeMs?: number; readonly status?: 'DNF' | 'DSQ' | 'DNS'; readonly at?: number }>
  >,
): ExternalResults => ({
  ...NO_EXTERNAL,
  byBib: new Map(
    Object.entries(byBib).map(([bib, { timeMs, status, at }]) => [
      bib,
      { timeMs: timeMs ?? null, status: status ?? null, at: at ?? AT },
    ]),
  ),
});

const withExternal = (inputs: FoldInputs, external: ExternalResults): FoldInputs => ({ ...inputs, external });

const correction = (more: Partial<Correction>): Correction => ({
  status: null,
  manualMs: null,
  reason: '',
  author: 'kim',
  at: 1,
  ...more,
});

const shortRows = (inputs: FoldInputs, reads: readonly FoldRead[] = []) =>
  foldRace(inputs, reads).rows.map(({ bib, name, rank, status, gunMs, chipMs }) => [
    bib,
    name,
    rank,
    status,
    gunMs,
    chipMs,
  ]);

describe('results of other timing systems', () => {
  it('[CN-25] stand over what reads give, and gaps and ranks follow', () => {
    const read = createReads();
    const reads = [
      read(start, chipOf('1'), 5),
      read(finishA, chipOf('1'), 1000),
      read(finishA, chipOf('2'), 990),
      read(finishA, chipOf('3'), 980),
    ];
    const inputs = withExternal(inputsOf(['1', '2', '3']), results({ 1: { timeMs: 970_000 }, 3: { status: 'DNF' } }));
    expect(shortRows(inputs, reads)).toEqual([
      ['1', 'Ada N1', 1, null, 970_000, 965_000],
      ['2', 'Ada N2', 2, null, 990_000, null],
      ['3', 'Ada N3', null, 'DNF', 980_000, null],
    ]);
    expect(foldRace(inputs, reads).rows.map(({ behindMs }) => behindMs)).toEqual([0, 20_000, null]);
  });

  it('leave alone what they do not tell: a status without a time, a time without a status', () => {
    const read = createReads();
    const inputs = withExternal(inputsOf(['1', '2']), results({ 1: {}, 2: { status: 'DSQ' } }));
    expect(shortRows(inputs, [read(finishA, chipOf('1'), 700), read(finishA, chipOf('2'), 600)])).toEqual([
      ['1', 'Ada N1', 1, null, 700_000, null],
      ['2', 'Ada N2', null, 'DSQ', 600_000, null],
    ]);
  });

  it('give way to an operator, whose time lifts a status', () => {
    const corrections = new Map([
      [idOf('1'), correction({ manualMs: 900_000 })],
      [idOf('2'), correction({ status: 'DSQ' })],
    ]);
    const roster = rosterOf([runner('1'), runner('2')], corrections);
    const external = results({ 1: { timeMs: 800_000, status: 'DNF' }, 2: { timeMs: 700_000 } });
    expect(shortRows(withExternal(inputsOf([], { roster }), external))).toEqual([
      ['1', 'Ada N1', 1, null, 900_000, null],
      ['2', 'Ada N2', null, 'DSQ', 700_000, null],
    ]);
  });

  it('[CN-25] of a bib that nobody has are rows without a name until its structure comes', () => {
    const fold = createRaceFold(withExternal(inputsOf(['1']), results({ 7: { timeMs: 600_000 } })));
    expect(fold.rowsOf('7')).toMatchObject([{ raceId, bib: '7', name: '', rank: 1, gunMs: 600_000 }]);
    fold.takeChanges();
    fold.update(withExternal(inputsOf(['1', '7']), results({ 7: { timeMs: 600_000 } })));
    expect(fold.rowsOf('7')).toMatchObject([{ bib: '7', name: 'Ada N7', rank: 1 }]);
    expect(fold.takeChanges()).toMatchObject({
      type: 'some',
      rows: [{ bib: '7', name: 'Ada N7' }],
      gone: [],
      total: 1,
    });
    fold.update(withExternal(inputsOf(['1', '7']), NO_EXTERNAL));
    expect(fold.takeChanges()).toMatchObject({ type: 'some', rows: [], gone: ['7'], total: 0 });
  });

  it('rank by their times in a race without any start, before those who only crossed the finish', () => {
    const read = createReads();
    const inputs = withExternal(
      inputsOf(['1', '2', '3'], { race: { startAt: null, points: [] } }),
      results({ 1: { timeMs: 620_000 }, 2: { timeMs: 610_000 } }),
    );
    const { rows } = foldRace(inputs, [read(finishA, chipOf('3'), 5)]);
    expect(rows.map(({ bib, rank, behindMs }) => [bib, rank, behindMs])).toEqual([
      ['2', 1, 0],
      ['1', 2, 10_000],
      ['3', 3, null],
    ]);
  });

  it('[CN-04] put people on the course, as far as no read knows better', () => {
    const read = createReads();
    const onCourse = new Map([
      ['1', { startedAt: AT, lastPoint: null, at: AT }],
      ['2', { startedAt: null, lastPoint: 's', at: AT }],
      ['3', { startedAt: null, lastPoint: 'k5', at: AT }],
      ['4', { startedAt: null, lastPoint: null, at: AT }],
    ]);
    const fold = createRaceFold(inputsOf(['1', '2', '3', '4']));
    fold.add([read(half, chipOf('2'), 500), read(finishA, chipOf('4'), 900)]);
    fold.takeChanges();
    fold.update(withExternal(inputsOf(['1', '2', '3', '4']), { ...NO_EXTERNAL, onCourse }));
    expect(
      fold.onCourse().map(({ bib, lastPoint, elapsedMs, nextPoint }) => [bib, lastPoint, elapsedMs, nextPoint]),
    ).toEqual([
      ['2', 'k5', 500_000, 'f'],
      ['3', 'k5', null, 'f'],
      ['1', '', null, 'k5'],
    ]);
    expect(fold.takeChanges()).toMatchObject({ type: 'some', onCourse: [{ bib: '3' }, { bib: '1' }], offCourse: [] });
    fold.update(inputsOf(['1', '2', '3', '4']));
    expect(fold.takeChanges()).toMatchObject({ type: 'some', gone: ['1', '3'], onCourse: [], offCourse: ['1', '3'] });
  });

  it('[CN-04] tell a point by its id, its name, or in the words of the other system', () => {
    const at = (lastPoint: string) => new Map([['1', { startedAt: AT, lastPoint, at: AT }]]);
    const fold = createRaceFold(inputsOf(['1']));
    fold.takeChanges();
    const places = ['k5', 'K5', 'Aid station', 'Bridge'].map((lastPoint) => {
      fold.update(withExternal(inputsOf(['1']), { ...NO_EXTERNAL, onCourse: at(lastPoint) }));
      const changes = fold.takeChanges();
      return changes.type === 'some' ? changes.onCourse.map((it) => it.lastPoint) : changes.type;
    });
    expect(places).toEqual([['k5'], [], ['Aid station'], ['Bridge']]);
  });
});
