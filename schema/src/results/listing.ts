import type { Participant, ParticipantId } from '../doc/roster-doc.ts';
import type { Sliced } from '../roster/sliced.ts';
import type { EntrantPool } from './entrant-pool.ts';
import { type FoldInputs, isListed, isTold, strangerId, strangerOf } from './race-plan.ts';
import type { BibHolders } from './told-bibs.ts';

/** Who has a row without any read, and as whom everybody is known. */
export interface Listing {
  /** Somebody may be another one, gone, or corrected in another way. */
  readonly refresh: (participantId: ParticipantId) => void;
  /** Another timing system may say something else of a bib, or others wear it. */
  readonly refreshBib: (bib: string, holders: BibHolders | null) => void;
  /** Everybody who may have a row without a read, some at a time. */
  readonly refreshAll: (holders: BibHolders | null) => Sliced<void>;
}

/** People looked at in one step. */
const STEP = 50;

export const createListing = (pool: EntrantPool, inputsNow: () => FoldInputs): Listing => {
  const set = (participant: Participant, listed: boolean): void => {
    const entrant = listed ? pool.of(participant) : pool.byId.get(participant.participantId);
    if (entrant === undefined) return;
    entrant.participant = participant;
    entrant.listed = listed;
    pool.dirty.add(entrant);
  };

  const refresh = (participantId: ParticipantId): void => {
    const inputs = inputsNow();
    const participant = inputs.roster.participants.get(participantId);
    if (participant !== undefined) return set(participant, isListed(participant, inputs));
    const gone = pool.byId.get(participantId);
    if (gone !== undefined) set(gone.participant, false);
  };

  const refreshBib = (bib: string, holders: BibHolders | null): void => {
    const inputs = inputsNow();
    const wearers = holders?.of(bib) ?? [];
    for (const participantId of wearers) refresh(participantId);
    const stranger = pool.byId.get(strangerId(bib))?.participant ?? strangerOf(bib, inputs.raceId);
    set(stranger, wearers.length === 0 && isTold(bib, inputs));
  };

  return {
    refresh,
    refreshBib,
    refreshAll: function* (holders) {
      const { roster, external } = inputsNow();
      let count = 0;
      for (const participantId of roster.corrections.keys()) {
        refresh(participantId);
        if (++count % STEP === 0) yield;
      }
      for (const bibs of [external?.byBib, external?.onCourse]) {
        for (const bib of bibs?.keys() ?? []) {
          refreshBib(bib, holders);
          if (++count % STEP === 0) yield;
        }
      }
    },
  };
};
