import type { ParticipantId } from '../doc/roster-doc.ts';
import type { Sliced } from '../roster/sliced.ts';
import type { Entrant } from './entrant.ts';
import { createEntrantPool } from './entrant-pool.ts';
import { NO_EXTERNAL } from './external-results.ts';
import { createFateCounter, type FateCounter } from './fate.ts';
import type { HeldReads } from './held-reads.ts';
import { createListing } from './listing.ts';
import { type FoldInputs, planRace, type RacePlan } from './race-plan.ts';
import { createReadPlaces, type ReadPlaces } from './read-places.ts';
import { createSettling, type Settling } from './settling.ts';
import { type BibHolders, holdersOf } from './told-bibs.ts';

/** What differs between two inputs besides the mapping, where it concerns but some. */
export interface InputParts {
  /** Keys of chips that may be somebody else's. */
  readonly chips: ReadonlySet<string>;
  /** Who is another one, new, gone, or corrected in another way. */
  readonly participants: ReadonlySet<ParticipantId>;
  /** Of which other timing systems say something else, or which others wear now. */
  readonly bibs: ReadonlySet<string>;
}

/** All that is derived of one plan and the reads that it was given. */
export interface Judged extends Settling, Pick<ReadPlaces, 'take' | 'placeOf' | 'settledFate'> {
  readonly inputs: () => FoldInputs;
  readonly plan: () => RacePlan;
  readonly reads: HeldReads;
  readonly entrants: ReadonlyMap<ParticipantId, Entrant>;
  readonly fates: FateCounter;
  /** Goes on with inputs that differ in these parts and the mapping only. Once begun, it must be run to its end. */
  readonly change: (inputs: FoldInputs, parts: InputParts) => Sliced<void>;
}

/** Begins with those who have rows without any read. */
export function* createJudged(first: FoldInputs, reads: HeldReads): Sliced<Judged> {
  let inputs = first;
  let plan = planRace(first, reads.clock);
  let holders: BibHolders | null = yield* holdersOf(first);
  const planNow = (): RacePlan => plan;
  const fates = createFateCounter();
  const pool = createEntrantPool();
  const places = createReadPlaces(pool, fates, planNow);
  const listing = createListing(pool, () => inputs);
  const settling = createSettling({ pool, places, fates, planNow });
  yield* listing.refreshAll(holders);

  function* change(next: FoldInputs, { chips, participants, bibs }: InputParts): Sliced<void> {
    const before = inputs.roster.participants;
    holders ??= yield* holdersOf({ ...inputs, external: next.external ?? NO_EXTERNAL });
    for (const id of participants) holders?.replace(before.get(id), next.roster.participants.get(id));
    inputs = next;
    plan = planRace(next, reads.clock);
    yield* places.replaceAll();
    for (const key of chips) for (const chip of reads.chipsOf(key)) places.rebear(chip);
    for (const participantId of participants) listing.refresh(participantId);
    for (const bib of bibs) listing.refreshBib(bib, holders);
    yield* settling.settleSliced();
  }

  return {
    ...settling,
    take: places.take,
    placeOf: places.placeOf,
    settledFate: places.settledFate,
    inputs: () => inputs,
    plan: planNow,
    reads,
    entrants: pool.byId,
    fates,
    change,
  };
}
