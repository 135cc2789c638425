import type { Roster } from '../doc/roster-doc.ts';
import type { Setup } from '../doc/setup-doc.ts';
import { indexBibs } from './bib-index.ts';
import type { ImportOptions, ImportPlan, PlanOutcome } from './import-plan.ts';
import { shown } from './line-problem.ts';
import { chipsNotGiven, findWearers, planChips } from './plan-chips.ts';
import { chipsOfRemoved, planParticipants } from './plan-participants.ts';
import type { ParsedRoster, RosterRow } from './roster-row.ts';
import { createPlanning, type Planning } from './row-target.ts';
import { runAtOnce, type Sliced } from './sliced.ts';

/** Rows looked at in one step. */
const STEP = 100;

function* chipsIn(rows: readonly RosterRow[]): Sliced<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const [index, { chips = [] }] of rows.entries()) {
    for (const chip of chips) found.add(chip);
    if (index % STEP === STEP - 1) yield;
  }
  return found;
}

type Parts = Omit<ImportPlan, 'kind' | 'imported' | 'warnings' | 'moreWarnings'>;

function* participantParts(planning: Planning, rows: readonly RosterRow[]): Sliced<Parts> {
  const { targets, ...people } = yield* planParticipants(planning, rows);
  if (planning.problems.count() > 0) return { ...people, chips: NO_CHIPS };
  const chips = yield* planChips(planning, rows, targets);
  if (people.removed.length === 0) return { ...people, chips: { ...chips, removed: [] } };
  const given = yield* chipsIn(rows);
  return { ...people, chips: { ...chips, removed: yield* chipsOfRemoved(planning, people.removed, given) } };
}

function* chipParts(planning: Planning, rows: readonly RosterRow[]): Sliced<Parts> {
  const wearers = yield* findWearers(planning, rows);
  if (planning.problems.count() > 0) return { ...NO_PEOPLE, chips: NO_CHIPS };
  const chips = yield* planChips(planning, rows, wearers);
  const given = yield* chipsIn(rows);
  return { ...NO_PEOPLE, chips: { ...chips, removed: yield* chipsNotGiven(planning, given) } };
}

const NO_PEOPLE = { added: [], changed: [], unchanged: 0, removed: [] } as const;
const NO_CHIPS = { given: [], moved: [], unchanged: 0, removed: [] } as const;

/** As `planImport`, some rows at a time. */
export function* planImportSliced(
  roster: Roster,
  setup: Pick<Setup, 'races'>,
  { kind, rows }: Pick<ParsedRoster, 'kind' | 'rows'>,
  options: ImportOptions = {},
): Sliced<PlanOutcome> {
  const planning = createPlanning(roster, setup, yield* indexBibs(roster), options);
  const { raceId } = options;
  if (raceId != null && !setup.races.has(raceId)) planning.problems.add(null, `there is no race ${shown(raceId)}`);
  if (planning.problems.count() > 0) return { type: 'refused', ...planning.problems.all() };
  const parts = yield* kind === 'participants' ? participantParts(planning, rows) : chipParts(planning, rows);
  if (planning.problems.count() > 0) return { type: 'refused', ...planning.problems.all() };
  return { type: 'planned', plan: { kind, imported: rows.length, ...parts, ...planning.warnings.all() } };
}

/**
 * What a list would do to this roster: nothing is changed by asking. Participants are found by the bib
 * they wear now, within their race; whoever is found keeps id, chips and corrections, and every field
 * that is no column of the file. What cannot be done is refused as a whole, with line numbers.
 */
export const planImport = (
  roster: Roster,
  setup: Pick<Setup, 'races'>,
  parsed: Pick<ParsedRoster, 'kind' | 'rows'>,
  options?: ImportOptions,
): PlanOutcome => runAtOnce(planImportSliced(roster, setup, parsed, options));
