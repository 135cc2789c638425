import { createShardedMap, type ShardedMap } from '@baton/schema/doc';
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
  /** Of which something is told that was not taken back. */
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

const saysSomething = ({ byBib, onCourse }: ExternalResults): boolean => {
  if (onCourse.size > 0) return true;
  for (const { timeMs, status } of byBib.values()) if (timeMs !== null || status !== null) return true;
  return false;
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

/** What was told of one race: what changes, and as it was given out. */
interface RaceBook {
  readonly byBib: ShardedMap<string, ExternalResult>;
  readonly onCourse: ShardedMap<string, ExternalRider>;
  given: ExternalResults;
}

export const createExternalBook = (known: readonly ToldResult[]): ExternalBook => {
  const races = new Map<RaceId, RaceBook>();
  const of = (raceId: RaceId): ExternalResults => races.get(raceId)?.given ?? NO_EXTERNAL;

  const bookOf = (raceId: RaceId): RaceBook => {
    const book = races.get(raceId) ?? { byBib: createShardedMap(), onCourse: createShardedMap(), given: NO_EXTERNAL };
    races.set(raceId, book);
    return book;
  };

  const give = (book: RaceBook): void => {
    book.given = { byBib: book.byBib.snapshot(), onCourse: book.onCourse.snapshot() };
  };

  const putResults = (results: readonly ToldResult[]): void => {
    for (const [raceId, told] of groupByRace(results)) {
      const book = bookOf(raceId);
      for (const { bib, timeMs, status, at } of told) {
        book.byBib.set(bib, { timeMs, status, at });
        if (timeMs !== null || status !== null) book.onCourse.delete(bib);
      }
      give(book);
    }
  };

  const putRiders = (riders: readonly ToldRider[]): void => {
    for (const [raceId, told] of groupByRace(riders)) {
      const book = bookOf(raceId);
      for (const { bib, startedAt, lastPoint, at } of told) book.onCourse.set(bib, { startedAt, lastPoint, at });
      give(book);
    }
  };

  const expire = (at: number): boolean => {
    let some = false;
    for (const book of races.values()) {
      const gone = [...book.onCourse].filter(([, rider]) => rider.at <= at);
      if (gone.length === 0) continue;
      for (const [bib] of gone) book.onCourse.delete(bib);
      give(book);
      some = true;
    }
    return some;
  };

  putResults(known);
  return {
    of,
    result: (raceId, bib) => of(raceId).byBib.get(bib),
    races: () => [...races].flatMap(([raceId, { given }]) => (saysSomething(given) ? [raceId] : [])),
    putResults,
    putRiders,
    riders: () => [...races.values()].reduce((sum, { onCourse }) => sum + onCourse.size, 0),
    expire,
  };
};
