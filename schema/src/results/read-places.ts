import type { Sliced } from '../roster/sliced.ts';
import { type Entrant, takeRead } from './entrant.ts';
import type { EntrantPool } from './entrant-pool.ts';
import type { Fate, FateCounter } from './fate.ts';
import { type ChipReads, type HeldRead, isTimed, type Source } from './held-reads.ts';
import type { RacePlan } from './race-plan.ts';

/** The index of a point of the race, or why an epoch stands at none. */
export type Placed = ReturnType<RacePlan['pointOf']>;

type Bearer = Entrant | 'unknown-chip' | 'other-race';

/** Where each read stands and whose it is. */
export interface ReadPlaces {
  readonly take: (read: HeldRead) => void;
  readonly placeOf: (source: Source) => Placed;
  /** Null: the read stands at none of the race's points. */
  readonly pointOf: (read: HeldRead) => number | null;
  /** Why a read belongs to no entrant of the race; null: it does. */
  readonly settledFate: (read: HeldRead) => Fate | null;
  /** The plan may give a chip to somebody else now. */
  readonly rebear: (chip: ChipReads) => void;
  /** The plan may put epochs elsewhere now. Once begun, it must be run to its end. */
  readonly replaceAll: () => Sliced<void>;
}

/** Reads looked at in one step. */
const STEP = 100;

const fateOf = (place: Placed, bearer: Bearer | null, read: HeldRead): Fate | null => {
  if (typeof place === 'string') return place;
  if (!isTimed(read)) return 'unparsable-time';
  if (bearer === null) return 'unknown-chip';
  return typeof bearer === 'string' ? bearer : null;
};

export const createReadPlaces = (pool: EntrantPool, fates: FateCounter, planNow: () => RacePlan): ReadPlaces => {
  const places = new Map<Source, Placed>();
  const bearers = new Map<ChipReads, Bearer>();

  const placeOf = (source: Source): Placed => {
    const known = places.get(source);
    if (known !== undefined) return known;
    const place = planNow().pointOf(source.streamId, source.epoch);
    places.set(source, place);
    return place;
  };

  const give = (chip: ChipReads, bearer: Bearer): Bearer => {
    bearers.set(chip, bearer);
    if (typeof bearer !== 'string') bearer.chips.add(chip);
    return bearer;
  };

  const newBearer = ({ key }: ChipReads): Bearer => {
    const participant = planNow().bearerOf(key);
    return typeof participant === 'string' ? participant : pool.of(participant);
  };

  /** Looked up when the first read stands somewhere: who is read elsewhere only has nothing to do with the race. */
  const bearerOf = ({ chip }: HeldRead): Bearer | null =>
    chip === null ? null : (bearers.get(chip) ?? give(chip, newBearer(chip)));

  const bearerAt = (place: Placed, read: HeldRead): Bearer | null =>
    typeof place === 'string' ? null : bearerOf(read);

  const count = ({ streamId }: Source, place: Placed, fate: Fate, by: 1 | -1): void => {
    const pointId = typeof place === 'string' ? null : (planNow().points[place]?.pointId ?? null);
    fates.add(streamId, pointId, fate, by);
  };

  const soil = (bearer: Bearer | null): void => {
    if (bearer === null || typeof bearer === 'string') return;
    bearer.stale = true;
    pool.dirty.add(bearer);
  };

  /** What a read was judged to be does not hold any more (-1), or holds from now on (1). */
  const recount = (read: HeldRead, place: Placed, bearer: Bearer | null, by: 1 | -1): void => {
    const fate = fateOf(place, bearer, read);
    if (fate === null) soil(bearer);
    else count(read.source, place, fate, by);
  };

  /** What comes meanwhile is judged by the new place at once. */
  function* replace(source: Source): Sliced<void> {
    const [before, after] = [placeOf(source), planNow().pointOf(source.streamId, source.epoch)];
    if (before === after) return;
    places.set(source, after);
    for (const [index, read] of source.reads.slice().entries()) {
      recount(read, before, bearerAt(before, read), -1);
      recount(read, after, bearerAt(after, read), 1);
      if (index % STEP === STEP - 1) yield;
    }
  }

  return {
    take: (read) => {
      const place = placeOf(read.source);
      const bearer = bearerAt(place, read);
      const fate = fateOf(place, bearer, read);
      if (fate !== null) return count(read.source, place, fate, 1);
      if (typeof place === 'string' || bearer === null || typeof bearer === 'string' || !isTimed(read)) return;
      if (!bearer.stale) takeRead(bearer, read, place);
      pool.dirty.add(bearer);
    },
    placeOf,
    pointOf: (read) => {
      const place = placeOf(read.source);
      return typeof place === 'string' ? null : place;
    },
    settledFate: (read) => {
      const place = placeOf(read.source);
      return fateOf(place, bearerAt(place, read), read);
    },
    rebear: (chip) => {
      const before = bearers.get(chip);
      const after = before === undefined ? before : newBearer(chip);
      if (before === undefined || after === undefined || after === before) return;
      for (const read of chip.reads) recount(read, placeOf(read.source), before, -1);
      if (typeof before !== 'string') before.chips.delete(chip);
      soil(before);
      soil(give(chip, after));
      for (const read of chip.reads) recount(read, placeOf(read.source), after, 1);
    },
    replaceAll: function* () {
      for (const source of [...places.keys()]) yield* replace(source);
    },
  };
};
