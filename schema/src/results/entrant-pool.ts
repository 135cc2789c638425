import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import { createEntrant, type Entrant } from './entrant.ts';

/** Everybody who has something to do with a race, and whose results must be made anew. */
export interface EntrantPool {
  readonly byId: ReadonlyMap<ParticipantId, Entrant>;
  /** Made when there is none. */
  readonly of: (participant: Participant) => Entrant;
  readonly dirty: Set<Entrant>;
  readonly drop: (entrant: Entrant) => void;
}

export const createEntrantPool = (): EntrantPool => {
  const byId = new Map<ParticipantId, Entrant>();
  return {
    byId,
    of: (participant) => {
      const known = byId.get(participant.participantId);
      if (known !== undefined) return known;
      const fresh = createEntrant(participant);
      byId.set(fresh.key, fresh);
      return fresh;
    },
    dirty: new Set(),
    drop: (entrant) => byId.delete(entrant.key),
  };
};
