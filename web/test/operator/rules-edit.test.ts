import { DEFAULT_RULES, RULE_MAX_MS, RulesPatch } from '@baton/schema/doc';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  defaultText,
  durationExpected,
  durationText,
  isDefault,
  parseDuration,
  RULE_FIELDS,
} from '../../src/operator/rules-edit.ts';

const [dedup, minLap, startWindow] = RULE_FIELDS;

it.each([
  ['5', 5000],
  ['2.5', 2500],
  ['2,5', 2500],
  ['0', 0],
  ['0.001', 1],
  ['1:30', 90_000],
  ['3600', 3_600_000],
])('reads %s seconds as %i ms', (text, ms) => expect(parseDuration(text, dedup!)).toBe(ms));

it.each([
  ['10', 600_000],
  ['12:30', 750_000],
  ['12:30.5', 750_500],
  ['1:00:00', 3_600_000],
  ['1.5', 90_000],
  ['1440', 86_400_000],
])('reads %s minutes as %i ms', (text, ms) => expect(parseDuration(text, minLap!)).toBe(ms));

it.each(['', 'x', '-1', '1:60', '1:5', '3601', '1e3', '5 s', '1:00:0', 'Infinity'])(
  'refuses %s, saying what it expects',
  (text) => {
    expect(parseDuration(text, dedup!)).toBeNull();
    expect(durationExpected(dedup!)).toBe('expected seconds from 0 to 3600, such as 5 or 2.5');
    expect(durationExpected(startWindow!)).toBe('expected minutes from 0 to 1440, such as 10 or 12:30');
  },
);

it('shows every duration so that it reads back the same, within what the document takes', () => {
  for (const field of RULE_FIELDS) {
    expect(RulesPatch.safeParse({ [field.rule]: RULE_MAX_MS[field.rule] + 1 }).success).toBe(false);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: RULE_MAX_MS[field.rule] }), (ms) => {
        expect(parseDuration(durationText(ms, field.unit), field)).toBe(ms);
        expect(RulesPatch.safeParse({ [field.rule]: ms }).success).toBe(true);
      }),
    );
  }
});

it('knows the defaults', () => {
  expect(RULE_FIELDS.map(defaultText)).toEqual(['5 s', '0 min', '10 min']);
  expect(isDefault(DEFAULT_RULES)).toBe(true);
  expect(isDefault({ ...DEFAULT_RULES, rankBy: 'chip' })).toBe(false);
  expect(isDefault({ ...DEFAULT_RULES, minLapMs: 1 })).toBe(false);
});
