import './part-words.ts';
import type { Clock } from '@baton/schema/ports';
import { effect } from '@preact/signals';
import type { KeyValue } from '../platform/key-value.ts';
import type { NotificationDesk } from '../platform/notify.ts';
import type { EventSource } from './event-source.ts';
import { createFavourites, type Favourite, type Favourites, MAX_FAVOURITES } from './favourites.ts';
import { type FollowedFavourites, followFavourites } from './followed-favourites.ts';
import type { ListDeps } from './list-follower.ts';
import { createNotifier, NOTIFY_KEY, type Notifier } from './notifier.ts';
import { say } from './words.ts';

export interface FavouriteDeskDeps extends ListDeps {
  readonly source: EventSource;
  readonly storage: KeyValue;
  readonly notifications: NotificationDesk;
  readonly clock: Clock;
  /** Says what could not be done. */
  readonly fail: (text: string) => void;
  /** Whether somebody waits for news, also while the page is hidden. */
  readonly onAwaited: (is: boolean) => void;
}

/** All that concerns favourites of one event; loaded when there is something else to see already. */
export interface FavouriteDesk {
  readonly favourites: Favourites;
  readonly toggle: (favourite: Favourite) => void;
  /** Follows every favourite from the first call on, as long as the page is open. */
  readonly follow: () => FollowedFavourites;
  readonly notifier: () => Notifier;
}

export const createFavouriteDesk = (deps: FavouriteDeskDeps, eventId: string): FavouriteDesk => {
  const { storage, clock, source } = deps;
  const favourites = createFavourites(storage, eventId);
  let followed: FollowedFavourites | null = null;
  let notifier: Notifier | null = null;

  const follow = (): FollowedFavourites => {
    followed ??= followFavourites({ ...deps, favourites }, eventId);
    return followed;
  };
  const begin = (): Notifier => {
    if (notifier !== null) return notifier;
    const made = createNotifier({ desk: deps.notifications, storage, clock, eventId, source, favourites: follow() });
    effect(() => deps.onAwaited(made.state.value === 'on'));
    notifier = made;
    return made;
  };

  // somebody wanted to be told, on an earlier visit
  if (favourites.all.peek().length > 0 && storage.get(NOTIFY_KEY) === 'on') begin();

  return {
    favourites,
    follow,
    notifier: begin,
    toggle: (favourite) => {
      const done = favourites.toggle(favourite);
      if (done === 'full') deps.fail(say('favouritesFull', { n: MAX_FAVOURITES }));
      if (!favourites.isKept.peek()) deps.fail(say('favouritesRefused'));
    },
  };
};
