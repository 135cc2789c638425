import type { Roster, Setup } from '@baton/schema/doc';
import type { ResultRow, StartRow } from '@baton/schema/http';
import type { EventId, RaceId } from '@baton/schema/ids';
import { type PairKey, pairFromKey } from '@baton/schema/reads';
import { createRaceFold, type FoldInputs, type RaceFold } from '@baton/schema/results';
import { runWithPauses } from '@baton/schema/roster';
import type { RaceResults, Rows } from '../http/context.ts';
import { followEpoch } from '../http/log-reading.ts';
import type { Rosters } from '../http/rosters.ts';
import type { Setups } from '../http/setups.ts';
import type { RelayCore } from '../relay-core.ts';
import type { EventRecord } from '../storage/records.ts';
import { startRows } from './start-rows.ts';

/** Races whose fold is kept in memory; the one asked for longest ago goes first. */
const MAX_FOLDS = 100;

/** One race, folded up to some position of each of its epochs. */
interface Folded {
  readonly fold: RaceFold;
  readonly positions: Map<PairKey, number>;
  setup: Setup;
  roster: Roster;
  rows: Rows<ResultRow> | null;
  /** Only one refresh at a time; a second one waits and then finds little to do. */
  refreshing: Promise<void>;
}

const inputsOf = (event: EventRecord, raceId: RaceId, setup: Setup, roster: Roster): FoldInputs => ({
  raceId,
  setup,
  roster,
  timezone: event.timezone,
  date: event.date,
});

/** A race's start list, of these documents; who asks while it is made waits for the same one. */
interface StartList {
  readonly setup: Setup;
  readonly roster: Roster;
  readonly rows: Promise<readonly StartRow[]>;
}

/** Makes it the youngest of a map in which order is age; the oldest goes when there are too many. */
const keepYoungest = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_FOLDS && oldest !== undefined) map.delete(oldest);
};

export interface RaceResultsDeps {
  readonly core: Pick<RelayCore, 'registry' | 'log' | 'clock' | 'timers'>;
  readonly setups: Pick<Setups, 'read'>;
  readonly rosters: Pick<Rosters, 'read'>;
}

/**
 * Results of the relay's races: the pure fold over what the log holds, brought up to date when somebody asks.
 * Nothing here is the truth; a restart computes it again.
 */
export const createRaceResults = ({ core, setups, rosters }: RaceResultsDeps): RaceResults => {
  const folds = new Map<string, Folded>();
  const startLists = new Map<string, StartList>();
  const pause = (): Promise<void> => new Promise((resolve) => core.timers.after(0, resolve));

  const inputs = async (event: EventRecord, raceId: RaceId): Promise<FoldInputs | null> => {
    const setup = await setups.read(event.eventId);
    if (!setup.races.has(raceId)) return null;
    return inputsOf(event, raceId, setup, await rosters.read(event.eventId));
  };

  const foldOf = (event: EventRecord, from: FoldInputs): Folded => {
    const key = `${event.eventId}/${from.raceId}`;
    const { setup, roster } = from;
    const folded = folds.get(key) ?? {
      fold: createRaceFold(from),
      positions: new Map(),
      setup,
      roster,
      rows: null,
      refreshing: Promise.resolve(),
    };
    keepYoungest(folds, key, folded);
    return folded;
  };

  const addNewReads = async (folded: Folded, { setup, raceId }: FoldInputs): Promise<boolean> => {
    let added = false;
    for (const [key, mapped] of setup.epochRaces) {
      const pair = mapped === raceId ? pairFromKey(key) : null;
      if (pair === null) continue;
      const head = core.log.head(pair);
      for await (const reads of followEpoch(core.log, pair, folded.positions.get(key) ?? 0, head)) {
        folded.fold.add(reads.map((read) => ({ ...pair, ...read })));
        folded.positions.set(key, reads.at(-1)?.seq ?? 0);
        added = true;
      }
    }
    return added;
  };

  const refresh = async (folded: Folded, from: FoldInputs): Promise<void> => {
    const changed = folded.setup !== from.setup || folded.roster !== from.roster;
    if (changed) {
      folded.fold.update(from);
      folded.setup = from.setup;
      folded.roster = from.roster;
    }
    const added = await addNewReads(folded, from);
    if (folded.rows === null || changed || added) {
      folded.rows = { rows: folded.fold.results().rows, asOf: core.clock.now() };
    }
  };

  const results = async (eventId: EventId, raceId: RaceId): Promise<Rows<ResultRow> | null> => {
    const event = core.registry.event(eventId);
    const from = event === undefined ? null : await inputs(event, raceId);
    if (event === undefined || from === null) return null;
    const folded = foldOf(event, from);
    folded.refreshing = folded.refreshing.then(
      () => refresh(folded, from),
      () => refresh(folded, from), // the one before failed and told its asker so
    );
    await folded.refreshing;
    return folded.rows;
  };

  const startListOf = (event: EventRecord, from: FoldInputs): StartList => {
    const key = `${event.eventId}/${from.raceId}`;
    const { setup, roster } = from;
    const known = startLists.get(key);
    const isCurrent = known?.setup === setup && known.roster === roster;
    const list = isCurrent ? known : { setup, roster, rows: runWithPauses(startRows(from), pause) };
    keepYoungest(startLists, key, list);
    return list;
  };

  const startlist = async (eventId: EventId, raceId: RaceId): Promise<Rows<StartRow> | null> => {
    const event = core.registry.event(eventId);
    if (event === undefined) return null;
    const from = await inputs(event, raceId);
    return from === null ? null : { rows: await startListOf(event, from).rows, asOf: core.clock.now() };
  };

  return { results, startlist };
};
