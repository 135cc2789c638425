import type { Clock, Timers } from '@baton/schema/ports';
import type { DayUseRecord } from '../storage/records.ts';
import {
  type DayUse,
  type HourUse,
  hourOf,
  NOTHING_USED,
  noteBytes,
  usedBefore,
  waitMs,
  withinDay,
} from './day-use.ts';

/** Bytes of a day by owner: `event/<id>` or `token/<id>`. */
export interface DayMeter {
  /** Milliseconds until the owner may bring something again; 0: now. */
  readonly waitMs: (owner: string, limit: number) => number;
  readonly note: (owner: string, bytes: number) => void;
  /** What differs from what was taken here before: to be kept. Of owners that were quiet for a day: nothing, to be forgotten. */
  readonly takeChanged: () => readonly DayUseRecord[];
  /** What was taken could not be kept: it is told again. */
  readonly giveBack: (uses: readonly DayUseRecord[]) => void;
}

/**
 * Hours of another run count by the wall clock between the two. One that was set back cannot put them into the future: they count as the
 * present hour then; one that was set forward may forgive some.
 */
const useOf = (hours: readonly HourUse[], present: number): DayUse => {
  const earlier = hours.filter(({ hour }) => hour < present);
  const bytes = hours.reduce((sum, it) => sum + (it.hour < present ? 0 : it.bytes), 0);
  return usedBefore(earlier, present, bytes);
};

/**
 * Counts by a clock that reads as the wall clock did at the start and then only goes forward, so that hours of two runs fit together and
 * no jump of the wall clock gives or takes a day meanwhile. Owners that were quiet for a day are forgotten.
 */
export const createDayMeter = (
  { clock, timers }: { readonly clock: Clock; readonly timers: Pick<Timers, 'mono'> },
  kept: readonly DayUseRecord[],
): DayMeter => {
  const ahead = clock.now() - timers.mono();
  const now = (): number => timers.mono() + ahead;
  const uses = new Map<string, DayUse>();
  const changed = new Set<string>();
  let swept = Number.NaN;

  /** Owners are ids of the relay's own records, so there are not more of them than a day sees. */
  const sweep = (at: number): void => {
    if (hourOf(at) === swept) return;
    swept = hourOf(at);
    for (const [owner, use] of uses) {
      if (withinDay(use, at).length > 0) continue;
      uses.delete(owner);
      changed.add(owner);
    }
  };

  for (const { owner, hours } of kept) uses.set(owner, useOf(hours, hourOf(now())));
  sweep(now());

  return {
    waitMs: (owner, limit) => waitMs(uses.get(owner) ?? NOTHING_USED, limit, now()),
    note: (owner, bytes) => {
      uses.set(owner, noteBytes(uses.get(owner) ?? NOTHING_USED, bytes, now()));
      changed.add(owner);
    },
    takeChanged: () => {
      const at = now();
      sweep(at);
      const taken = [...changed].map((owner) => ({ owner, hours: withinDay(uses.get(owner) ?? NOTHING_USED, at) }));
      changed.clear();
      return taken;
    },
    giveBack: (taken) => {
      for (const { owner } of taken) changed.add(owner);
    },
  };
};
