import { sameJson } from '../doc/doc-entry.ts';
import type { Participant, ParticipantId, Roster } from '../doc/roster-doc.ts';
import { differentParts } from '../doc/sharded-map.ts';
import type { Sliced } from '../roster/sliced.ts';
import { type ExternalResults, NO_EXTERNAL } from './external-results.ts';
import { sameOffsets } from './held-reads.ts';
import type { InputParts } from './judged.ts';
import type { FoldInputs } from './race-plan.ts';

/** What the difference between two inputs asks for. */
export type InputChange =
  | { readonly type: 'parts'; readonly parts: InputParts }
  /** It concerns everybody: all reads are judged anew. */
  | { readonly type: 'anew' };

/** Entries compared in one step. */
const STEP = 100;
/** Who change so many at once had better be judged anew beside what is shown, and all be swapped in together. */
const MAX_PARTS = 2000;

const raceOf = ({ setup, raceId }: FoldInputs): object | null => {
  const race = setup.races.get(raceId);
  return race === undefined ? null : { startAt: race.startAt, points: race.points, categories: race.categories };
};

/** Whether the rules are the same for everybody. */
const sameRules = (a: FoldInputs, b: FoldInputs): boolean =>
  a.raceId === b.raceId &&
  a.timezone === b.timezone &&
  a.date === b.date &&
  (a.setup.races.size === 1) === (b.setup.races.size === 1) &&
  sameJson(raceOf(a), raceOf(b)) &&
  sameJson(a.setup.rules, b.setup.rules) &&
  sameOffsets(a.setup.epochOffsets, b.setup.epochOffsets);

const sameParticipant = (a: Participant | undefined, b: Participant | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.bib === b.bib &&
    a.firstName === b.firstName &&
    a.lastName === b.lastName &&
    a.club === b.club &&
    a.sex === b.sex &&
    a.birthYear === b.birthYear &&
    a.category === b.category &&
    a.raceId === b.raceId);

/**
 * Keys under which two maps hold different values, a few thousand entries at a time. One map is mostly a copy of the other
 * with an edit, in the same order: then both are read beside each other and nothing is looked up. Parts that both have in
 * common are not looked at.
 */
function* differentKeys<K, V>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
  isSame: (a: V | undefined, b: V | undefined) => boolean,
  tell: (key: K) => void,
): Sliced<void> {
  let count = 0;
  for (const [part, other] of differentParts(before, after)) {
    yield* differentIn(part, other, isSame, tell);
    count += part.size + other.size;
    if (count < STEP) continue;
    count = 0;
    yield;
  }
}

function* differentIn<K, V>(
  before: ReadonlyMap<K, V>,
  after: ReadonlyMap<K, V>,
  isSame: (a: V | undefined, b: V | undefined) => boolean,
  tell: (key: K) => void,
): Sliced<void> {
  let count = 0;
  const old = before.entries();
  let beside = old.next();
  for (const [key, value] of after) {
    while (beside.done !== true && beside.value[0] !== key && !after.has(beside.value[0])) {
      tell(beside.value[0]);
      beside = old.next();
    }
    if (beside.done !== true && beside.value[0] === key) {
      if (!isSame(beside.value[1], value)) tell(key);
      beside = old.next();
    } else if (!isSame(before.get(key), value)) tell(key);
    if (++count % STEP === 0) yield;
  }
  for (; beside.done !== true; beside = old.next()) {
    if (!after.has(beside.value[0])) tell(beside.value[0]);
    if (++count % STEP === 0) yield;
  }
}

interface MutableParts extends InputParts {
  readonly chips: Set<string>;
  readonly participants: Set<ParticipantId>;
  readonly bibs: Set<string>;
}

/** A chip of somebody who is another one, or gone, may count for another race or for nobody. */
function* eachChipOf(
  participants: ReadonlySet<ParticipantId>,
  { chips }: Roster,
  tell: (chip: string) => void,
): Sliced<void> {
  let count = 0;
  for (const [chip, participantId] of chips) {
    if (participants.has(participantId)) tell(chip);
    if (++count % STEP === 0) yield;
  }
}

function* compareRosters(before: Roster, after: Roster, parts: MutableParts): Sliced<void> {
  const { participants, chips, bibs } = parts;
  const addParticipant = (id: ParticipantId): void => {
    participants.add(id);
  };
  if (before.participants !== after.participants) {
    yield* differentKeys(before.participants, after.participants, sameParticipant, addParticipant);
  }
  if (before.corrections !== after.corrections) {
    yield* differentKeys(before.corrections, after.corrections, sameJson, addParticipant);
  }
  if (participants.size > MAX_PARTS) return;
  const addChip = (key: string): void => {
    chips.add(key);
  };
  if (before.chips !== after.chips) yield* differentKeys(before.chips, after.chips, Object.is, addChip);
  if (participants.size > 0) yield* eachChipOf(participants, after, addChip);
  for (const id of participants) {
    for (const it of [before.participants.get(id), after.participants.get(id)]) if (it !== undefined) bibs.add(it.bib);
  }
}

function* compareExternal(before: ExternalResults, after: ExternalResults, bibs: Set<string>): Sliced<void> {
  const add = (bib: string): void => {
    bibs.add(bib);
  };
  yield* differentKeys(before.byBib, after.byBib, sameJson, add);
  yield* differentKeys(before.onCourse, after.onCourse, sameJson, add);
}

/** Compares what was judged by with other inputs, a few thousand entries at a time. */
export function* compareInputs(before: FoldInputs, after: FoldInputs): Sliced<InputChange> {
  if (!sameRules(before, after)) return { type: 'anew' };
  const parts: MutableParts = { chips: new Set(), participants: new Set(), bibs: new Set() };
  if (before.roster !== after.roster) yield* compareRosters(before.roster, after.roster, parts);
  const [told, tells] = [before.external ?? NO_EXTERNAL, after.external ?? NO_EXTERNAL];
  if (told !== tells) yield* compareExternal(told, tells, parts.bibs);
  if (parts.participants.size + parts.chips.size + parts.bibs.size > MAX_PARTS) return { type: 'anew' };
  return { type: 'parts', parts };
}
