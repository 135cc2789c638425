import { type Participant, type ParticipantId, participantIdFor, participantName } from '../doc/roster-doc.ts';
import { err, ok, type Result } from '../result.ts';
import type { AddedParticipant, ChangedParticipant, ImportedField, RemovedChip } from './import-plan.ts';
import { shown } from './line-problem.ts';
import type { RosterRow } from './roster-row.ts';
import { type Planning, type Target, targetOf } from './row-target.ts';
import type { Sliced } from './sliced.ts';

export interface PlannedParticipants {
  readonly added: readonly AddedParticipant[];
  readonly changed: readonly ChangedParticipant[];
  readonly unchanged: number;
  readonly removed: readonly Participant[];
  /** Whom each row is about, by its place in the list. */
  readonly targets: readonly Pick<Participant, 'participantId' | 'bib'>[];
}

/** Rows planned, and people or chips looked at, in one step. */
const PLANNED = 20;
const LOOKED_AT = 100;
const FIELDS: readonly ImportedField[] = ['firstName', 'lastName', 'club', 'sex', 'birthYear', 'category'];

type Names = Pick<Participant, 'firstName' | 'lastName'>;

const namesOf = (row: RosterRow, { firstName, lastName }: Names): Names => {
  if (row.firstName !== undefined || row.lastName !== undefined || row.name === undefined) {
    return { firstName: row.firstName ?? firstName, lastName: row.lastName ?? lastName };
  }
  // a whole name says nothing new about the parts of the same name
  const isSame = row.name === participantName({ firstName, lastName });
  return isSame ? { firstName, lastName } : { firstName: '', lastName: row.name };
};

const categoryIn = (planning: Planning, row: RosterRow, before: Participant): Result<string | null, string> => {
  if (row.category === undefined) return ok(before.category);
  if (row.category === null) return ok(null);
  const found = planning.findCategory(before.raceId, row.category);
  if (!found.ok) return found;
  if (!found.value.isKnown) {
    planning.warnings.add('unknown-category', row.line, `there is no category ${shown(row.category)} yet`);
  }
  return ok(found.value.categoryId);
};

/** The participant as the row leaves it: what is no column of the file stays. */
const merged = (planning: Planning, row: RosterRow, before: Participant): Result<Participant, string> => {
  const category = categoryIn(planning, row, before);
  if (!category.ok) return category;
  return ok({
    ...before,
    ...namesOf(row, before),
    club: row.club === undefined ? before.club : row.club,
    sex: row.sex === undefined ? before.sex : row.sex,
    birthYear: row.birthYear === undefined ? before.birthYear : row.birthYear,
    category: category.value,
  });
};

const newcomer = ({ bibs, warnings }: Planning, { bib, line }: RosterRow, { raceId }: Target): Participant => {
  const participantId = bibs.freshId(raceId, bib);
  if (participantId !== participantIdFor(raceId, bib)) {
    warnings.add('bib-reused', line, `bib ${bib} goes to somebody new: who had it before wears another now`);
  }
  const blank = { firstName: '', lastName: '', club: null, sex: null, birthYear: null, category: null };
  return { participantId, bib, ...blank, raceId };
};

const fieldsChanged = (before: Participant, after: Participant): readonly ImportedField[] =>
  FIELDS.filter((field) => before[field] !== after[field]);

/** Rows that are about one and the same participant. */
const createTwiceCheck = () => {
  const lines = new Map<ParticipantId, number>();
  return ({ participantId }: Participant, row: RosterRow): Result<void, string> => {
    const before = lines.get(participantId);
    if (before !== undefined) return err(`bib ${shown(row.bib)} is given twice: it is on line ${before}`);
    lines.set(participantId, row.line);
    return ok(undefined);
  };
};

/** Whom a list that replaces takes away. */
function* removedBy({ roster, options }: Planning, targets: readonly Participant[]): Sliced<readonly Participant[]> {
  if (options.mode !== 'replace') return [];
  const race = options.raceId ?? null;
  const kept = new Set<ParticipantId>();
  for (const [index, { participantId }] of targets.entries()) {
    kept.add(participantId);
    if (index % LOOKED_AT === LOOKED_AT - 1) yield;
  }
  const removed: Participant[] = [];
  let count = 0;
  for (const it of roster.participants.values()) {
    if (!kept.has(it.participantId) && (race === null || it.raceId === race)) removed.push(it);
    if (++count % LOOKED_AT === 0) yield;
  }
  return removed;
}

/** Adds, changes and removes participants as the rows say, some at a time. */
export function* planParticipants(planning: Planning, rows: readonly RosterRow[]): Sliced<PlannedParticipants> {
  const added: AddedParticipant[] = [];
  const changed: ChangedParticipant[] = [];
  const targets: Participant[] = [];
  const checkTwice = createTwiceCheck();
  let unchanged = 0;

  const planRow = (row: RosterRow): Result<void, string> => {
    const target = targetOf(planning, row);
    if (!target.ok) return target;
    const { current } = target.value;
    const before = current ?? newcomer(planning, row, target.value);
    const once = checkTwice(before, row);
    if (!once.ok) return once;
    const after = merged(planning, row, before);
    if (!after.ok) return after;
    const participant = after.value;
    targets.push(participant);
    if (current === null) {
      if (participantName(participant) === '') planning.warnings.add('no-name', row.line, `bib ${row.bib} has no name`);
      added.push({ line: row.line, participant });
      return ok(undefined);
    }
    const fields = fieldsChanged(before, participant);
    if (fields.length > 0) changed.push({ line: row.line, participant, before, fields });
    else unchanged++;
    return ok(undefined);
  };

  for (const [index, row] of rows.entries()) {
    const planned = planRow(row);
    if (!planned.ok) planning.problems.add(row.line, planned.error);
    if (index % PLANNED === PLANNED - 1) yield;
  }
  yield;
  const removed = yield* removedBy(planning, targets);
  return { added, changed, unchanged, removed, targets };
}

/** The chips that go with their participants, unless somebody else gets them. */
export function* chipsOfRemoved(
  { roster }: Planning,
  removed: readonly Participant[],
  given: ReadonlySet<string>,
): Sliced<readonly RemovedChip[]> {
  if (removed.length === 0) return [];
  const gone = new Set(removed.map((it) => it.participantId));
  const found: RemovedChip[] = [];
  let count = 0;
  for (const [chip, participantId] of roster.chips) {
    if (gone.has(participantId) && !given.has(chip)) found.push({ chip, participantId });
    if (++count % LOOKED_AT === 0) yield;
  }
  return found;
}
