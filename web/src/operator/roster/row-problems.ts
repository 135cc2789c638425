import type { Race } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { RosterRow } from './roster-row.ts';

/** What somebody should look at; nothing here keeps a race from being run. */
export type RowProblem = 'bib-twice' | 'race-gone' | 'category-unknown';

export const PROBLEM_WORDS: Readonly<Record<RowProblem, string>> = {
  'bib-twice': 'bib worn twice',
  'race-gone': 'race is gone',
  'category-unknown': 'category unknown',
};

export type Races = ReadonlyMap<RaceId, Race>;

const isKnownCategory = ({ participant }: RosterRow, races: Races): boolean => {
  const { category, raceId } = participant;
  if (category === null || raceId === null) return true;
  const wanted = category.toLowerCase();
  const categories = races.get(raceId)?.categories ?? [];
  return categories.some((it) => it.categoryId === category || it.name.toLowerCase() === wanted);
};

export const rowProblems = (row: RosterRow, races: Races, twins: ReadonlySet<string>): readonly RowProblem[] => {
  const { participantId, raceId } = row.participant;
  const problems: RowProblem[] = [];
  if (twins.has(participantId)) problems.push('bib-twice');
  if (raceId !== null && !races.has(raceId)) problems.push('race-gone');
  else if (!isKnownCategory(row, races)) problems.push('category-unknown');
  return problems;
};
