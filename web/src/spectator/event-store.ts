import type { Timer } from '@baton/schema/ports';
import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { AddressBar } from '../platform/address-bar.ts';
import type { PollDeps } from '../platform/poll.ts';
import type { EventSource } from './event-source.ts';
import type { FavouriteDesk } from './favourite-desk.ts';
import { type FollowedList, followList, type ListDeps, type ListQuery } from './list-follower.ts';
import type { RaceInfo } from './public-body.ts';
import { type Part, type View, viewHref, viewOf } from './route.ts';
import { everybody } from './row-window.ts';

/** One event as somebody watches it. */
export interface EventStore {
  readonly eventId: string;
  readonly source: EventSource;
  /** Null until it is loaded: results come first. */
  readonly favourites: ReadonlySignal<FavouriteDesk | null>;
  readonly view: ReadonlySignal<View>;
  readonly part: ReadonlySignal<Part>;
  readonly race: ReadonlySignal<RaceInfo | null>;
  /** The rows looked at; null while another part is shown, or no race is known. */
  readonly list: ReadonlySignal<FollowedList | null>;
  /** The text of the search field: ahead of what is asked for by a pause in typing. */
  readonly typed: ReadonlySignal<string>;
  readonly hrefOf: (change: Partial<View>) => string;
  readonly go: (change: Partial<View>) => void;
  readonly setSearch: (text: string) => void;
  readonly showMore: () => void;
  /** For parts that ask for something of their own. */
  readonly polls: PollDeps & ListDeps;
  readonly stop: () => void;
}

export interface EventStoreDeps extends ListDeps, Omit<PollDeps, 'kept'> {
  readonly address: AddressBar;
  readonly favourites: ReadonlySignal<FavouriteDesk | null>;
}

/** Rows per step: phones never receive a whole big race. The first step is what the feed brings by itself. */
export const FIRST_ROWS = 50;
export const ROWS_STEP = 100;
const TYPING_PAUSE_MS = 250;

export const createEventStore = (deps: EventStoreDeps, eventId: string): EventStore => {
  const { source, timers, address } = deps;
  const view = signal(viewOf(address.search()));
  const typed = signal(view.peek().search);
  const limit = signal(FIRST_ROWS);
  const list = signal<FollowedList | null>(null);
  let typing: Timer | null = null;

  const race = computed(() => {
    const races = source.state.value?.races ?? [];
    return races.find((it) => it.raceId === view.value.raceId) ?? races[0] ?? null;
  });
  const part = computed<Part>(
    () => view.value.part ?? (source.state.value?.event.status === 'startlist' ? 'start' : 'results'),
  );

  const wanted = computed<string | null>(() => {
    const { category, sex, search, bib } = view.value;
    const raceId = race.value?.raceId;
    if (raceId === undefined || bib !== null || part.value !== 'results') return null;
    const query: ListQuery = { filter: { ...everybody(raceId), category, sex, search }, limit: limit.value };
    return JSON.stringify(query);
  });

  const unfollow = effect(() => {
    const query = wanted.value === null ? null : (JSON.parse(wanted.value) as ListQuery);
    const last = list.peek();
    const held = last?.window.peek() ?? null;
    const isLonger = JSON.stringify(held?.filter) === JSON.stringify(query?.filter);
    list.value = query === null ? null : followList(deps, eventId, query, isLonger ? held : null);
    last?.stop();
  });

  const go = (change: Partial<View>, isTyped = false): void =>
    batch(() => {
      const next = { ...view.peek(), ...change };
      if (isTyped) address.replace(viewHref(eventId, next));
      else address.push(viewHref(eventId, next));
      show(next);
    });
  const show = (next: View): void => {
    const listOf = ({ raceId, search, category, sex }: View): string => JSON.stringify([raceId, search, category, sex]);
    if (listOf(view.peek()) !== listOf(next)) limit.value = FIRST_ROWS;
    view.value = next;
    if (next.search !== typed.peek().trim()) typed.value = next.search;
  };
  address.onBack(() => batch(() => show(viewOf(address.search()))));

  return {
    eventId,
    source,
    polls: deps,
    favourites: deps.favourites,
    view,
    part,
    race,
    list,
    typed,
    hrefOf: (change) => viewHref(eventId, { ...view.value, ...change }),
    go,
    setSearch: (text) => {
      typed.value = text;
      typing?.clear();
      typing = timers.after(TYPING_PAUSE_MS, () => go({ search: text.trim() }, true));
    },
    showMore: () => {
      limit.value += ROWS_STEP;
    },
    stop: () => {
      typing?.clear();
      unfollow();
      list.peek()?.stop();
      source.stop();
    },
  };
};
