import { type Participant, type ParticipantId, participantIdFor, type Roster } from '../doc/roster-doc.ts';
import type { RaceId } from '../ids.ts';
import type { Sliced } from './sliced.ts';

/** Whose a bib is: one participant, nobody, or several. */
export type Holder =
  | { readonly type: 'one'; readonly participant: Participant; readonly others: number }
  | { readonly type: 'none' }
  | { readonly type: 'several'; readonly count: number };

/** Participants by what they wear. */
export interface BibIndex {
  /** In a race, or without a race in whichever has it alone. */
  readonly holder: (race: RaceId | 'any', bib: string) => Holder;
  /** An id for a new participant, the same on every replica that knows the same roster. */
  readonly freshId: (raceId: RaceId | null, bib: string) => ParticipantId;
}

const STEP = 100;

const byId = (a: Participant, b: Participant): number => (a.participantId < b.participantId ? -1 : 1);

const one = (found: readonly Participant[]): Holder => {
  const [participant] = [...found].sort(byId);
  return participant === undefined ? { type: 'none' } : { type: 'one', participant, others: found.length - 1 };
};

const holderAmong = (wearers: readonly Participant[], race: RaceId | 'any'): Holder => {
  if (race !== 'any') return one(wearers.filter((it) => it.raceId === race));
  const races = new Set(wearers.map((it) => it.raceId));
  if (races.size <= 1) return one(wearers);
  const free = wearers.filter((it) => it.raceId === null);
  return free.length > 0 ? one(free) : { type: 'several', count: races.size };
};

/** Indexes a roster, some participants at a time. */
export function* indexBibs({ participants }: Pick<Roster, 'participants'>): Sliced<BibIndex> {
  const wearers = new Map<string, Participant[]>();
  let count = 0;
  for (const participant of participants.values()) {
    const known = wearers.get(participant.bib);
    if (known === undefined) wearers.set(participant.bib, [participant]);
    else known.push(participant);
    if (++count % STEP === 0) yield;
  }
  return {
    holder: (race, bib) => holderAmong(wearers.get(bib) ?? [], race),
    freshId: (raceId, bib) => {
      // whoever wore the bib first keeps its id, also under another bib
      for (let number = 1; ; number++) {
        const id = participantIdFor(raceId, number === 1 ? bib : `${bib}~${number}`);
        if (!participants.has(id)) return id;
      }
    },
  };
}
