import type { Roster, Setup } from '@baton/schema/doc';
import type { StartRow } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import { type Pace, runPaced } from '@baton/schema/roster';
import { startRows } from '../results/start-rows.ts';
import { foldInputsOf, type HubInputs } from './hub-inputs.ts';

/** A race's start list, of these documents; who asks while it is made waits for the same one. */
interface Kept {
  readonly setup: Setup;
  readonly roster: Roster;
  readonly version: number;
  readonly rows: Promise<readonly StartRow[]>;
}

export interface StartList {
  readonly rows: readonly StartRow[];
  /** Another one for another list. */
  readonly version: number;
}

/** Lists kept of one event; the one asked for longest ago goes first. */
const MAX_KEPT = 100;

export const createStartLists = (pace: Pace): ((inputs: HubInputs, raceId: RaceId) => Promise<StartList>) => {
  const kept = new Map<RaceId, Kept>();
  let versions = 0;

  return async (inputs, raceId) => {
    const { setup, roster } = inputs;
    const known = kept.get(raceId);
    const isCurrent = known?.setup === setup && known.roster === roster;
    const rows = (): Promise<readonly StartRow[]> => runPaced(startRows(foldInputsOf(inputs, raceId)), pace);
    const list = isCurrent ? known : { setup, roster, version: ++versions, rows: rows() };
    kept.delete(raceId);
    kept.set(raceId, list);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    return { rows: await list.rows, version: list.version };
  };
};
