import { EMPTY_ROSTER } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { type FoldRead, NO_EXTERNAL } from '@baton/schema/results';
import { type Pace, runPaced, type Sliced } from '@baton/schema/roster';
import type { ReadLog } from '../log/read-log.ts';
import { changeBetween, foldInputsOf, type HubInputs } from './hub-inputs.ts';
import { createLiveRace, type LiveRace } from './live-race.ts';
import type { Teller } from './teller.ts';

/** The folds of an event's races. */
export interface RaceTable {
  readonly get: (raceId: RaceId) => LiveRace | undefined;
  readonly ids: () => Iterable<RaceId>;
  /** What was adopted last; null: nothing yet. */
  readonly inputs: () => HubInputs | null;
  /** Goes on with other inputs. */
  readonly adopt: (now: HubInputs) => Promise<void>;
  /** Adds what is new in the log. */
  readonly takeReads: () => Promise<void>;
  readonly clear: () => void;
}

export interface RaceTableDeps {
  readonly log: ReadLog;
  readonly teller: Pick<Teller, 'news' | 'oweFull'>;
  readonly pace: Pace;
}

/** Reads added in one step. */
const ADDED = 50;

export const createRaceTable = ({ log, teller, pace }: RaceTableDeps): RaceTable => {
  const races = new Map<RaceId, LiveRace>();
  let held: HubInputs | null = null;

  const inPieces = <T>(work: Sliced<T>): Promise<T> => runPaced(work, pace);

  const addInPieces = async ({ fold }: LiveRace, reads: readonly FoldRead[]): Promise<void> => {
    for (let from = 0; from < reads.length; from += ADDED) {
      if (pace.isOver()) await pace.rest();
      fold.add(reads.slice(from, from + ADDED));
    }
  };

  /** The reads of epochs that are new to the race: by the inputs before they are mapped nowhere, and change nothing. */
  const readAhead = async (live: LiveRace, now: HubInputs): Promise<void> => {
    const before = held?.setup.epochRaces;
    for await (const reads of live.newReads(now.setup, (key) => before?.get(key) !== live.raceId)) {
      await addInPieces(live, reads);
    }
  };

  const addRace = async (raceId: RaceId, now: HubInputs): Promise<void> => {
    const inputs = foldInputsOf(now, raceId);
    // who was corrected, and whom others tell of, come in pieces, too
    const roster = { ...inputs.roster, corrections: EMPTY_ROSTER.corrections };
    const live = createLiveRace(log, { ...inputs, roster, external: NO_EXTERNAL });
    races.set(raceId, live);
    await readAhead(live, now);
    await inPieces(live.fold.settleSliced());
    await inPieces(live.fold.updateSliced(inputs));
    await inPieces(live.take());
  };

  const adoptRace = async (raceId: RaceId, now: HubInputs): Promise<void> => {
    const live = races.get(raceId);
    if (live === undefined) return addRace(raceId, now);
    await readAhead(live, now);
    await inPieces(live.fold.settleSliced());
    await inPieces(live.fold.updateSliced(foldInputsOf(now, raceId)));
    teller.news(raceId, await inPieces(live.take()));
  };

  return {
    get: (raceId) => races.get(raceId),
    ids: () => races.keys(),
    inputs: () => held,
    adopt: async (now) => {
      const change = changeBetween(held, now);
      if (change.type === 'none') return;
      if (change.type === 'structure') teller.oweFull();
      const raceIds = change.type === 'structure' ? [...now.external.keys()] : change.raceIds;
      for (const raceId of raceIds) await adoptRace(raceId, now);
      for (const raceId of [...races.keys()]) if (!now.external.has(raceId)) races.delete(raceId);
      held = now;
    },
    takeReads: async () => {
      if (held === null) return;
      for (const live of races.values()) {
        for await (const reads of live.newReads(held.setup)) {
          await addInPieces(live, reads);
          teller.news(live.raceId, await inPieces(live.take()));
          await pace.rest();
        }
      }
    },
    clear: () => {
      races.clear();
      held = null;
    },
  };
};
