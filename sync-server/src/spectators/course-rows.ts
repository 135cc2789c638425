import type { OnCourseRow } from '@baton/schema/results';
import type { Pace } from '@baton/schema/roster';
import { runPaced } from '@baton/schema/roster';
import type { RaceCut } from './event-hub.ts';

/** Who is on the course of some races, some at a time; to be called while the hub takes nothing in. */
export const courseRows = async (cuts: readonly RaceCut[], pace: Pace): Promise<readonly OnCourseRow[]> => {
  let all: readonly OnCourseRow[] = [];
  for (const { live } of cuts) {
    const rows = await runPaced(live.fold.onCourseSliced(), pace);
    all = all.length === 0 ? rows : [...all, ...rows];
  }
  return all;
};
