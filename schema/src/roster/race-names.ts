import type { Race } from '../doc/race.ts';
import type { Setup } from '../doc/setup-doc.ts';
import type { RaceId } from '../ids.ts';
import { err, ok, type Result } from '../result.ts';
import { shown } from './line-problem.ts';

type Setups = Pick<Setup, 'races'>;

/** How names are compared: people write them by hand. */
const fold = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** Remembers what a text stood for: a list says the same few names in all its rows. */
const remembering = <T>(find: (text: string) => T): ((text: string) => T) => {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? find(text);
    if (known.size < MAX_REMEMBERED) known.set(text, found);
    return found;
  };
};

const MAX_REMEMBERED = 10_000;

/** A race by its id or its name, in any letter case. */
export const raceFinder = ({ races }: Setups): ((text: string) => Result<RaceId, string>) =>
  remembering((text) => {
    const wanted = fold(text);
    const byId = [...races.keys()].find((raceId) => raceId.toLowerCase() === wanted);
    if (byId !== undefined) return ok(byId);
    const [found, second] = [...races.values()].filter((race) => fold(race.name) === wanted);
    if (found === undefined) return err(`there is no race ${shown(text)}`);
    return second === undefined ? ok(found.raceId) : err(`two races are called ${shown(text)}: write the id of one`);
  });

export interface FoundCategory {
  readonly categoryId: string;
  /** Whether some race has it. */
  readonly isKnown: boolean;
}

const categoryAmong = (races: readonly Race[], text: string): string | null => {
  const categories = races.flatMap((race) => race.categories);
  const wanted = fold(text);
  const found =
    categories.find((it) => it.categoryId === text) ??
    categories.find((it) => fold(it.categoryId) === wanted) ??
    categories.find((it) => fold(it.name) === wanted);
  return found?.categoryId ?? null;
};

/**
 * A category by its id or its name: one of the participant's race. Where nothing says which there are (no race, or one that has no
 * categories) it may be one of any race, or one that is still to come: then the text is its id.
 */
export const categoryFinder = ({
  races,
}: Setups): ((raceId: RaceId | null, text: string) => Result<FoundCategory, string>) => {
  const finders = new Map<RaceId | null, (text: string) => Result<FoundCategory, string>>();
  const finderOf = (raceId: RaceId | null) => {
    const race = raceId === null ? undefined : races.get(raceId);
    const isOpen = raceId === null || race?.categories.length === 0;
    return remembering((text: string): Result<FoundCategory, string> => {
      const categoryId = categoryAmong(raceId === null ? [...races.values()] : race === undefined ? [] : [race], text);
      if (categoryId !== null) return ok({ categoryId, isKnown: true });
      if (isOpen) return ok({ categoryId: text, isKnown: false });
      return err(`the race ${shown(race?.name ?? raceId)} has no category ${shown(text)}`);
    });
  };
  return (raceId, text) => {
    const finder = finders.get(raceId) ?? finderOf(raceId);
    finders.set(raceId, finder);
    return finder(text);
  };
};
