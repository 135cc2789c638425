import { describe, expect, it } from 'vitest';
import { compareFrozen, foldRace, frozenParts, RESULTS_VERSION, type ResultRow } from '../../src/results/index.ts';
import { chipOf, createReads, finishA, half, inputsOf } from './race-fixture.ts';

const listOf = (seconds: Readonly<Record<string, number>>): readonly ResultRow[] => {
  const read = createReads();
  const reads = Object.entries(seconds).map(([bib, time]) => read(finishA, chipOf(bib), time));
  return foldRace(inputsOf(['1', '2', '3']), reads).rows;
};

const textOf = (rows: readonly ResultRow[]): string => [...frozenParts(rows)].join('');

describe('a frozen list', () => {
  it('is told what would change, and changes nothing', () => {
    const frozen = listOf({ 1: 100, 2: 110 });
    const before = structuredClone(frozen);
    const { changed, added, gone } = compareFrozen(frozen, listOf({ 2: 110, 3: 120 }));
    expect(gone.map(({ bib }) => bib)).toEqual(['1']);
    expect(added.map(({ bib }) => bib)).toEqual(['3']);
    expect(changed.map(({ before: was, after: is }) => [was.bib, was.rank, is.rank])).toEqual([['2', 2, 1]]);
    expect(frozen).toEqual(before);
    expect(compareFrozen(frozen, listOf({ 1: 100, 2: 110 }))).toEqual({ changed: [], added: [], gone: [] });
  });

  it('tells rows of a bib that was given twice apart', () => {
    const [row] = listOf({ 1: 100 });
    if (row === undefined) throw new Error('expected a row');
    const twin = { ...row, name: 'Twin' };
    expect(compareFrozen([row, twin], [row])).toEqual({ changed: [], added: [], gone: [twin] });
    expect(compareFrozen([row], [row, twin])).toEqual({ changed: [], added: [twin], gone: [] });
  });

  it('gives the same bytes for the same rows, in whatever order their fields were written', () => {
    const rows = listOf({ 1: 100, 2: 110 });
    const turned = rows.map((row) => Object.fromEntries(Object.entries(row).reverse()) as unknown as ResultRow);
    expect(textOf(turned)).toBe(textOf(rows));
    expect(textOf(JSON.parse(JSON.stringify(rows)))).toBe(textOf(rows));
    expect(textOf(rows).startsWith(`baton results ${RESULTS_VERSION}\n["race-10k","1","Ada N1",`)).toBe(true);
  });

  it('gives other bytes for anything that can be seen of a row', () => {
    const read = createReads();
    const [row] = foldRace(inputsOf(['1']), [read(half, chipOf('1'), 50), read(finishA, chipOf('1'), 100)]).rows;
    const [split] = row?.splits ?? [];
    if (row === undefined || split === undefined) throw new Error('expected a row with a split');
    const seen = new Set([textOf([row])]);
    for (const key of Object.keys(row))
      seen.add(textOf([{ ...row, [key]: key === 'splits' ? [] : 'other' } as ResultRow]));
    for (const key of Object.keys(split)) {
      seen.add(textOf([{ ...row, splits: [{ ...split, [key]: 'other' }] } as unknown as ResultRow]));
    }
    expect(seen.size).toBe(1 + Object.keys(row).length + Object.keys(split).length);
    expect([...frozenParts([row], '2')]).not.toEqual([...frozenParts([row], '1')]);
  });
});
