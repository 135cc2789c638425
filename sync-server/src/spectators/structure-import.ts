import { patchRace, putRace, type Race, type Setup } from '@baton/schema/doc';
import { type Refusal, refusal } from '@baton/schema/errors';
import type { IngestStructure } from '@baton/schema/http';
import type { RaceId } from '@baton/schema/ids';
import { err, ok, type Result } from '@baton/schema/result';
import type { ParsedRoster, RosterRow } from '@baton/schema/roster';
import type * as Y from 'yjs';

/** What a structure of another timing system means for an event's documents. */
export interface StructurePlan {
  readonly races: readonly (Pick<Race, 'raceId' | 'name' | 'categories'> & { readonly isNew: boolean })[];
  /** Participants, a list for each race. */
  readonly lists: readonly { readonly raceId: RaceId; readonly list: ParsedRoster }[];
}

type NewIds = () => RaceId;

/** Those of the race, renamed where the import says so, and behind them those that it lacks. */
const mergedCategories = (race: Race | undefined, told: IngestStructure['categories']): Race['categories'] => {
  const names = new Map(told.map(({ categoryId, name }) => [categoryId, name]));
  const known = race?.categories ?? [];
  const kept = known.map((it) => ({ ...it, name: names.get(it.categoryId) ?? it.name }));
  const ids = new Set(known.map(({ categoryId }) => categoryId));
  const added = told
    .filter(({ categoryId }) => !ids.has(categoryId))
    .map(({ categoryId, name }) => ({ categoryId, name, sex: null, ageFrom: null, ageTo: null }));
  return [...kept, ...added];
};

/** A race without an id is the one of that name, or a new one. */
const namedRaces = (setup: Setup, told: IngestStructure['races'], newId: NewIds) =>
  told.map(({ raceId, name }) => {
    const known = raceId ?? [...setup.races.values()].find((race) => race.name === name)?.raceId;
    return { raceId: known ?? newId(), name };
  });

const duplicateIn = (items: readonly string[]): string | undefined =>
  items.find((item, index) => items.indexOf(item) !== index);

const rowsOf = (participants: IngestStructure['participants']): readonly RosterRow[] =>
  participants.map(({ bib, name, club, category }, index) => ({
    line: index + 1,
    bib,
    name,
    ...(club === undefined ? {} : { club }),
    ...(category === undefined ? {} : { category }),
  }));

const listOf = (participants: IngestStructure['participants']): ParsedRoster => ({
  kind: 'participants',
  format: 'csv',
  encoding: 'utf-8',
  columns: [],
  rows: rowsOf(participants),
});

const listsByRace = (participants: IngestStructure['participants']): StructurePlan['lists'] => {
  const byRace = new Map<RaceId, IngestStructure['participants'][number][]>();
  for (const participant of participants) {
    const others = byRace.get(participant.raceId);
    if (others === undefined) byRace.set(participant.raceId, [participant]);
    else others.push(participant);
  }
  return [...byRace].map(([raceId, of]) => ({ raceId, list: listOf(of) }));
};

/** Categories belong to the races that came with them, or where none came, to all. */
const racesToPut = (setup: Setup, told: IngestStructure, newId: NewIds): StructurePlan['races'] => {
  const named = namedRaces(setup, told.races, newId);
  const all = [...setup.races.values()].map(({ raceId, name }) => ({ raceId, name }));
  const touched = named.length === 0 && told.categories.length > 0 ? all : named;
  return touched.map(({ raceId, name }) => {
    const race = setup.races.get(raceId);
    return { raceId, name, isNew: race === undefined, categories: mergedCategories(race, told.categories) };
  });
};

/** What is to be done, or why nothing of it can be. */
export const planStructure = (setup: Setup, told: IngestStructure, newId: NewIds): Result<StructurePlan, Refusal> => {
  const races = racesToPut(setup, told, newId);
  const twice = duplicateIn(races.map(({ raceId }) => raceId));
  if (twice !== undefined)
    return err(refusal('BAD_REQUEST', `race ${twice} is in it twice`, { fields: { races: twice } }));
  const known = new Set<string>([...setup.races.keys(), ...races.map(({ raceId }) => raceId)]);
  const stray = told.participants.findIndex(({ raceId }) => !known.has(raceId));
  if (stray !== -1) {
    const fields = { [`participants.${stray}.raceId`]: 'expected a race of the event, or of this structure' };
    return err(refusal('BAD_REQUEST', 'a participant is in a race that there is not', { fields }));
  }
  return ok({ races, lists: listsByRace(told.participants) });
};

/** Writes the races; what they have and the import does not speak of stays. */
export const putRaces = (doc: Y.Doc, { races }: StructurePlan): void => {
  for (const { raceId, name, categories, isNew } of races) {
    if (isNew) putRace(doc, { raceId, name, categories: [...categories] });
    else patchRace(doc, raceId, { name, categories: [...categories] });
  }
};
