export type { BadFilter, Filter, FilterValue, Operator, Predicate } from './filter.ts';
export { compileFilters, fieldAt, MAX_FILTERS, MAX_IN_VALUES, OPERATORS, parseFilters } from './filter.ts';
