import { DEFAULT_RULES, RULE_MAX_MS, type Rules } from '@baton/schema/doc';

/** The rules that are a duration, in the unit people think of them in. */
export type DurationRule = keyof typeof RULE_MAX_MS;
export type Unit = 's' | 'min';

export interface RuleField {
  readonly rule: DurationRule;
  readonly label: string;
  readonly unit: Unit;
  readonly meaning: string;
}

export const RULE_FIELDS: readonly RuleField[] = [
  {
    rule: 'dedupWindowMs',
    label: 'Duplicate window',
    unit: 's',
    meaning: 'Reads of a chip at one point within this time are one crossing.',
  },
  {
    rule: 'minLapMs',
    label: 'Minimum lap',
    unit: 'min',
    meaning: 'A finish sooner than this after the start does not count.',
  },
  {
    rule: 'startWindowMs',
    label: 'Start window',
    unit: 'min',
    meaning: 'Reads at the start within this time of the first are one start; the last of them counts.',
  },
];

const UNIT_MS: Readonly<Record<Unit, number>> = { s: 1000, min: 60_000 };

const PLAIN = /^(\d{1,6})(?:[.,](\d{1,3}))?$/;
const CLOCK = /^(?:(\d{1,2}):(?=\d{2}:))?(\d{1,4}):([0-5]\d)(?:[.,](\d{1,3}))?$/;

/** A duration as it is typed, in ms; null when it is none. */
export const durationMs = (text: string, unit: Unit): number | null => {
  const plain = PLAIN.exec(text);
  if (plain !== null) return Math.round(Number(`${plain[1]}.${plain[2] ?? 0}`) * UNIT_MS[unit]);
  const clock = CLOCK.exec(text);
  if (clock === null) return null;
  const [, hours = '0', minutes = '', seconds = '', decimals = ''] = clock;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(decimals.padEnd(3, '0'));
};

const two = (value: number): string => String(value).padStart(2, '0');

/** A duration as its field shows it: `5`, `2.5` seconds; `10` or `12:30` minutes. */
export const durationText = (ms: number, unit: Unit): string => {
  if (unit === 's') return String(ms / 1000);
  const whole = Math.floor(ms / 60_000);
  const rest = ms - whole * 60_000;
  if (rest === 0) return String(whole);
  const decimals =
    rest % 1000 === 0
      ? ''
      : `.${String(rest % 1000)
          .padStart(3, '0')
          .replace(/0+$/, '')}`;
  return `${whole}:${two(Math.floor(rest / 1000))}${decimals}`;
};

export const durationExpected = ({ unit, rule }: RuleField): string =>
  unit === 's'
    ? `expected seconds from 0 to ${RULE_MAX_MS[rule] / 1000}, such as 5 or 2.5`
    : `expected minutes from 0 to ${RULE_MAX_MS[rule] / 60_000}, such as 10 or 12:30`;

/** What was typed, in ms; null when it is no duration, or one that the rule cannot have. */
export const parseDuration = (text: string, { unit, rule }: RuleField): number | null => {
  const ms = durationMs(text.trim(), unit);
  return ms !== null && ms <= RULE_MAX_MS[rule] ? ms : null;
};

export const defaultText = ({ rule, unit }: RuleField): string => `${durationText(DEFAULT_RULES[rule], unit)} ${unit}`;

export const isDefault = (rules: Rules): boolean =>
  RULE_FIELDS.every(({ rule }) => rules[rule] === DEFAULT_RULES[rule]) && rules.rankBy === DEFAULT_RULES.rankBy;
