import type * as Y from 'yjs';
import { rosterRoots } from './roots.ts';
import { fieldKey, PARTICIPANT_FIELDS, type Participant, ParticipantInput } from './roster-doc.ts';

/** One participant as the document has it now, without reading the others; null when there is none that parses. */
export const participantAt = (doc: Y.Doc, participantId: string): Participant | null => {
  const { participants, participantFields } = rosterRoots(doc);
  const record = participants.get(participantId);
  if (typeof record !== 'object' || record === null) return null;
  const added = ParticipantInput.safeParse({ ...record, participantId });
  if (!added.success) return null;
  const changed = PARTICIPANT_FIELDS.flatMap((field) => {
    const key = fieldKey(field, added.data.participantId);
    return participantFields.has(key) ? [[field, participantFields.get(key)] as const] : [];
  });
  return ParticipantInput.safeParse({ ...added.data, ...Object.fromEntries(changed) }).data ?? added.data;
};
