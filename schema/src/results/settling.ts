import type { Sliced } from '../roster/sliced.ts';
import { type ChangeLedger, createChangeLedger } from './change-ledger.ts';
import { type Entrant, settleCourse } from './entrant.ts';
import type { EntrantPool } from './entrant-pool.ts';
import { type Entry, entryOf, sameEntry } from './entry.ts';
import { createLegs, type Legs } from './expected-times.ts';
import type { FateCounter } from './fate.ts';
import { createOnCourse, type OnCourse } from './on-course.ts';
import type { RacePlan } from './race-plan.ts';
import type { ReadPlaces } from './read-places.ts';
import { createStandingLists, type StandingLists } from './standing-lists.ts';

/** The results of all entrants beside each other. */
export interface Settling {
  readonly lists: StandingLists;
  readonly onCourse: OnCourse;
  readonly legs: Legs;
  readonly ledger: ChangeLedger;
  /** Makes the results of those who are dirty. */
  readonly settle: () => void;
  readonly settleSliced: () => Sliced<void>;
}

/** More than these, of not many more, are sorted at once instead of one by one. */
const BULK = 500;

interface Parts {
  readonly pool: EntrantPool;
  readonly places: Pick<ReadPlaces, 'pointOf'>;
  readonly fates: FateCounter;
  readonly planNow: () => RacePlan;
}

export const createSettling = ({ pool, places, fates, planNow }: Parts): Settling => {
  const ledger = createChangeLedger();
  const lists = createStandingLists(planNow(), () => !ledger.isAll());
  const legs = createLegs(planNow(), lists);
  const onCourse = createOnCourse();

  /** The entry as it is now; null: nobody here any more, or read elsewhere only. */
  const entryNow = (entrant: Entrant): Entry | null => {
    settleCourse(entrant, planNow(), fates, places.pointOf);
    if (!entrant.listed && entrant.chips.size === 0) pool.drop(entrant);
    if (!entrant.listed && entrant.lanes.length === 0) return null;
    const entry = entryOf(planNow(), entrant.participant, entrant.course);
    return entrant.entry !== null && sameEntry(entrant.entry, entry) ? entrant.entry : entry;
  };

  const settleOne = (entrant: Entrant): void => {
    const [before, after] = [entrant.entry, entryNow(entrant)];
    if (after === before) return;
    ledger.note(entrant);
    legs.touch(before, after);
    lists.replace(entrant, after);
    onCourse.replace(before, after);
    legs.touch(after, before);
  };

  /** All at once: for many it costs less than one by one. */
  const settleAll = (): void => {
    for (const entrant of pool.dirty) entrant.entry = entryNow(entrant);
    ledger.noteAll();
    lists.fill([...pool.byId.values()]);
    onCourse.clear();
    for (const { entry } of pool.byId.values()) onCourse.replace(null, entry);
    legs.forget();
  };

  return {
    lists,
    onCourse,
    legs,
    ledger,
    settle: () => {
      if (pool.dirty.size > BULK && pool.dirty.size > pool.byId.size / 4) settleAll();
      else for (const entrant of pool.dirty) settleOne(entrant);
      pool.dirty.clear();
    },
    settleSliced: function* () {
      for (const entrant of pool.dirty) {
        pool.dirty.delete(entrant);
        settleOne(entrant);
        yield;
      }
    },
  };
};
