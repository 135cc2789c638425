import type { Participant, ParticipantId, Roster } from '../doc/roster-doc.ts';
import type { RaceId } from '../ids.ts';
import type { Sliced } from '../roster/sliced.ts';
import { type FoldInputs, mayBeIn } from './race-plan.ts';

/** Who may be meant by a bib that another timing system tells of; needed only where there is one. */
export interface BibHolders {
  readonly of: (bib: string) => readonly ParticipantId[];
  /** Somebody is now another one, or gone, or new. */
  readonly replace: (before: Participant | undefined, after: Participant | undefined) => void;
}

const STEP = 100;
const NOBODY: readonly ParticipantId[] = [];

/** Indexes those who may be in a race, some at a time. */
function* indexHolders({ participants }: Roster, raceId: RaceId): Sliced<BibHolders> {
  const holders = new Map<string, Set<ParticipantId>>();
  const add = ({ bib, participantId }: Participant): void => {
    const known = holders.get(bib);
    if (known === undefined) holders.set(bib, new Set([participantId]));
    else known.add(participantId);
  };
  let count = 0;
  for (const participant of participants.values()) {
    if (mayBeIn(participant, raceId)) add(participant);
    if (++count % STEP === 0) yield;
  }
  return {
    of: (bib) => [...(holders.get(bib) ?? NOBODY)],
    replace: (before, after) => {
      if (before !== undefined) holders.get(before.bib)?.delete(before.participantId);
      if (after !== undefined && mayBeIn(after, raceId)) add(after);
    },
  };
}

/** Null where no other timing system tells of anybody. */
export function* holdersOf({ roster, raceId, external }: FoldInputs): Sliced<BibHolders | null> {
  const told = external !== undefined && external.byBib.size + external.onCourse.size > 0;
  return told ? yield* indexHolders(roster, raceId) : null;
}
