import { compileFilters, type Filter, type FilterValue, fieldAt, type Predicate } from '@baton/schema/filter';

/** Something that wants documents that pass its filters. */
interface Entry<T> {
  readonly item: T;
  readonly matches: Predicate;
}

/**
 * Who wants a document, without asking everybody: each item is filed under one of its filters, the most telling one, and only those
 * filed where the document belongs are asked about the rest. Items that no filter can file are always asked.
 */
export interface Matcher<T> {
  readonly add: (item: T, filters: readonly Filter[]) => void;
  readonly remove: (item: T) => void;
  /** Calls with everybody who wants the document, once each. */
  readonly each: (document: unknown, found: (item: T) => void) => void;
  readonly size: () => number;
  readonly all: (each: (item: T) => void) => void;
  /** How many were asked at the last call: what a document costs. */
  readonly asked: () => number;
}

/** `"3"` and `3` are filed apart. */
const keyOf = (value: unknown): string => `${typeof value}:${String(value)}`;

/** Items filed by the values that a field may have. */
interface Equals<T> {
  readonly path: readonly string[];
  readonly byValue: Map<string, Set<Entry<T>>>;
}

/** Items that want numbers up to a bound, or from one on; sorted by it, so that those concerned lie together. */
interface Bounds<T> {
  readonly path: readonly string[];
  /** Ascending by bound. */
  readonly upTo: { readonly bound: number; readonly entry: Entry<T> }[];
  readonly from: { readonly bound: number; readonly entry: Entry<T> }[];
}

type Filing<T> =
  | { readonly type: 'equals'; readonly sets: readonly Set<Entry<T>>[] }
  | { readonly type: 'bound'; readonly list: { readonly bound: number; readonly entry: Entry<T> }[] }
  | { readonly type: 'rest' };

const isList = (value: Filter['value']): value is readonly FilterValue[] => Array.isArray(value);

const RANGE_UP: ReadonlySet<string> = new Set(['<', '<=']);
const RANGE_DOWN: ReadonlySet<string> = new Set(['>', '>=']);

const isRange = ({ op, value }: Filter): boolean =>
  typeof value === 'number' && (RANGE_UP.has(op) || RANGE_DOWN.has(op));

/** Lower is more telling: one value, then a few, then a range. */
const weightOf = (filter: Filter): number => {
  if (filter.op === '==') return 0;
  if (filter.op === 'in') return isList(filter.value) ? filter.value.length : Number.POSITIVE_INFINITY;
  return isRange(filter) ? 1000 : Number.POSITIVE_INFINITY;
};

const mostTelling = (filters: readonly Filter[]): Filter | null =>
  filters.reduce<Filter | null>((best, it) => {
    const weight = weightOf(it);
    return Number.isFinite(weight) && (best === null || weight < weightOf(best)) ? it : best;
  }, null);

/** Where `bound` belongs in a sorted list: behind its equals. */
const placeOf = (list: readonly { readonly bound: number }[], bound: number): number => {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.bound ?? Number.POSITIVE_INFINITY) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** The first place whose bound is at least `value`. */
const firstFrom = (list: readonly { readonly bound: number }[], value: number): number => {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.bound ?? Number.POSITIVE_INFINITY) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const createMatcher = <T>(): Matcher<T> => {
  const entries = new Map<T, { readonly entry: Entry<T>; readonly filing: Filing<T> }>();
  const equals = new Map<string, Equals<T>>();
  const bounds = new Map<string, Bounds<T>>();
  const rest = new Set<Entry<T>>();
  let asked = 0;

  const equalsOf = (field: string): Equals<T> => {
    const known = equals.get(field) ?? { path: field.split('.'), byValue: new Map() };
    equals.set(field, known);
    return known;
  };

  const fileByValue = (entry: Entry<T>, field: string, values: readonly FilterValue[]): Filing<T> => {
    const { byValue } = equalsOf(field);
    const sets = [...new Set(values.map(keyOf))].map((key) => {
      const set = byValue.get(key) ?? new Set();
      byValue.set(key, set);
      set.add(entry);
      return set;
    });
    return { type: 'equals', sets };
  };

  const fileByBound = (entry: Entry<T>, { field, op }: Filter, bound: number): Filing<T> => {
    const known = bounds.get(field) ?? { path: field.split('.'), upTo: [], from: [] };
    bounds.set(field, known);
    const list = RANGE_UP.has(op) ? known.upTo : known.from;
    list.splice(placeOf(list, bound), 0, { bound, entry });
    return { type: 'bound', list };
  };

  const file = (entry: Entry<T>, filters: readonly Filter[]): Filing<T> => {
    const best = mostTelling(filters);
    if (best === null) {
      rest.add(entry);
      return { type: 'rest' };
    }
    if (isList(best.value)) return fileByValue(entry, best.field, best.value);
    if (best.op !== '==' && typeof best.value === 'number') return fileByBound(entry, best, best.value);
    return fileByValue(entry, best.field, [best.value]);
  };

  const unfile = (entry: Entry<T>, filing: Filing<T>): void => {
    if (filing.type === 'rest') rest.delete(entry);
    else if (filing.type === 'equals') for (const set of filing.sets) set.delete(entry);
    else {
      const at = filing.list.findIndex((it) => it.entry === entry);
      if (at >= 0) filing.list.splice(at, 1);
    }
  };

  /** Empty sets are let go, so that values of long ago cost nothing. */
  const tidy = (): void => {
    for (const [field, { byValue }] of equals) {
      for (const [key, set] of byValue) if (set.size === 0) byValue.delete(key);
      if (byValue.size === 0) equals.delete(field);
    }
    for (const [field, { upTo, from }] of bounds) if (upTo.length + from.length === 0) bounds.delete(field);
  };

  const askByValue = (document: unknown, ask: (entry: Entry<T>) => void): void => {
    for (const { path, byValue } of equals.values()) {
      for (const entry of byValue.get(keyOf(fieldAt(document, path))) ?? []) ask(entry);
    }
  };

  const askByBound = (document: unknown, ask: (entry: Entry<T>) => void): void => {
    for (const { path, upTo, from } of bounds.values()) {
      const value = fieldAt(document, path);
      if (typeof value !== 'number') continue;
      for (const { entry } of upTo.slice(firstFrom(upTo, value))) ask(entry);
      for (const { entry } of from.slice(0, placeOf(from, value))) ask(entry);
    }
  };

  const each = (document: unknown, found: (item: T) => void): void => {
    asked = 0;
    const ask = (entry: Entry<T>): void => {
      asked++;
      if (entry.matches(document)) found(entry.item);
    };
    for (const entry of rest) ask(entry);
    askByValue(document, ask);
    askByBound(document, ask);
  };

  return {
    add: (item, filters) => {
      const entry = { item, matches: compileFilters(filters) };
      entries.set(item, { entry, filing: file(entry, filters) });
    },
    remove: (item) => {
      const known = entries.get(item);
      if (known === undefined) return;
      entries.delete(item);
      unfile(known.entry, known.filing);
      tidy();
    },
    each,
    size: () => entries.size,
    all: (visit) => {
      for (const item of [...entries.keys()]) visit(item);
    },
    asked: () => asked,
  };
};
