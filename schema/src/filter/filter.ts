import { err, ok, type Result } from '../result.ts';

/** How a field of a document is compared with a filter's value. */
export const OPERATORS = ['==', '!=', '>', '>=', '<', '<=', 'in', 'array-contains'] as const;
export type Operator = (typeof OPERATORS)[number];

/** What a filter compares with: plain values, nothing that is ever evaluated. */
export type FilterValue = string | number | boolean | null;

export interface Filter {
  /** Dotted path to a field, own properties only: `rank`, `counters.accepted`. */
  readonly field: string;
  readonly op: Operator;
  /** A list for `in`, else one value. */
  readonly value: FilterValue | readonly FilterValue[];
}

export interface BadFilter {
  readonly type: 'bad-filter';
  readonly message: string;
}

export const MAX_FILTERS = 20;
export const MAX_IN_VALUES = 100;
const MAX_FIELD = 128;
const MAX_TEXT = 512;

const bad = (message: string): Result<never, BadFilter> => err({ type: 'bad-filter', message });

const isValue = (value: unknown): value is FilterValue =>
  value === null ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value.length <= MAX_TEXT);

const isOperator = (op: unknown): op is Operator => OPERATORS.some((it) => it === op);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldDefect = (field: unknown): string | null => {
  if (typeof field !== 'string' || field.length === 0 || field.length > MAX_FIELD)
    return `expected a field of 1–${MAX_FIELD} characters`;
  return field.split('.').some((part) => part === '') ? `field ${JSON.stringify(field)} has an empty part` : null;
};

const valueDefect = (op: Operator, value: unknown): string | null => {
  if (op !== 'in')
    return isValue(value)
      ? null
      : `${op} expects a text of at most ${MAX_TEXT} characters, a number, true, false or null`;
  if (!Array.isArray(value) || value.length > MAX_IN_VALUES)
    return `in expects a list of at most ${MAX_IN_VALUES} values`;
  return value.every(isValue) ? null : 'in expects a list of plain values';
};

const ORDERED: ReadonlySet<Operator> = new Set(['>', '>=', '<', '<=']);

const parseOne = (given: unknown): Result<Filter, BadFilter> => {
  if (!isRecord(given)) return bad('expected a filter {field, op, value}');
  const { field, op, value } = given;
  const unknown = Object.keys(given).find((key) => key !== 'field' && key !== 'op' && key !== 'value');
  if (unknown !== undefined)
    return bad(`unknown key ${JSON.stringify(unknown.slice(0, 40))}; expected field, op, value`);
  const wrongField = fieldDefect(field);
  if (wrongField !== null) return bad(wrongField);
  if (!isOperator(op)) return bad(`unknown operator; expected one of ${OPERATORS.join(' ')}`);
  const wrongValue = valueDefect(op, value);
  if (wrongValue !== null) return bad(wrongValue);
  if (ORDERED.has(op) && typeof value !== 'number' && typeof value !== 'string')
    return bad(`${op} expects a number or a text`);
  return ok({ field: field as string, op, value: value as Filter['value'] });
};

/** Filters of anybody, judged once; joined by AND, none means all. */
export const parseFilters = (given: unknown): Result<readonly Filter[], BadFilter> => {
  if (!Array.isArray(given)) return bad('expected a list of filters');
  if (given.length > MAX_FILTERS) return bad(`expected at most ${MAX_FILTERS} filters`);
  const filters: Filter[] = [];
  for (const it of given) {
    const filter = parseOne(it);
    if (!filter.ok) return filter;
    filters.push(filter.value);
  }
  return ok(filters);
};

/** The value at a path; undefined where there is none. */
export const fieldAt = (document: unknown, path: readonly string[]): unknown => {
  let value: unknown = document;
  for (const part of path) {
    if (!isRecord(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
};

export type Predicate = (document: unknown) => boolean;

const typeOf = (value: unknown): string => (value === null ? 'null' : typeof value);

/** Same type and same value; numbers by value, so that 1 is 1.0. */
const isSame = (a: unknown, b: unknown): boolean => typeOf(a) === typeOf(b) && a === b;

const comparison = (op: Operator, wanted: Filter['value']): ((found: unknown) => boolean) => {
  const ordered = (test: (order: number) => boolean) => (found: unknown) => {
    if (typeof found === 'number' && typeof wanted === 'number') return test(found - wanted);
    return (
      typeof found === 'string' && typeof wanted === 'string' && test(found < wanted ? -1 : found > wanted ? 1 : 0)
    );
  };
  switch (op) {
    case '==':
      return (found) => isSame(found, wanted);
    case '!=':
      return (found) => typeOf(found) === typeOf(wanted) && found !== wanted;
    case '>':
      return ordered((order) => order > 0);
    case '>=':
      return ordered((order) => order >= 0);
    case '<':
      return ordered((order) => order < 0);
    case '<=':
      return ordered((order) => order <= 0);
    case 'in':
      return (found) => Array.isArray(wanted) && wanted.some((it) => isSame(found, it));
    case 'array-contains':
      return (found) => Array.isArray(found) && found.some((it) => isSame(it, wanted));
  }
};

/** A missing field, or one of another type than the filter's value, matches nothing, also for `!=`. */
export const compileFilters = (filters: readonly Filter[]): Predicate => {
  const tests = filters.map(({ field, op, value }) => ({ path: field.split('.'), matches: comparison(op, value) }));
  return (document) =>
    tests.every(({ path, matches }) => {
      const found = fieldAt(document, path);
      return found !== undefined && matches(found);
    });
};
