import type * as Y from 'yjs';
import { deleteEntries, putEntry, removeEntry, sameJson, setEntry } from './doc-entry.ts';
import { noteSight } from './edit-log.ts';
import { type RosterRoots, rosterRoots } from './roots.ts';
import {
  type Correction,
  chipKey,
  fieldKey,
  PARTICIPANT_FIELDS,
  ParticipantFields,
  type ParticipantId,
  ParticipantInput,
} from './roster-doc.ts';
import { splitFieldKey } from './tracked.ts';

/** Edits of the roster document, each one transaction. They write only what differs. */

/** A record as it is stored: what is empty or null reads the same when it is left out. */
const storedRecord = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== ''));

const forgetChanges = ({ participantFields }: RosterRoots, participantId: ParticipantId): void => {
  for (const field of PARTICIPANT_FIELDS) removeEntry(participantFields, fieldKey(field, participantId));
};

/** Adds a participant as one value, or changes the fields that differ, each by itself. */
const writeParticipant = (roots: RosterRoots, input: ParticipantInput): void => {
  const { participantId, ...fields } = ParticipantInput.parse(input);
  const added = ParticipantFields.safeParse(roots.participants.get(participantId));
  if (!added.success) {
    forgetChanges(roots, participantId);
    return setEntry(roots.participants, participantId, storedRecord(fields));
  }
  for (const field of PARTICIPANT_FIELDS) {
    const key = fieldKey(field, participantId);
    const { participantFields } = roots;
    const now = participantFields.has(key) ? participantFields.get(key) : added.data[field];
    if (!sameJson(now, fields[field])) participantFields.set(key, fields[field]);
  }
};

/** Adds or changes a participant. The input must have been validated: a bad one throws. */
export const putParticipant = (doc: Y.Doc, participant: ParticipantInput): void => putParticipants(doc, [participant]);

/** Writes many participants in one transaction: one update for the peers, one sync to disk. */
export const putParticipants = (doc: Y.Doc, participants: readonly ParticipantInput[]): void => {
  doc.transact(() => {
    const roots = rosterRoots(doc);
    for (const participant of participants) writeParticipant(roots, participant);
  });
};

/** Takes away what hangs on participants who are removed. */
export const forgetParticipants = (doc: Y.Doc, ids: ReadonlySet<string>): void => {
  const roots = rosterRoots(doc);
  for (const id of ids) removeEntry(roots.corrections, id);
  deleteEntries(roots.participantFields, (key) => ids.has(splitFieldKey(key)[1]));
  deleteEntries(roots.chips, (_, holder) => typeof holder === 'string' && ids.has(holder));
};

/** Removes participants with their chips and corrections. */
export const removeParticipants = (doc: Y.Doc, ids: ReadonlySet<ParticipantId>): void => {
  const roots = rosterRoots(doc);
  const present = [...ids].filter((id) => roots.participants.has(id));
  if (present.length === 0) return;
  doc.transact(() => {
    for (const id of present) removeEntry(roots.participants, id);
    forgetParticipants(doc, new Set(present));
    noteSight(doc);
  });
};

export const removeParticipant = (doc: Y.Doc, participantId: ParticipantId): void =>
  removeParticipants(doc, new Set([participantId]));

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
    if (correction === null) removeEntry(corrections, participantId);
    else setEntry(corrections, participantId, { ...correction });
  });
};
