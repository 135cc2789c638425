import type { OnCourseRow } from '@baton/schema/results';
import { runWithPauses } from '@baton/schema/roster';
import type { Pause } from '../work/pauses.ts';
import type { RaceCut } from './event-hub.ts';

/** Who is on the course of some races, some at a time; to be called while the hub takes nothing in. */
export const courseRows = async (cuts: readonly RaceCut[], pause: Pause): Promise<readonly OnCourseRow[]> => {
  let all: readonly OnCourseRow[] = [];
  for (const { live } of cuts) {
    const rows = await runWithPauses(live.fold.onCourseSliced(), pause);
    all = all.length === 0 ? rows : [...all, ...rows];
  }
  return all;
};
