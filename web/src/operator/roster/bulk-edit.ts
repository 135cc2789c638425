import {
  type Author,
  type Changed,
  type Correction,
  changeParticipants,
  type ParticipantId,
  setCorrection,
} from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import type * as Y from 'yjs';
import type { RosterRow } from './roster-row.ts';

/** One change for many. */
export type BulkChange =
  | { readonly type: 'race'; readonly raceId: RaceId | null }
  | { readonly type: 'category'; readonly category: string | null }
  | { readonly type: 'dns'; readonly reason: string };

/** So that no step's update comes near the size a frame may have. */
const STEP = 500;

const inSteps = <T>(items: readonly T[], step: (doc: Y.Doc, items: readonly T[]) => void): ((doc: Y.Doc) => void)[] =>
  Array.from({ length: Math.ceil(items.length / STEP) }, (_, at) => {
    const piece = items.slice(at * STEP, (at + 1) * STEP);
    return (doc) => step(doc, piece);
  });

const fieldsOf = (change: Exclude<BulkChange, { type: 'dns' }>): Changed =>
  change.type === 'race' ? { raceId: change.raceId } : { category: change.category };

/** Whom a change would change: those who have it already are left out, and DNS never replaces another correction. */
export const bulkTargets = (rows: readonly RosterRow[], change: BulkChange): readonly ParticipantId[] =>
  rows
    .filter(({ participant, correction }) => {
      if (change.type === 'dns') return correction === null;
      return change.type === 'race' ? participant.raceId !== change.raceId : participant.category !== change.category;
    })
    .map((row) => row.participant.participantId);

/** What makes the change, in transactions of a few hundred. */
export const bulkSteps = (
  ids: readonly ParticipantId[],
  change: BulkChange,
  { name, at }: Author,
): readonly ((doc: Y.Doc) => void)[] => {
  if (change.type !== 'dns') {
    const fields = fieldsOf(change);
    return inSteps(ids, (doc, piece) =>
      changeParticipants(
        doc,
        piece.map((id) => [id, fields]),
      ),
    );
  }
  const correction: Correction = {
    status: 'DNS',
    manualMs: null,
    reason: change.reason,
    author: name.slice(0, 200),
    at,
  };
  return inSteps(ids, (doc, piece) => {
    for (const id of piece) setCorrection(doc, id, correction);
  });
};
