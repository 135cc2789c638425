import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { Favourite, Favourites } from './favourites.ts';
import type { FollowedList, ListDeps } from './list-follower.ts';
import type { ResultRow } from './public-body.ts';
import { followRunner } from './runner-list.ts';

export interface FollowedFavourites {
  /** In the order they were added. */
  readonly all: ReadonlySignal<readonly FavouriteRows[]>;
  readonly stop: () => void;
}

/** A favourite with its rows; null before the first answer. */
export interface FavouriteRows {
  readonly favourite: Favourite;
  readonly rows: readonly ResultRow[] | null;
}

/** Follows every favourite of the event, as long as the page is open. */
export const followFavourites = (
  deps: ListDeps & { readonly favourites: Favourites },
  eventId: string,
): FollowedFavourites => {
  const lists = signal<ReadonlyMap<string, FollowedList>>(new Map());
  const keyOf = ({ raceId, bib }: Favourite): string => JSON.stringify([raceId, bib]);
  const forget = effect(() => {
    const wanted = deps.favourites.all.value;
    const [before, after] = [lists.peek(), new Map<string, FollowedList>()];
    for (const it of wanted) {
      after.set(keyOf(it), before.get(keyOf(it)) ?? followRunner(deps, eventId, it.raceId, it.bib));
    }
    for (const [key, list] of before) if (!after.has(key)) list.stop();
    lists.value = after;
  });
  return {
    all: computed(() =>
      deps.favourites.all.value.map((favourite) => ({
        favourite,
        rows: lists.value.get(keyOf(favourite))?.window.value?.rows ?? null,
      })),
    ),
    stop: () => {
      forget();
      for (const list of lists.peek().values()) list.stop();
    },
  };
};
