import { describe, expect, it } from 'vitest';
import { FIRST_PLACE, hrefOf, placeOf } from '../../src/receiver/address-store.ts';
import { csvLine, pageCsv, UTF8_MARK, valueText } from '../../src/receiver/csv-text.ts';
import { fileName } from '../../src/receiver/export/export-scope.ts';
import { lagText, mainTimeOf } from '../../src/receiver/results/results-words.ts';
import { createSqlHistory, MOST_STATEMENTS } from '../../src/receiver/sql/sql-history.ts';
import { isNearlyFull, spaceText } from '../../src/receiver/storage-words.ts';
import { sizeText } from '../../src/ui/size-text.ts';

describe('the address', () => {
  it('says where one is, and is plain at the beginning', () => {
    expect(hrefOf(FIRST_PLACE)).toBe('/receive');
    const place = { ...FIRST_PLACE, view: 'reads', stream: 'mat-1.finish', who: '101 & co' } as const;
    expect(placeOf(hrefOf(place).slice('/receive'.length))).toEqual(place);
  });

  it('takes anything, and makes the overview of what it does not know', () => {
    expect(placeOf('?view=nothing&who=%00')).toMatchObject({ view: 'overview' });
    expect(placeOf(`?who=${'x'.repeat(9999)}`).who).toHaveLength(128);
  });
});

describe('CSV out of the database', () => {
  it('quotes what needs it and makes formulas of others inert, numbers never', () => {
    expect(csvLine(['a,b', 'say "x"', '=HYPERLINK("x")', -5, null, '-5'])).toBe(
      `"a,b","say ""x""","'=HYPERLINK(""x"")",-5,,'-5\r\n`,
    );
  });

  it('has names first, and values as texts', () => {
    const at = new Date(Date.UTC(2026, 4, 17));
    const page = {
      columns: [{ name: '=name', type: 'text' }],
      rows: [[at], [Uint8Array.of(1, 255)], [{ a: 1n }], [true]],
      truncated: false,
    };
    expect(pageCsv(page).join('')).toBe(
      `${UTF8_MARK}'=name\r\n2026-05-17T00:00:00.000Z\r\n\\x01ff\r\n"{""a"":""1""}"\r\ntrue\r\n`,
    );
    expect(valueText(new Date(Number.NaN))).toBe('infinity');
  });
});

describe('space on the device', () => {
  it('is told as disks are sold', () => {
    expect([0, 999, 1000, 12_345_678, 1_234_567_890].map(sizeText)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 KB',
      '12.3 MB',
      '1.2 GB',
    ]);
    const standing = { persistence: 'persisted', usedBytes: 9_000_000, quotaBytes: 10_000_000 } as const;
    expect([spaceText(standing), isNearlyFull(standing)]).toEqual(['9.0 MB of 10.0 MB used', true]);
    expect(spaceText({ ...standing, usedBytes: null })).toBeNull();
    expect(isNearlyFull({ ...standing, quotaBytes: null })).toBe(false);
  });
});

it('says as of which read results are, and nothing once they contain all', () => {
  expect(lagText(null)).toBeNull();
  expect(lagText({ pos: 9, endPos: 9, current: true })).toBeNull();
  expect(lagText({ pos: 1000, endPos: 2500, current: false })).toContain('as of read 1,000 of 2,500');
  expect(lagText({ pos: 9, endPos: 9, current: false })).toContain('after a change of the setup');
});

describe('statements run before', () => {
  const keep = (initial: readonly (readonly [string, string])[] = []) => {
    const kept = new Map(initial);
    const set = (key: string, value: string): boolean => kept.set(key, value) === kept;
    return { get: (key: string) => kept.get(key) ?? null, set, remove: (key: string) => void kept.delete(key) };
  };

  it('are kept newest first, each once, a bounded number', () => {
    const history = createSqlHistory(keep(), 'sql');
    for (let at = 0; at < MOST_STATEMENTS + 5; at++) history.add(`SELECT ${at}`);
    history.add('SELECT 10');
    history.add('  ');
    history.add('x'.repeat(100_000));
    expect(history.list().slice(0, 2)).toEqual(['SELECT 10', `SELECT ${MOST_STATEMENTS + 4}`]);
    expect(history.list()).toHaveLength(MOST_STATEMENTS);
    history.clear();
    expect(history.list()).toEqual([]);
  });

  it('are none where the device keeps something else in their place', () => {
    for (const text of ['{', '{"a":1}', 'null'])
      expect(createSqlHistory(keep([['sql', text]]), 'sql').list()).toEqual([]);
    expect(createSqlHistory(keep([['sql', '[1,"SELECT 1"]']]), 'sql').list()).toEqual(['SELECT 1']);
  });
});

it('names files so that every disk takes them', () => {
  expect(fileName({ type: 'epoch', streamId: 'mat-1.finish', epoch: 2 }, 'txt')).toBe('mat-1.finish-epoch-2.txt');
  expect(fileName({ type: 'race', raceId: '../a b' }, 'csv')).toBe('race-.._a_b.csv');
});

describe('the time of a result', () => {
  const gunOnly = { status: '', chipMs: null, gunMs: 61_000 };

  it('is the net time where the race has any, the gun’s where it has none', () => {
    expect(mainTimeOf({ status: '', chipMs: 60_000, gunMs: 61_000 }, true)).toEqual({ type: 'time', ms: 60_000 });
    expect(mainTimeOf(gunOnly, false)).toEqual({ type: 'time', ms: 61_000 });
    expect(mainTimeOf({ status: '', chipMs: null, gunMs: null }, true)).toEqual({ type: 'time', ms: null });
  });

  it('of a runner whose net time nobody knows is the gun’s, marked as such, among others with net times', () => {
    expect(mainTimeOf(gunOnly, true)).toEqual({ type: 'gun-only', ms: 61_000 });
  });

  it('of who did not finish is that word', () => {
    expect(mainTimeOf({ ...gunOnly, status: 'DNF' }, true)).toEqual({ type: 'status', status: 'DNF' });
  });
});
