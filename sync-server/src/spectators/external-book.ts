import { type EventId, RaceId } from '@baton/schema/ids';
import { type ExternalResult, type ExternalResults, type ExternalRider, NO_EXTERNAL } from '@baton/schema/results';
import { z } from 'zod';
import type { EventFact } from '../storage/records.ts';

/** A result as another timing system told it, merged with what it told before. */
export interface ToldResult extends ExternalResult {
  readonly raceId: RaceId;
  readonly bib: string;
}

/** A rider as another timing system told it. */
export interface ToldRider extends ExternalRider {
  readonly raceId: RaceId;
  readonly bib: string;
}

/**
 * What other timing systems said of one event. Results are on disk before they are here; riders are nowhere else, for they are gone
 * some seconds later. What it gives out never changes: the next one is another object.
 */
export interface ExternalBook {
  readonly of: (raceId: RaceId) => ExternalResults;
  readonly result: (raceId: RaceId, bib: string) => ExternalResult | undefined;
  readonly races: () => Iterable<RaceId>;
  readonly putResults: (results: readonly ToldResult[]) => void;
  readonly putRiders: (riders: readonly ToldRider[]) => void;
  readonly riders: () => number;
  /** Takes those away who were heard of last at `at` or before; true when there was one. */
  readonly expire: (at: number) => boolean;
}

const Stored = z.object({
  timeMs: z.number().nullable(),
  status: z.enum(['DNS', 'DNF', 'DSQ']).nullable(),
  at: z.number(),
});

export const factOf = (eventId: EventId, { raceId, bib, timeMs, status, at }: ToldResult): EventFact => ({
  eventId,
  kind: 'external-result',
  key: `${raceId}/${bib}`,
  bytes: Buffer.from(JSON.stringify({ timeMs, status, at })),
});

/** What the relay itself has written. Throws when that is not so. */
export const toldResultOf = ({ key, bytes }: EventFact): ToldResult => {
  const slash = key.indexOf('/');
  const raceId = RaceId.parse(key.slice(0, slash));
  return { raceId, bib: key.slice(slash + 1), ...Stored.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))) };
};

const groupByRace = <T extends { readonly raceId: RaceId }>(items: readonly T[]): ReadonlyMap<RaceId, readonly T[]> => {
  const groups = new Map<RaceId, T[]>();
  for (const item of items) {
    const group = groups.get(item.raceId);
    if (group === undefined) groups.set(item.raceId, [item]);
    else group.push(item);
  }
  return groups;
};

export const createExternalBook = (known: readonly ToldResult[]): ExternalBook => {
  const races = new Map<RaceId, ExternalResults>();
  const of = (raceId: RaceId): ExternalResults => races.get(raceId) ?? NO_EXTERNAL;

  const putResults = (results: readonly ToldResult[]): void => {
    for (const [raceId, told] of groupByRace(results)) {
      const { byBib, onCourse } = of(raceId);
      const merged = new Map(byBib);
      const riders = new Map(onCourse);
      for (const { bib, timeMs, status, at } of told) {
        merged.set(bib, { timeMs, status, at });
        if (timeMs !== null || status !== null) riders.delete(bib);
      }
      races.set(raceId, { byBib: merged, onCourse: riders.size === onCourse.size ? onCourse : riders });
    }
  };

  const putRiders = (riders: readonly ToldRider[]): void => {
    for (const [raceId, told] of groupByRace(riders)) {
      const { byBib, onCourse } = of(raceId);
      const merged = new Map(onCourse);
      for (const { bib, startedAt, lastPoint, at } of told) merged.set(bib, { startedAt, lastPoint, at });
      races.set(raceId, { byBib, onCourse: merged });
    }
  };

  const expire = (at: number): boolean => {
    let some = false;
    for (const [raceId, { byBib, onCourse }] of races) {
      const left = new Map([...onCourse].filter(([, rider]) => rider.at > at));
      if (left.size === onCourse.size) continue;
      races.set(raceId, { byBib, onCourse: left });
      some = true;
    }
    return some;
  };

  putResults(known);
  return {
    of,
    result: (raceId, bib) => of(raceId).byBib.get(bib),
    races: () => races.keys(),
    putResults,
    putRiders,
    riders: () => [...races.values()].reduce((sum, { onCourse }) => sum + onCourse.size, 0),
    expire,
  };
};
