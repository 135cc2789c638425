import type { Timer, Timers } from '@baton/schema/ports';
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import { type Live, WAITING } from '../platform/live.ts';
import type { EventInfo, RaceInfo, ResultsPage } from './public-body.ts';
import type { Following, ResultsSource } from './results-source.ts';

/** One event as somebody watches it: its races, the chosen one, and the rows asked for. */
export interface EventStore {
  readonly event: ReadonlySignal<Live<EventInfo>>;
  readonly races: ReadonlySignal<Live<readonly RaceInfo[]>>;
  readonly race: ReadonlySignal<RaceInfo | null>;
  readonly results: ReadonlySignal<Live<ResultsPage>>;
  readonly search: ReadonlySignal<string>;
  readonly choose: (raceId: string) => void;
  readonly setSearch: (text: string) => void;
  readonly showMore: () => void;
  readonly refresh: () => void;
  readonly stop: () => void;
}

/** Rows per step: phones never receive a whole big race. */
export const ROWS_STEP = 100;
const TYPING_PAUSE_MS = 200;
const NONE: Following = { refresh: () => {}, stop: () => {} };

export const createEventStore = (
  deps: { readonly source: ResultsSource; readonly timers: Timers },
  eventId: string,
  wantedRaceId: string | null,
): EventStore => {
  const event = signal<Live<EventInfo>>(WAITING);
  const races = signal<Live<readonly RaceInfo[]>>(WAITING);
  const results = signal<Live<ResultsPage>>(WAITING);
  const search = signal('');
  const chosen = signal(wantedRaceId);
  const race = computed(() => {
    const known = races.value.value ?? [];
    return known.find((it) => it.raceId === chosen.value) ?? known[0] ?? null;
  });
  let limit = ROWS_STEP;
  let following = NONE;
  let followed = '';
  let typing: Timer | null = null;

  /** Follows what is asked for now; rows of another search stay until its own have come. */
  const follow = (): void => {
    const raceId = race.value?.raceId;
    if (raceId === undefined) return;
    const query = { eventId, raceId, search: search.value.trim(), limit };
    const key = JSON.stringify(query);
    if (key === followed) return;
    followed = key;
    following.stop();
    const shown = results.value;
    following = deps.source.followResults(query, (live) => {
      results.value = live.value === null ? { ...live, value: shown.value, confirmedAt: shown.confirmedAt } : live;
    });
  };

  const followAfresh = (): void => {
    results.value = WAITING;
    follow();
  };

  const parts = [
    deps.source.followEvent(eventId, (live) => {
      event.value = live;
    }),
    deps.source.followRaces(eventId, (live) => {
      const before = race.value?.raceId;
      races.value = live;
      if (race.value?.raceId !== before) followAfresh();
    }),
  ];

  return {
    event,
    races,
    race,
    results,
    search,
    choose: (raceId) => {
      batch(() => {
        limit = ROWS_STEP;
        chosen.value = raceId;
        followAfresh();
      });
    },
    setSearch: (text) => {
      search.value = text;
      limit = ROWS_STEP;
      typing?.clear();
      typing = deps.timers.after(TYPING_PAUSE_MS, follow);
    },
    showMore: () => {
      limit += ROWS_STEP;
      follow();
    },
    refresh: () => {
      for (const part of [...parts, following]) part.refresh();
    },
    stop: () => {
      typing?.clear();
      for (const part of [...parts, following]) part.stop();
    },
  };
};
