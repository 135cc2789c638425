import type * as Y from 'yjs';
import { putEntry } from '../doc/doc-entry.ts';
import { rosterRoots } from '../doc/roots.ts';
import type { ParticipantId } from '../doc/roster-doc.ts';

/**
 * Removes participants with their corrections, in one transaction. Their chips are removed apart: to look
 * for each one's chips among all would take the square of the roster.
 */
export const removeParticipants = (doc: Y.Doc, ids: readonly ParticipantId[]): void => {
  const roots = rosterRoots(doc);
  doc.transact(() => {
    for (const id of ids) {
      putEntry(roots.participants, id, null);
      putEntry(roots.corrections, id, null);
    }
  });
};

/** Takes chips from whoever has them, in one transaction. */
export const removeChips = (doc: Y.Doc, chips: readonly string[]): void => {
  const roots = rosterRoots(doc);
  doc.transact(() => {
    for (const chip of chips) putEntry(roots.chips, chip, null);
  });
};
