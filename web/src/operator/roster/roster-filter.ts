import type { ResultStatus } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { categoryOf } from '@baton/schema/results';
import { raceYear } from './race-year.ts';
import { fold, type RosterRow } from './roster-row.ts';
import { type Races, rowProblems } from './row-problems.ts';

export const STATUS_FILTERS = ['any', 'problems', 'no-chip', 'corrected', 'DNS', 'DNF', 'DSQ'] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

export interface RosterFilter {
  /** As typed. */
  readonly query: string;
  /** `none`: those in no race. */
  readonly race: RaceId | 'any' | 'none';
  /** Id of a category of the chosen race. */
  readonly category: string | null;
  readonly status: StatusFilter;
}

export const EVERYBODY: RosterFilter = { query: '', race: 'any', category: null, status: 'any' };

/** What a filter needs to know besides the rows. */
export interface FilterContext {
  readonly races: Races;
  readonly twins: ReadonlySet<string>;
  /** `YYYY-MM-DD` of the event; null while it is unknown. */
  readonly date: string | null;
}

export type Match = (row: RosterRow) => boolean;

const isStatus = (status: StatusFilter): status is ResultStatus =>
  status === 'DNS' || status === 'DNF' || status === 'DSQ';

const statusMatch = ({ status }: RosterFilter, { races, twins }: FilterContext): Match | null => {
  if (isStatus(status)) return (row) => row.correction?.status === status;
  switch (status) {
    case 'problems':
      return (row) => rowProblems(row, races, twins).length > 0;
    case 'no-chip':
      return (row) => row.chips.length === 0;
    case 'corrected':
      return (row) => row.correction !== null;
    default:
      return null;
  }
};

const raceMatch = ({ race }: RosterFilter): Match | null => {
  if (race === 'any') return null;
  const wanted = race === 'none' ? null : race;
  return (row) => row.participant.raceId === wanted;
};

const categoryMatch = ({ race, category }: RosterFilter, { races, date }: FilterContext): Match | null => {
  const chosen = race === 'any' || race === 'none' ? undefined : races.get(race);
  if (category === null || chosen === undefined) return null;
  const year = raceYear(chosen, date);
  return (row) => categoryOf(row.participant, chosen.categories, year) === category;
};

/** Shorter words would be found in almost every chip. */
const CHIP_WORD = 4;

const queryMatch = (words: readonly string[]): Match | null => {
  if (words.length === 0) return null;
  const isIn = (row: RosterRow, word: string): boolean =>
    row.words.includes(word) || (word.length >= CHIP_WORD && row.chips.some((chip) => chip.includes(word)));
  return (row) => words.every((word) => isIn(row, word));
};

/** Whoever's bib is what was typed comes first, then bibs that begin so. */
const bibFirst = (rows: readonly RosterRow[], typed: string): readonly RosterRow[] => {
  const [same, begin, others]: [RosterRow[], RosterRow[], RosterRow[]] = [[], [], []];
  for (const row of rows) {
    const bib = fold(row.participant.bib);
    (bib === typed ? same : bib.startsWith(typed) ? begin : others).push(row);
  }
  return [...same, ...begin, ...others];
};

/** The rows that everything chosen holds for, in their order; all words that were typed must be found. */
export const filterRows = (
  rows: readonly RosterRow[],
  filter: RosterFilter,
  context: FilterContext,
): readonly RosterRow[] => {
  const words = fold(filter.query)
    .split(/\s+/)
    .filter((word) => word !== '');
  const matches = [
    raceMatch(filter),
    categoryMatch(filter, context),
    statusMatch(filter, context),
    queryMatch(words),
  ].filter((match) => match !== null);
  const found = matches.length === 0 ? rows : rows.filter((row) => matches.every((match) => match(row)));
  const [word] = words;
  return words.length === 1 && word !== undefined ? bibFirst(found, word) : found;
};
