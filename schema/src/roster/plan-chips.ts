import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { err, ok, type Result } from '../result.ts';
import type { GivenChip, ImportPlan, MovedChip, RemovedChip } from './import-plan.ts';
import { shown } from './line-problem.ts';
import type { RosterRow } from './roster-row.ts';
import { type Planning, targetOf } from './row-target.ts';
import type { Sliced } from './sliced.ts';

export type Wearer = Pick<Participant, 'participantId' | 'bib'>;

type PlannedChips = Omit<ImportPlan['chips'], 'removed'>;

const STEP = 100;

/** Somebody of the roster whom a row of a chip list names. */
const wearerOf = (planning: Planning, row: RosterRow): Result<Wearer, string> => {
  const target = targetOf(planning, row);
  if (!target.ok) return target;
  const { current, raceId } = target.value;
  if (current !== null) return ok(current);
  return err(`nobody${raceId === null ? '' : ' of the race'} has bib ${shown(row.bib)}: import the participants first`);
};

/** Whom each row names; what names nobody is a problem. */
export function* findWearers(planning: Planning, rows: readonly RosterRow[]): Sliced<readonly Wearer[]> {
  const wearers: Wearer[] = [];
  for (const [index, row] of rows.entries()) {
    const wearer = wearerOf(planning, row);
    if (wearer.ok) wearers.push(wearer.value);
    else planning.problems.add(row.line, wearer.error);
    if (index % STEP === STEP - 1) yield;
  }
  return wearers;
}

const bibOf = ({ roster }: Planning, id: ParticipantId): string => roster.participants.get(id)?.bib ?? '(nobody)';

/** Gives the chips of the rows to `wearers[i]`, where they are not theirs already. */
export function* planChips(
  planning: Planning,
  rows: readonly RosterRow[],
  wearers: readonly Wearer[],
): Sliced<PlannedChips> {
  const given: GivenChip[] = [];
  const moved: MovedChip[] = [];
  let unchanged = 0;
  const give = (line: number, chip: string, { participantId, bib }: Wearer): void => {
    const from = planning.roster.chips.get(chip);
    if (from === participantId) unchanged++;
    else if (from === undefined) given.push({ line, chip, participantId, bib });
    else {
      planning.warnings.add('chip-moves', line, `chip ${chip} moves from bib ${bibOf(planning, from)} to bib ${bib}`);
      moved.push({ line, chip, participantId, bib, from });
    }
  };
  for (const [index, { line, chips = [] }] of rows.entries()) {
    const wearer = wearers[index];
    if (wearer !== undefined) for (const chip of chips) give(line, chip, wearer);
    if (index % STEP === STEP - 1) yield;
  }
  return { given, moved, unchanged };
}

/** The chips that a replacing chip list takes away: those of the race, or all, that it does not have. */
export function* chipsNotGiven(
  { roster, options }: Planning,
  given: ReadonlySet<string>,
): Sliced<readonly RemovedChip[]> {
  if (options.mode !== 'replace') return [];
  const race = options.raceId ?? null;
  const isMeant = (id: ParticipantId): boolean => race === null || roster.participants.get(id)?.raceId === race;
  const removed: RemovedChip[] = [];
  let count = 0;
  for (const [chip, participantId] of roster.chips) {
    if (!given.has(chip) && isMeant(participantId)) removed.push({ chip, participantId });
    if (++count % STEP === 0) yield;
  }
  return removed;
}
