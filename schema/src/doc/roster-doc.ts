import type * as Y from 'yjs';
import { z } from 'zod';
import { RaceId } from '../ids.ts';
import { type DocProblem, deleteEntries, firstIssue, problemAt, putEntry, setEntry } from './doc-entry.ts';
import { CategoryId, Sex } from './race.ts';
import { rosterRoots } from './roots.ts';

/** Key of a participant: 1–300 characters, none of them a control character. */
export const ParticipantId = z
  .string()
  .regex(/^[^\p{Cc}]{1,300}$/u, 'expected 1-300 printable characters')
  .brand<'ParticipantId'>();
export type ParticipantId = z.infer<typeof ParticipantId>;

const Text = z.string().trim().max(200);

/** A start number as people write it: `17`, `A-17`. */
export const Bib = z
  .string()
  .trim()
  .max(32)
  .regex(/^[^\p{Cc}]+$/u, 'expected a bib of printable characters');

/** What the document holds of one participant, as one value: its fields are edited together. */
const ParticipantFields = z.object({
  bib: Bib,
  /** A source that knows only one name puts it into `lastName`. */
  firstName: Text.default(''),
  lastName: Text.default(''),
  club: Text.nullable().default(null),
  sex: Sex.nullable().default(null),
  birthYear: z.int().min(1850).max(2200).nullable().default(null),
  /** Id of a category of the race; null: by age and sex. */
  category: CategoryId.nullable().default(null),
  /** Null: takes part in whatever race its chip is read in. */
  raceId: RaceId.nullable().default(null),
});

export const ParticipantInput = ParticipantFields.extend({ participantId: ParticipantId });
/** As given: everything but id and bib may be left out. */
export type ParticipantInput = z.input<typeof ParticipantInput>;
export type Participant = Readonly<z.infer<typeof ParticipantInput>>;

export const ResultStatus = z.enum(['DNS', 'DNF', 'DSQ']);
export type ResultStatus = z.infer<typeof ResultStatus>;

export const Correction = z.object({
  status: ResultStatus.nullable().default(null),
  /** The time that counts instead of the measured one, in ms from the gun. */
  manualMs: z.int().min(0).max(1_000_000_000).nullable().default(null),
  reason: z.string().max(500).default(''),
  author: z.string().max(200).default(''),
  /** Milliseconds since the Unix epoch. */
  at: z.int().min(0),
});
export type Correction = Readonly<z.infer<typeof Correction>>;

export interface Roster {
  readonly participants: ReadonlyMap<ParticipantId, Participant>;
  /** By `chipKey`. */
  readonly chips: ReadonlyMap<string, ParticipantId>;
  readonly corrections: ReadonlyMap<ParticipantId, Correction>;
}

export const EMPTY_ROSTER: Roster = { participants: new Map(), chips: new Map(), corrections: new Map() };

/** How a chip is looked up: without blanks around it and in lower case, as reads carry it. */
export const chipKey = (chip: string): string => chip.trim().toLowerCase();

export const participantName = (it: Pick<Participant, 'firstName' | 'lastName'>): string =>
  `${it.firstName} ${it.lastName}`.trim();

/**
 * The id under which an import puts a new participant: the same on every replica, so that one list
 * imported twice, also offline on two machines, gives one participant and not two.
 * A participant keeps its id when its bib changes; an import therefore looks for the bib first.
 */
export const participantIdFor = (raceId: RaceId | null, bib: string): ParticipantId =>
  ParticipantId.parse(`${raceId ?? ''}#${bib}`);

interface Parsed {
  readonly participant: Participant | null;
  readonly problem: string | null;
}

const parseParticipant = (key: string, value: unknown): Parsed => {
  const id = ParticipantId.safeParse(key);
  if (!id.success) return { participant: null, problem: firstIssue(id.error) };
  const fields = ParticipantFields.safeParse(value);
  if (!fields.success) return { participant: null, problem: firstIssue(fields.error) };
  return { participant: { participantId: id.data, ...fields.data }, problem: null };
};

export interface RosterRead {
  readonly roster: Roster;
  readonly problems: readonly DocProblem[];
}

const MAX_CHIP = 128;

const readChips = (map: Y.Map<unknown>, problems: DocProblem[]): ReadonlyMap<string, ParticipantId> => {
  const chips = new Map<string, ParticipantId>();
  for (const [chip, value] of map.entries()) {
    const participantId = ParticipantId.safeParse(value);
    if (chip === '' || chip.length > MAX_CHIP || chipKey(chip) !== chip) {
      problems.push(problemAt('chips', chip, 'expected a chip in lower case'));
    } else if (participantId.success) chips.set(chip, participantId.data);
    else problems.push(problemAt('chips', chip, firstIssue(participantId.error)));
  }
  return chips;
};

const readCorrections = (map: Y.Map<unknown>, problems: DocProblem[]): ReadonlyMap<ParticipantId, Correction> => {
  const corrections = new Map<ParticipantId, Correction>();
  for (const [key, value] of map.entries()) {
    const id = ParticipantId.safeParse(key);
    const correction = Correction.safeParse(value);
    if (id.success && correction.success) corrections.set(id.data, correction.data);
    else
      problems.push(
        problemAt('corrections', key, correction.success ? 'unexpected key' : firstIssue(correction.error)),
      );
  }
  return corrections;
};

/**
 * A reader that remembers what it parsed: reading again after an edit parses only the records that
 * are new. Yjs hands out the same object for an unchanged entry, so that object is the memory's key.
 */
export const createRosterReader = (): ((doc: Y.Doc) => RosterRead) => {
  const known = new WeakMap<object, Parsed>();
  const parse = (key: string, value: unknown): Parsed => {
    if (typeof value !== 'object' || value === null) return parseParticipant(key, value);
    const parsed = known.get(value) ?? parseParticipant(key, value);
    known.set(value, parsed);
    return parsed;
  };
  return (doc) => {
    const roots = rosterRoots(doc);
    const problems: DocProblem[] = [];
    const participants = new Map<ParticipantId, Participant>();
    for (const [key, value] of roots.participants.entries()) {
      const { participant, problem } = parse(key, value);
      if (participant !== null) participants.set(participant.participantId, participant);
      else problems.push(problemAt('participants', key, problem ?? 'unexpected value'));
    }
    const chips = readChips(roots.chips, problems);
    return { roster: { participants, chips, corrections: readCorrections(roots.corrections, problems) }, problems };
  };
};

/** Reads the whole roster once. What does not parse is left out and named in `problems`. */
export const readRoster = (doc: Y.Doc): RosterRead => createRosterReader()(doc);

const writeParticipant = (map: Y.Map<unknown>, input: ParticipantInput): void => {
  const { participantId, ...fields } = ParticipantInput.parse(input);
  setEntry(map, participantId, fields);
};

/** Writes a participant as a whole. The input must have been validated: a bad one throws. */
export const putParticipant = (doc: Y.Doc, participant: ParticipantInput): void => putParticipants(doc, [participant]);

/** Writes many participants in one transaction: one update for the peers, one sync to disk. */
export const putParticipants = (doc: Y.Doc, participants: readonly ParticipantInput[]): void => {
  doc.transact(() => {
    const map = rosterRoots(doc).participants;
    for (const participant of participants) writeParticipant(map, participant);
  });
};

/** Removes a participant with its chips and correction. */
export const removeParticipant = (doc: Y.Doc, participantId: ParticipantId): void => {
  const roots = rosterRoots(doc);
  doc.transact(() => {
    putEntry(roots.participants, participantId, null);
    putEntry(roots.corrections, participantId, null);
    deleteEntries(roots.chips, (_, holder) => holder === participantId);
  });
};

/** Gives a chip to a participant; a chip has one holder, a participant may have several chips. */
export const putChip = (doc: Y.Doc, chip: string, participantId: ParticipantId): void =>
  putChips(doc, [[chip, participantId]]);

export const putChips = (doc: Y.Doc, chips: Iterable<readonly [chip: string, participantId: ParticipantId]>): void => {
  doc.transact(() => {
    const map = rosterRoots(doc).chips;
    for (const [chip, participantId] of chips) putEntry(map, chipKey(chip), participantId);
  });
};

export const removeChip = (doc: Y.Doc, chip: string): void => {
  doc.transact(() => putEntry(rosterRoots(doc).chips, chipKey(chip), null));
};

/** Sets what the officials decided of a participant; null takes it back. */
export const setCorrection = (doc: Y.Doc, participantId: ParticipantId, correction: Correction | null): void => {
  doc.transact(() => {
    const { corrections } = rosterRoots(doc);
    if (correction === null) putEntry(corrections, participantId, null);
    else setEntry(corrections, participantId, { ...correction });
  });
};

/** Empties the roster's people and chips before a replacing import; corrections of people who come back stay. */
export const clearRoster = (doc: Y.Doc): void => {
  const roots = rosterRoots(doc);
  doc.transact(() => {
    deleteEntries(roots.participants, () => true);
    deleteEntries(roots.chips, () => true);
  });
};
