import type * as Y from 'yjs';
import { sameJson } from '../doc/doc-entry.ts';
import { type RosterRoots, rosterRoots } from '../doc/roots.ts';
import { fieldKey, type Participant } from '../doc/roster-doc.ts';
import { putParticipants } from '../doc/roster-edit.ts';
import type { ChangedParticipant, ImportedField } from './import-plan.ts';

/** Empty, null and left out read the same. */
const plain = (value: unknown): unknown => (value === '' || value === undefined ? null : value);

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

const changeField = (
  { participants, participantFields }: RosterRoots,
  after: Participant,
  field: ImportedField,
): void => {
  const key = fieldKey(field, after.participantId);
  const now = participantFields.has(key)
    ? participantFields.get(key)
    : recordOf(participants.get(after.participantId))[field];
  if (!sameJson(plain(now), plain(after[field]))) participantFields.set(key, after[field]);
};

/**
 * Writes the planned fields of participants and leaves their others as they are now: somebody may have edited
 * those since the plan was made. Who was removed meanwhile comes back whole.
 */
export const changeFields = (
  doc: Y.Doc,
  changes: readonly Pick<ChangedParticipant, 'participant' | 'fields'>[],
): void => {
  doc.transact(() => {
    const roots = rosterRoots(doc);
    for (const { participant, fields } of changes) {
      if (!roots.participants.has(participant.participantId)) putParticipants(doc, [participant]);
      else for (const field of fields) changeField(roots, participant, field);
    }
  });
};
