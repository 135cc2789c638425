import { type ReadonlySignal, signal } from '@preact/signals';
import type { KeyValue } from '../platform/key-value.ts';
import { listOf, objectOf, type Shaped, shapedAs, text } from '../platform/shape.ts';

const Favourite = objectOf({ raceId: text, bib: text, name: text });
/** A runner that somebody follows; the name is for the time before anything else is known. */
export type Favourite = Shaped<typeof Favourite>;

/** Runners whom somebody follows in one event, on this device alone. */
export interface Favourites {
  readonly all: ReadonlySignal<readonly Favourite[]>;
  readonly has: (raceId: string, bib: string) => boolean;
  /** Adds, or takes away. */
  readonly toggle: (favourite: Favourite) => 'added' | 'removed' | 'full';
  /** False: the browser keeps nothing, they end with the page. */
  readonly isKept: ReadonlySignal<boolean>;
}

/** Families follow a handful; a club some more. */
export const MAX_FAVOURITES = 30;
/** Events with favourites on one device; the oldest is forgotten. */
const MAX_EVENTS = 20;
const MAX_CHARS = 20_000;
const MAX_NAME = 200;
const INDEX = 'baton.favourites';

const parsed = (json: string | null): unknown => {
  if (json === null || json.length > MAX_CHARS) return null;
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

/** What was stored may be anybody's: another version's, or cut off. */
const read = (storage: KeyValue, key: string): readonly Favourite[] =>
  (shapedAs(listOf(Favourite), parsed(storage.get(key))) ?? []).slice(0, MAX_FAVOURITES);

const enlist = (storage: KeyValue, eventId: string): void => {
  const known = (shapedAs(listOf(text), parsed(storage.get(INDEX))) ?? []).filter((it) => it !== eventId);
  for (const old of known.slice(0, -(MAX_EVENTS - 1))) storage.remove(`${INDEX}.${old}`);
  storage.set(INDEX, JSON.stringify([...known.slice(-(MAX_EVENTS - 1)), eventId]));
};

export const createFavourites = (storage: KeyValue, eventId: string): Favourites => {
  const key = `${INDEX}.${eventId}`;
  const all = signal(read(storage, key));
  const isKept = signal(true);
  const is = (raceId: string, bib: string) => (it: Favourite) => it.raceId === raceId && it.bib === bib;

  const store = (next: readonly Favourite[]): void => {
    all.value = next;
    enlist(storage, eventId);
    if (next.length === 0) storage.remove(key);
    else isKept.value = storage.set(key, JSON.stringify(next));
  };

  return {
    all,
    isKept,
    has: (raceId, bib) => all.value.some(is(raceId, bib)),
    toggle: ({ raceId, bib, name }) => {
      const others = all.peek().filter((it) => !is(raceId, bib)(it));
      if (others.length < all.peek().length) {
        store(others);
        return 'removed';
      }
      if (others.length >= MAX_FAVOURITES) return 'full';
      store([...others, { raceId, bib, name: name.slice(0, MAX_NAME) }]);
      return 'added';
    },
  };
};
