import type { Roster, Setup } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { type ExternalResults, type FoldInputs, NO_EXTERNAL } from '@baton/schema/results';
import type { EventRecord } from '../storage/records.ts';
import type { ExternalBook } from './external-book.ts';
import { racesOf } from './public-shape.ts';

/** All that an event's results are made of, besides reads, at one moment. */
export interface HubInputs {
  readonly event: EventRecord;
  readonly setup: Setup;
  readonly roster: Roster;
  /** By race, as the book had it. */
  readonly external: ReadonlyMap<RaceId, ExternalResults>;
}

export const inputsAt = (event: EventRecord, setup: Setup, roster: Roster, book: ExternalBook): HubInputs => ({
  event,
  setup,
  roster,
  external: new Map(racesOf(setup, book.races()).map(({ raceId }) => [raceId, book.of(raceId)])),
});

export const foldInputsOf = ({ event, setup, roster, external }: HubInputs, raceId: RaceId): FoldInputs => ({
  raceId,
  setup,
  roster,
  timezone: event.timezone,
  date: event.date,
  external: external.get(raceId) ?? NO_EXTERNAL,
});

/**
 * - `structure`: races, points, categories, mappings, rules, or the event itself; what spectators hold no longer fits
 * - `races`: of these the roster or another timing system's word is new
 */
export type InputChange =
  | { readonly type: 'none' }
  | { readonly type: 'structure' }
  | { readonly type: 'races'; readonly raceIds: readonly RaceId[] };

const isSameEvent = (a: EventRecord, b: EventRecord): boolean =>
  a.title === b.title && a.date === b.date && a.timezone === b.timezone && a.location === b.location;

export const changeBetween = (before: HubInputs | null, now: HubInputs): InputChange => {
  if (before === null || before.setup !== now.setup || !isSameEvent(before.event, now.event))
    return { type: 'structure' };
  if ([...now.external.keys()].some((raceId) => !before.external.has(raceId))) return { type: 'structure' };
  const raceIds = [...now.external.keys()];
  if (before.roster !== now.roster) return { type: 'races', raceIds };
  const told = raceIds.filter((raceId) => before.external.get(raceId) !== now.external.get(raceId));
  return told.length === 0 ? { type: 'none' } : { type: 'races', raceIds: told };
};
