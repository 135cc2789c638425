import type * as Y from 'yjs';
import { z } from 'zod';
import { RaceId } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';
import { Bib, ResultStatus } from './bib.ts';
import { type DocProblem, firstIssue, problemAt, sameJson } from './doc-entry.ts';
import { CategoryId, Sex } from './race.ts';
import { rosterRoots } from './roots.ts';
import { splitFieldKey } from './tracked.ts';

/** Key of a participant: 1–300 characters, none of them a control character. */
export const ParticipantId = z
  .string()
  .regex(/^[^\p{Cc}]{1,300}$/u, 'expected 1-300 printable characters')
  .brand<'ParticipantId'>();
export type ParticipantId = z.infer<typeof ParticipantId>;

const Text = z.string().trim().max(200);

/**
 * What the document holds of one participant. It is added as one value, since an entry for each field of 55,000 people
 * would be half a million; each later change is an entry of its own beside it, so that two people who change two fields
 * of one participant apart lose nothing.
 */
export const ParticipantFields = z.object({
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

export type ParticipantField = keyof typeof ParticipantFields.shape;
/** Every field but the id. */
export const PARTICIPANT_FIELDS = Object.keys(ParticipantFields.shape) as readonly ParticipantField[];

/** The key of a field that was changed after its participant had been added. */
export const fieldKey = (field: ParticipantField, participantId: ParticipantId): string => `${field}:${participantId}`;

export const ParticipantInput = ParticipantFields.extend({ participantId: ParticipantId });
/** As given: everything but id and bib may be left out. */
export type ParticipantInput = z.input<typeof ParticipantInput>;
export type Participant = Readonly<z.infer<typeof ParticipantInput>>;

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

export interface ParsedRecord {
  readonly participant: Participant | null;
  readonly problem: string | null;
}

/** Reads one entry of `participants`, without what was changed since. */
export const parseRecord = (key: string, value: unknown): ParsedRecord => {
  const id = ParticipantId.safeParse(key);
  if (!id.success) return { participant: null, problem: firstIssue(id.error) };
  const fields = ParticipantFields.safeParse(value);
  if (!fields.success) return { participant: null, problem: firstIssue(fields.error) };
  return { participant: { participantId: id.data, ...fields.data }, problem: null };
};

/** Fields of one participant that were changed since it was added. */
export type Changed = Partial<Omit<Participant, 'participantId'>>;

const isField = (field: string): field is ParticipantField => Object.hasOwn(ParticipantFields.shape, field);

export interface ParsedField {
  readonly raw: unknown;
  readonly participantId: string;
  /** Null: it does not parse. */
  readonly changed: Changed | null;
  readonly problem: string;
}

/** Reads one entry of `participantFields`. */
export const parseField = (key: string, raw: unknown): ParsedField => {
  const [field, participantId] = splitFieldKey(key);
  const parsed = isField(field) ? ParticipantFields.shape[field].safeParse(raw) : null;
  if (parsed?.success) return { raw, participantId, changed: { [field]: parsed.data }, problem: '' };
  return { raw, participantId, changed: null, problem: parsed ? firstIssue(parsed.error) : 'unexpected field' };
};

/** Reads what was changed, by participant; a value that does not parse leaves the one before it. */
const createChangesReader = (): ((map: Y.Map<unknown>, problems: DocProblem[]) => ReadonlyMap<string, Changed>) => {
  let known: ReadonlyMap<string, ParsedField> = new Map();
  return (map, problems) => {
    const changed = new Map<string, Changed>();
    const fields = new Map<string, ParsedField>();
    for (const [key, raw] of map.entries()) {
      const before = known.get(key);
      const field = before?.raw === raw && before !== undefined ? before : parseField(key, raw);
      fields.set(key, field);
      if (field.changed === null) problems.push(problemAt('participantFields', key, field.problem));
      else changed.set(field.participantId, { ...changed.get(field.participantId), ...field.changed });
    }
    known = fields;
    return changed;
  };
};

export interface RosterRead {
  readonly roster: Roster;
  readonly problems: readonly DocProblem[];
}

const MAX_CHIP = 128;

/** Reads one entry of `chips`; a message where it is none. */
export const parseChip = (chip: string, value: unknown): Result<ParticipantId, string> => {
  if (chip === '' || chip.length > MAX_CHIP || chipKey(chip) !== chip) return err('expected a chip in lower case');
  const participantId = ParticipantId.safeParse(value);
  return participantId.success ? ok(participantId.data) : err(firstIssue(participantId.error));
};

const readChips = (map: Y.Map<unknown>, problems: DocProblem[]): ReadonlyMap<string, ParticipantId> => {
  const chips = new Map<string, ParticipantId>();
  for (const [chip, value] of map.entries()) {
    const holder = parseChip(chip, value);
    if (holder.ok) chips.set(chip, holder.value);
    else problems.push(problemAt('chips', chip, holder.error));
  }
  return chips;
};

/** Reads one entry of `corrections`; a message where it is none. */
export const parseCorrection = (
  key: string,
  value: unknown,
): Result<{ readonly participantId: ParticipantId; readonly correction: Correction }, string> => {
  const id = ParticipantId.safeParse(key);
  const correction = Correction.safeParse(value);
  if (!correction.success) return err(firstIssue(correction.error));
  return id.success ? ok({ participantId: id.data, correction: correction.data }) : err('unexpected key');
};

const readCorrections = (map: Y.Map<unknown>, problems: DocProblem[]): ReadonlyMap<ParticipantId, Correction> => {
  const corrections = new Map<ParticipantId, Correction>();
  for (const [key, value] of map.entries()) {
    const parsed = parseCorrection(key, value);
    if (parsed.ok) corrections.set(parsed.value.participantId, parsed.value.correction);
    else problems.push(problemAt('corrections', key, parsed.error));
  }
  return corrections;
};

/**
 * A reader that remembers what it parsed: reading again after an edit parses only the records that
 * are new. Yjs hands out the same object for an unchanged entry, so that object is the memory's key.
 */
export const createRosterReader = (): ((doc: Y.Doc) => RosterRead) => {
  const known = new WeakMap<object, ParsedRecord>();
  const readChanges = createChangesReader();
  const merged = new WeakMap<Participant, { readonly since: Changed; readonly participant: Participant }>();
  const withChanges = (added: Participant, since: Changed | undefined): Participant => {
    if (since === undefined) return added;
    const before = merged.get(added);
    if (before !== undefined && sameJson(before.since, since)) return before.participant;
    const participant = { ...added, ...since };
    merged.set(added, { since, participant });
    return participant;
  };
  const parse = (key: string, value: unknown): ParsedRecord => {
    if (typeof value !== 'object' || value === null) return parseRecord(key, value);
    const parsed = known.get(value) ?? parseRecord(key, value);
    known.set(value, parsed);
    return parsed;
  };
  return (doc) => {
    const roots = rosterRoots(doc);
    const problems: DocProblem[] = [];
    const changed = readChanges(roots.participantFields, problems);
    const participants = new Map<ParticipantId, Participant>();
    for (const [key, value] of roots.participants.entries()) {
      const { participant, problem } = parse(key, value);
      const since = changed.get(key);
      if (participant !== null) participants.set(participant.participantId, withChanges(participant, since));
      else problems.push(problemAt('participants', key, problem ?? 'unexpected value'));
    }
    const chips = readChips(roots.chips, problems);
    return { roster: { participants, chips, corrections: readCorrections(roots.corrections, problems) }, problems };
  };
};

/** Reads the whole roster once. What does not parse is left out and named in `problems`. */
export const readRoster = (doc: Y.Doc): RosterRead => createRosterReader()(doc);
