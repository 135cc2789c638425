import { type Alarm, DEFAULT_WATCH, WATCH_LIMITS, WATCH_SCHEMAS, WatchPatch } from '@baton/schema/doc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unseenAlarms } from '../../../src/operator/watch/alarm-notice.tsx';
import {
  missingFor,
  type NumberField,
  numberExpected,
  numberHint,
  numberText,
  parseAddress,
  parseNumber,
  WATCHERS,
} from '../../../src/operator/watch/watch-edit.ts';

const fields = new Map(WATCHERS.flatMap((it) => it.fields).map((field) => [field.setting, field]));
const fieldOf = (setting: NumberField['setting']): NumberField => {
  const field = fields.get(setting);
  if (field === undefined) throw new Error(`no field for ${setting}`);
  return field;
};

describe('what is watched', () => {
  it('has a field for each setting', () => {
    const shown = [...WATCHERS.map(({ on }) => on), ...fields.keys(), 'finishWebhookUrl'];
    expect(shown.sort()).toEqual(Object.keys(WATCH_SCHEMAS).sort());
  });

  it.each([
    ['silenceQuietMs', '10', 600_000],
    ['silenceQuietMs', '2:30', 150_000],
    ['silenceQuietMs', '0', null],
    ['silenceMinExpected', '12', 12],
    ['silenceMinExpected', '1.5', null],
    ['silenceMinExpected', '0', null],
    ['unknownChipsPercent', '101', null],
    ['unknownChipsPercent', ' 20 ', 20],
    ['unknownChipsReads', 'many', null],
    ['clockOffsetMs', '2.5', 2500],
    ['clockOffsetMs', '1:30', 90_000],
    ['clockOffsetReads', '-3', null],
  ] as const)('%s: %s is %j', (setting, text, value) => {
    expect(parseNumber(text, fieldOf(setting))).toBe(value);
  });

  it('says what it expects, and the default', () => {
    expect(numberExpected(fieldOf('silenceQuietMs'))).toBe('expected minutes from 0:01 to 360');
    expect(numberExpected(fieldOf('silenceMinExpected'))).toBe('expected people from 1 to 100,000');
    expect(numberHint(fieldOf('clockOffsetMs'))).toMatch(/Default: 10 s\.$/);
  });

  it('reads back what it shows', () => {
    for (const [setting, field] of fields) {
      fc.assert(
        fc.property(fc.integer(WATCH_LIMITS[setting]), (value) => {
          const back = parseNumber(numberText(value, field), field);
          expect(back).toBe(value);
          expect(WatchPatch.safeParse({ [setting]: back }).success).toBe(true);
        }),
        { numRuns: 50 },
      );
    }
  });

  it.each([
    ['https://board.example/x', 'https://board.example/x'],
    ['  ', ''],
    ['board.example', null],
    ['javascript:alert(1)', null],
  ])('takes %j for the address %j', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it('says that a webhook without an address calls nobody', () => {
    const missing = WATCHERS.map((it) => missingFor(it, { ...DEFAULT_WATCH, finishWebhookOn: true }));
    expect(missing.filter((it) => it !== null)).toEqual(['There is no address yet: finishes wait.']);
  });
});

it('alarms that nobody has looked at are those that are raised and not acknowledged', () => {
  const alarm = (alarmId: string, more: Partial<Alarm> = {}): Alarm => ({
    alarmId,
    kind: 'silence',
    message: '',
    raisedAt: 1,
    clearedAt: null,
    acknowledged: null,
    ...more,
  });
  const alarms = [alarm('a'), alarm('b', { clearedAt: 2 }), alarm('c', { acknowledged: { by: 'Ada', at: 3 } })];
  expect(unseenAlarms(alarms).map(({ alarmId }) => alarmId)).toEqual(['a']);
});
