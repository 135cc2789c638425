import {
  type Participant,
  type ParticipantField,
  type ParticipantId,
  ParticipantInput,
  participantIdFor,
  type Roster,
} from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type { RosterRow } from './roster-row.ts';

/** The fields somebody has touched, as they stand in the form; the others follow the document. */
export type ParticipantDraft = Readonly<Partial<Record<ParticipantField, string>>>;

export type ParticipantValues = Omit<Participant, 'participantId'>;

export const NEW_PARTICIPANT: ParticipantValues = {
  bib: '',
  firstName: '',
  lastName: '',
  club: null,
  sex: null,
  birthYear: null,
  category: null,
  raceId: null,
};

const EXPECTED: Readonly<Record<ParticipantField, string>> = {
  bib: 'Expected a bib: 1 to 32 characters, such as 17 or A-17.',
  firstName: 'Expected at most 200 characters.',
  lastName: 'Expected at most 200 characters.',
  club: 'Expected at most 200 characters.',
  sex: 'Expected F, M, X or nothing.',
  birthYear: 'Expected a year from 1850 to 2200, such as 1987, or nothing.',
  category: 'Expected a category of the race.',
  raceId: 'Expected a race of this event.',
};

/** How a value stands in its field. */
export const fieldText = (value: string | number | null): string => (value === null ? '' : String(value));

const FIELDS = Object.keys(NEW_PARTICIPANT) as readonly ParticipantField[];
const TEXT_FIELDS: ReadonlySet<ParticipantField> = new Set(['bib', 'firstName', 'lastName']);

/** What a text means to the schema; an empty one means nothing, or an empty name. */
const meaning = (field: ParticipantField, text: string): unknown => {
  const trimmed = text.trim();
  if (TEXT_FIELDS.has(field)) return trimmed;
  if (trimmed === '') return null;
  return field === 'birthYear' && /^\d+$/.test(trimmed) ? Number(trimmed) : trimmed;
};

export type CheckedDraft =
  | { readonly type: 'good'; readonly values: ParticipantValues; readonly changed: readonly ParticipantField[] }
  | { readonly type: 'bad'; readonly errors: Readonly<Partial<Record<ParticipantField, string>>> };

/** `now` with what was typed: the values to write, or what is expected of each field that is wrong. */
export const checkDraft = (now: ParticipantValues, draft: ParticipantDraft): CheckedDraft => {
  const errors: Partial<Record<ParticipantField, string>> = {};
  const values: Record<string, unknown> = { ...now };
  const changed: ParticipantField[] = [];
  for (const field of FIELDS) {
    const parsed = ParticipantInput.shape[field].safeParse(meaning(field, draft[field] ?? fieldText(now[field])));
    if (!parsed.success) errors[field] = EXPECTED[field];
    else if (parsed.data !== now[field]) {
      values[field] = parsed.data;
      changed.push(field);
    }
  }
  if (Object.keys(errors).length > 0) return { type: 'bad', errors };
  // each field was parsed by its own schema
  return { type: 'good', values: values as unknown as ParticipantValues, changed };
};

/** Others of the race who wear the bib. */
export const bibHolders = (
  rows: readonly RosterRow[],
  { bib, raceId }: Pick<Participant, 'bib' | 'raceId'>,
  self: ParticipantId | null,
): readonly Participant[] =>
  rows
    .map((row) => row.participant)
    .filter((it) => it.bib === bib && it.raceId === raceId && it.participantId !== self);

/** An id for somebody new: the one an import would give, or the next free one when another has it. */
export const newParticipantId = (roster: Roster, raceId: RaceId | null, bib: string): ParticipantId => {
  for (let number = 1; ; number++) {
    const id = participantIdFor(raceId, number === 1 ? bib : `${bib}~${number}`);
    if (!roster.participants.has(id)) return id;
  }
};

const CHIP = /^[0-9a-f]{12}$/;

export const CHIP_EXPECTED = 'Expected a chip of 12 hex digits, as a reader reports it: 058003700001.';

/** A scanned or typed chip as reads carry it; null: it is none. */
export const parseChipText = (text: string): string | null => {
  const chip = text.trim().toLowerCase();
  return CHIP.test(chip) ? chip : null;
};
