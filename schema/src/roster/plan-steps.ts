import type * as Y from 'yjs';
import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { putChips, putParticipants, removeParticipants } from '../doc/roster-edit.ts';
import type { ImportPlan } from './import-plan.ts';
import { removeChips } from './remove-entries.ts';

/** One transaction on the roster document. */
export type PlanStep = (doc: Y.Doc) => void;

const MAX_ENTRIES = 1000;
/** Rough size of a step's update, so that none comes near the 1 MiB that a peer may be sent at once. */
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

/** In pieces bounded by number and by size. */
const pieces = <T>(items: readonly T[], sizeOf: (item: T) => number): readonly (readonly T[])[] => {
  const done: T[][] = [];
  let open: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (open.length > 0 && (open.length >= MAX_ENTRIES || bytes + size > MAX_BYTES)) {
      done.push(open);
      open = [];
      bytes = 0;
    }
    open.push(item);
    bytes += size;
  }
  return open.length > 0 ? [...done, open] : done;
};

const steps = <T>(
  items: readonly T[],
  sizeOf: (item: T) => number,
  apply: (doc: Y.Doc, piece: readonly T[]) => void,
): readonly PlanStep[] => pieces(items, sizeOf).map((piece) => (doc) => apply(doc, piece));

/**
 * What applies a plan, in order: each step is one transaction whose update stays well below 1 MiB, so that
 * a page can pause between them. All of them together, however grouped, give the same document; each writes
 * only what differs, so that steps that were run already change nothing.
 */
export const planSteps = ({ added, changed, removed, chips }: ImportPlan): readonly PlanStep[] => {
  const people = [...changed, ...added].map((it) => it.participant);
  const gone = removed.map((it) => it.participantId);
  const given = [...chips.moved, ...chips.given].map((it): readonly [string, ParticipantId] => [
    it.chip,
    it.participantId,
  ]);
  const taken = chips.removed.map((it) => it.chip);
  return [
    ...steps(taken, keyBytes, removeChips),
    ...steps(gone, keyBytes, (doc, ids) => removeParticipants(doc, new Set(ids))),
    ...steps(people, participantBytes, putParticipants),
    ...steps(given, chipBytes, putChips),
  ];
};

/** Applies a plan at once. */
export const applyPlan = (doc: Y.Doc, plan: ImportPlan): void => {
  for (const step of planSteps(plan)) step(doc);
};
