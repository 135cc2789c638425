import type { Participant, Roster } from '../doc/roster-doc.ts';
import type { Setup } from '../doc/setup-doc.ts';
import type { RaceId } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';
import type { BibIndex } from './bib-index.ts';
import type { ImportOptions } from './import-plan.ts';
import { createProblemList, type ProblemList, shown } from './line-problem.ts';
import { categoryFinder, type FoundCategory, raceFinder } from './race-names.ts';
import type { RosterRow } from './roster-row.ts';
import { createWarningList, type WarningList } from './warning-list.ts';

/** What a plan is made from, and what it finds on the way. */
export interface Planning {
  readonly roster: Roster;
  readonly options: ImportOptions;
  readonly bibs: BibIndex;
  readonly findRace: (text: string) => Result<RaceId, string>;
  readonly findCategory: (raceId: RaceId | null, text: string) => Result<FoundCategory, string>;
  readonly problems: ProblemList;
  readonly warnings: WarningList;
}

export const createPlanning = (
  roster: Roster,
  setup: Pick<Setup, 'races'>,
  bibs: BibIndex,
  options: ImportOptions,
): Planning => ({
  roster,
  options,
  bibs,
  findRace: raceFinder(setup),
  findCategory: categoryFinder(setup),
  problems: createProblemList(),
  warnings: createWarningList(),
});

/** Whom a row is about: somebody of the roster, or (null) somebody new of this race. */
export interface Target {
  readonly current: Participant | null;
  readonly raceId: RaceId | null;
}

/** The race that a row is of: its own word, else the import's, else it does not say. */
const raceOf = ({ options, findRace, warnings }: Planning, row: RosterRow): Result<RaceId | null, string> => {
  const given = options.raceId ?? null;
  if (row.race === undefined || row.race === null) return ok(given);
  const found = findRace(row.race);
  if (found.ok && given !== null && found.value !== given) {
    warnings.add('other-race', row.line, `bib ${row.bib} is of the race ${shown(row.race)}, as its line says`);
  }
  return found;
};

/** A row finds its participant by the bib worn now, in its race. */
export const targetOf = (planning: Planning, row: RosterRow): Result<Target, string> => {
  const race = raceOf(planning, row);
  if (!race.ok) return race;
  const holder = planning.bibs.holder(race.value ?? 'any', row.bib);
  if (holder.type === 'none') return ok({ current: null, raceId: race.value });
  if (holder.type === 'several') {
    return err(`bib ${shown(row.bib)} is in ${holder.count} races: say which race is meant`);
  }
  if (holder.others > 0) {
    planning.warnings.add(
      'bib-twice',
      row.line,
      `bib ${row.bib} is worn by ${holder.others + 1} participants of the race`,
    );
  }
  return ok({ current: holder.participant, raceId: holder.participant.raceId });
};
