import { describe, expect, it } from 'vitest';
import { NOTHING_SELECTED, Selection, sameSelection } from '../../src/selection/index.ts';

describe('[RT-27] selection', () => {
  it.each([
    { mode: 'manual', streams: [] },
    { mode: 'manual', streams: ['box-1.a', 'box-1.b'] },
    { mode: 'race', raceId: 'r1', epochScope: 'all' },
    { mode: 'race', raceId: 'r1', epochScope: 'current' },
  ])('can be %j', (selection) => {
    expect(Selection.parse(selection)).toEqual(selection);
  });

  it.each([
    null,
    {},
    'race',
    { mode: 'all' },
    { mode: 'manual' },
    { mode: 'manual', streams: ['a b'] },
    { mode: 'manual', streams: 'box-1.a' },
    { mode: 'manual', streams: Array.from({ length: 1001 }, () => 'box-1.a') },
    { mode: 'race' },
    { mode: 'race', raceId: '', epochScope: 'all' },
    { mode: 'race', raceId: ' ', epochScope: 'all' },
    { mode: 'race', raceId: '..', epochScope: 'all' },
    { mode: 'race', raceId: 'r1' },
    { mode: 'race', raceId: 'r1', epochScope: 'latest' },
  ])('cannot be %j', (selection) => {
    expect(Selection.safeParse(selection).success).toBe(false);
  });

  it('[RT-33] names a race by its canonical id, however it was spelled', () => {
    const raceId = '0B9D1C36-35A6-4C3E-9A07-6D9B34A1F001';
    const selection = { mode: 'race', raceId, epochScope: 'all' };
    expect(Selection.parse(selection)).toMatchObject({ raceId: raceId.toLowerCase() });
  });

  it('is the same as one that says the same', () => {
    const race = Selection.parse({ mode: 'race', raceId: 'r1', epochScope: 'all' });
    const manual = Selection.parse({ mode: 'manual', streams: ['box-1.a'] });
    const all = [
      race,
      Selection.parse({ mode: 'race', raceId: 'r2', epochScope: 'all' }),
      Selection.parse({ mode: 'race', raceId: 'r1', epochScope: 'current' }),
      manual,
      Selection.parse({ mode: 'manual', streams: ['box-1.a', 'box-1.b'] }),
      Selection.parse({ mode: 'manual', streams: ['box-1.b'] }),
      NOTHING_SELECTED,
    ];
    for (const a of all) for (const b of all) expect(sameSelection(a, structuredClone(b))).toBe(a === b);
  });
});
