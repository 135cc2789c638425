import type * as Y from 'yjs';
import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { putChips, putParticipants, removeChip, removeParticipants } from '../doc/roster-edit.ts';
import { changeFields } from './change-fields.ts';
import type { AddedParticipant, ImportPlan } from './import-plan.ts';

/** One transaction on the roster document. */
export type PlanStep = (doc: Y.Doc) => void;

/** Some milliseconds of work. */
const MAX_ENTRIES = 800;
/** Rough size of a step’s update: far below the 1 MiB that a peer may be sent at once. */
const MAX_BYTES = 384 * 1024;
/** Of a character in UTF-8, at most; surrogate pairs are four for two. */
const CHARACTER_BYTES = 3;
const ENTRY_BYTES = 150;

const textBytes = (text: string | null): number => (text?.length ?? 0) * CHARACTER_BYTES;

const participantBytes = (it: Participant): number =>
  ENTRY_BYTES +
  textBytes(it.participantId) +
  textBytes(it.bib) +
  textBytes(it.firstName) +
  textBytes(it.lastName) +
  textBytes(it.club) +
  textBytes(it.category) +
  textBytes(it.raceId);

const chipBytes = ([chip, id]: readonly [string, ParticipantId]): number =>
  ENTRY_BYTES + textBytes(chip) + textBytes(id);

const keyBytes = (key: string): number => ENTRY_BYTES + textBytes(key);

/** Pieces bounded by number and by size. */
function* pieces<T>(
  items: Iterable<T>,
  sizeOf: (item: T) => number,
  maxEntries: number,
): Generator<readonly T[], void, undefined> {
  let open: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (open.length > 0 && (open.length >= maxEntries || bytes + size > MAX_BYTES)) {
      yield open;
      open = [];
      bytes = 0;
    }
    open.push(item);
    bytes += size;
  }
  if (open.length > 0) yield open;
}

const createSteps = (maxEntries: number) =>
  function* steps<T>(
    items: Iterable<T>,
    sizeOf: (item: T) => number,
    apply: (doc: Y.Doc, piece: readonly T[]) => void,
  ): Generator<PlanStep, void, undefined> {
    for (const piece of pieces(items, sizeOf, maxEntries)) yield (doc) => apply(doc, piece);
  };

const participantBytesOf = ({ participant }: AddedParticipant): number => participantBytes(participant);

const addAll = (doc: Y.Doc, added: readonly AddedParticipant[]): void =>
  putParticipants(
    doc,
    added.map((it) => it.participant),
  );

function* chipsGiven({
  moved,
  given,
}: ImportPlan['chips']): Generator<readonly [string, ParticipantId], void, undefined> {
  for (const { chip, participantId } of moved) yield [chip, participantId];
  for (const { chip, participantId } of given) yield [chip, participantId];
}

const removeChips = (doc: Y.Doc, chips: readonly string[]): void => {
  doc.transact(() => {
    for (const chip of chips) removeChip(doc, chip);
  });
};

/**
 * As `planSteps`, each made when it is asked for, of so many entries, and of so many people who go: these are looked for among all
 * chips, so that many small steps would cost more than a few.
 */
export function* eachPlanStep(
  plan: ImportPlan,
  maxEntries = MAX_ENTRIES,
  maxGone = maxEntries,
): Generator<PlanStep, void, undefined> {
  const steps = createSteps(maxEntries);
  const gone = new Set(plan.removed.map((it) => it.participantId));
  // the chips of who is removed go with them
  const taken = plan.chips.removed.filter((it) => !gone.has(it.participantId)).map((it) => it.chip);
  yield* steps(plan.changed, participantBytesOf, changeFields);
  yield* steps(plan.added, participantBytesOf, addAll);
  yield* steps(chipsGiven(plan.chips), chipBytes, putChips);
  yield* steps(taken, keyBytes, removeChips);
  yield* createSteps(maxGone)(gone, keyBytes, (doc, ids) => removeParticipants(doc, new Set(ids)));
}

/**
 * What applies a plan, in order: each step is one transaction whose update stays well below 1 MiB, so that
 * a page can pause between them; what is taken away comes last. All of them together, however grouped, give
 * the same document; each writes only what differs, so that steps that were run already change nothing.
 */
export const planSteps = (plan: ImportPlan): readonly PlanStep[] => [...eachPlanStep(plan)];

/** Applies a plan at once. */
export const applyPlan = (doc: Y.Doc, plan: ImportPlan): void => {
  for (const step of eachPlanStep(plan)) step(doc);
};
