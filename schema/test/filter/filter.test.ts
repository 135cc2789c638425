import { compileFilters, type Filter, OPERATORS, parseFilters } from '@baton/schema/filter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const matches = (document: unknown, ...filters: readonly Filter[]): boolean => compileFilters(filters)(document);

const row = { rank: 3, name: 'Ann', club: null, finished: true, tags: ['vip', 7], counters: { accepted: 12 } };

/** Operator, field, value that matches, value that does not, value of another type. */
const TABLE = [
  ['==', 'rank', 3, 4, '3'],
  ['==', 'name', 'Ann', 'ann', 1],
  ['==', 'finished', true, false, 'true'],
  ['!=', 'rank', 4, 3, '4'],
  ['!=', 'name', 'Bob', 'Ann', 4],
  ['>', 'rank', 2.5, 3, '2'],
  ['>=', 'rank', 3, 3.5, '3'],
  ['<', 'rank', 4, 3, '4'],
  ['<=', 'rank', 3.0, 2, '3'],
  ['>', 'name', 'Aa', 'Ann', 0],
  ['<=', 'name', 'Ann', 'Am', 9],
  ['in', 'rank', [1, 3], [1, 2], ['3']],
  ['in', 'name', ['Ann'], [], [null]],
  ['array-contains', 'tags', 'vip', 'VIP', '7'],
  ['array-contains', 'tags', 7, 8, 'seven'],
] as const;

describe('filters', () => {
  it.each(TABLE)('[SX-11] %s on %s: match, no match, another type', (op, field, yes, no, other) => {
    expect(matches(row, { field, op, value: yes })).toBe(true);
    expect(matches(row, { field, op, value: no })).toBe(false);
    expect(matches(row, { field, op, value: other })).toBe(false);
  });

  it('[SX-11] every operator is in the table', () => {
    expect(new Set(TABLE.map(([op]) => op))).toEqual(new Set(OPERATORS));
  });

  it.each(OPERATORS)('[SX-11] %s matches no document that lacks the field, nor one in which it is null', (op) => {
    for (const value of op === 'in' ? [[1], ['x'], [null]] : [1, 'x']) {
      expect(matches(row, { field: 'nowhere', op, value })).toBe(false);
      expect(matches(row, { field: 'counters.nowhere', op, value })).toBe(false);
      if (op !== 'in') expect(matches(row, { field: 'club', op, value })).toBe(false);
    }
  });

  it('[SX-11] null is a value of its own type', () => {
    expect(matches(row, { field: 'club', op: '==', value: null })).toBe(true);
    expect(matches(row, { field: 'rank', op: '!=', value: null })).toBe(false);
    expect(matches(row, { field: 'club', op: 'in', value: [null] })).toBe(true);
  });

  it('[SX-12] are joined by AND, and none match all', () => {
    const [inRank, inName]: readonly Filter[] = [
      { field: 'rank', op: '<=', value: 3 },
      { field: 'name', op: '==', value: 'Bob' },
    ];
    if (inRank === undefined || inName === undefined) throw new Error('two filters');
    expect(matches(row)).toBe(true);
    expect(matches(row, inRank)).toBe(true);
    expect(matches(row, inRank, inName)).toBe(false);
  });

  it('reach into objects by dotted paths, own properties only', () => {
    expect(matches(row, { field: 'counters.accepted', op: '>', value: 11 })).toBe(true);
    for (const field of ['__proto__', 'constructor', 'constructor.name', 'toString', 'tags.length', 'name.length']) {
      expect(matches(row, { field, op: '!=', value: 'x' })).toBe(false);
      expect(matches(row, { field, op: '>=', value: 0 })).toBe(false);
    }
  });

  it('[SX-14] take no value for more than a value', () => {
    const hostile = ['") || true', "' OR 1=1 --", '\\', '{"$ne":null}', '__proto__', '$where'];
    for (const value of hostile) {
      expect(matches(row, { field: 'name', op: '==', value })).toBe(false);
      expect(matches({ name: value }, { field: 'name', op: '==', value })).toBe(true);
    }
    expect(parseFilters([{ field: 'name', op: '==', value: { $ne: null } }])).toMatchObject({ ok: false });
  });

  it.each([
    ['no list', { field: 'rank', op: '==', value: 1 }],
    ['an unknown operator', [{ field: 'rank', op: '~', value: 1 }]],
    ['an operator that is an inherited name', [{ field: 'rank', op: 'constructor', value: 1 }]],
    ['no field', [{ op: '==', value: 1 }]],
    ['an empty part', [{ field: 'a..b', op: '==', value: 1 }]],
    ['too long a field', [{ field: 'x'.repeat(129), op: '==', value: 1 }]],
    ['a missing value', [{ field: 'rank', op: '==' }]],
    ['a list where one value is expected', [{ field: 'rank', op: '==', value: [1] }]],
    ['one value where a list is expected', [{ field: 'rank', op: 'in', value: 1 }]],
    ['a list with too many values', [{ field: 'rank', op: 'in', value: Array.from({ length: 101 }, () => 1) }]],
    ['an order of what has none', [{ field: 'rank', op: '<', value: true }]],
    ['an unknown key', [{ field: 'rank', op: '==', value: 1, eval: 'x' }]],
    ['too many filters', Array.from({ length: 21 }, () => ({ field: 'rank', op: '==', value: 1 }))],
    ['a text that is too long', [{ field: 'name', op: '==', value: 'x'.repeat(513) }]],
  ])('[SX-13] refuses %s', (_what, given) => {
    expect(parseFilters(given)).toMatchObject({ ok: false, error: { type: 'bad-filter' } });
  });

  it('[SX-13] says what is wrong, or takes it, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (given, document) => {
        const parsed = parseFilters(given);
        if (parsed.ok) expect(typeof compileFilters(parsed.value)(document)).toBe('boolean');
        else expect(parsed.error.message.length).toBeLessThan(200);
      }),
    );
  });
});
