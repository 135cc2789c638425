import type { Race, RaceInput } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { startFields, startText } from './start-time.ts';

/** By start, those without one last; then by name. */
export const racesInOrder = (races: Iterable<Race>, timezone: string): readonly Race[] => {
  const keyed = [...races].map((race) => {
    const start = startFields(race.startAt, timezone);
    return { race, key: start === null ? '~' : startText(start) };
  });
  const byName = (a: Race, b: Race): number =>
    a.name.localeCompare(b.name, 'en', { numeric: true }) || (a.raceId < b.raceId ? -1 : 1);
  return keyed
    .sort((a, b) => (a.key === b.key ? byName(a.race, b.race) : a.key < b.key ? -1 : 1))
    .map(({ race }) => race);
};

const sameName = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

export const isNameTaken = (name: string, races: Iterable<Race>, except?: RaceId): boolean =>
  [...races].some((it) => it.raceId !== except && sameName(it.name, name));

const MAX_NAME = 200;

/** `10 km copy`, `10 km copy 2`, …: the first that no race has. */
export const copyName = (name: string, races: readonly Race[]): string => {
  for (let number = 1; ; number++) {
    const tail = number === 1 ? ' copy' : ` copy ${number}`;
    const candidate = `${name.slice(0, MAX_NAME - tail.length)}${tail}`;
    if (!isNameTaken(candidate, races)) return candidate;
  }
};

/** The same course and categories under a fresh id; not the start, which is another gun. */
export const copyOf = (race: Race, raceId: RaceId, races: readonly Race[]): RaceInput => ({
  raceId,
  name: copyName(race.name, races),
  points: [...race.points],
  categories: [...race.categories],
});

/** What is odd about a race beside its points and categories. `eventDate` is `YYYY-MM-DD`, null while unknown. */
export const raceNotes = (
  race: Race,
  races: readonly Race[],
  event: { readonly date: string; readonly timezone: string } | null,
): readonly string[] => {
  const notes: string[] = [];
  if (isNameTaken(race.name, races, race.raceId)) {
    notes.push(`Another race is called “${race.name}” too: results and imports cannot tell them apart by name.`);
  }
  const start = event === null ? null : startFields(race.startAt, event.timezone);
  if (event !== null && start !== null && start.day !== event.date) {
    notes.push(`It starts on ${start.day}; the event is on ${event.date}.`);
  }
  return notes;
};
