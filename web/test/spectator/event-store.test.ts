import { createVirtualTime } from '@baton/testkit';
import { expect, it } from 'vitest';
import { type Live, WAITING } from '../../src/platform/live.ts';
import { createEventStore, ROWS_STEP } from '../../src/spectator/event-store.ts';
import type { EventInfo, RaceInfo, ResultsPage } from '../../src/spectator/public-body.ts';
import type { ResultsQuery, ResultsSource } from '../../src/spectator/results-source.ts';

const known = <T>(value: T): Live<T> => ({ value, confirmedAt: 1, problem: null });
const race = (raceId: string): RaceInfo => ({ raceId, name: raceId, startAt: null, points: [], categories: [] });
const page: ResultsPage = { data: [], total: 7 };

const open = (wanted: string | null) => {
  const time = createVirtualTime();
  const following = { refresh: () => {}, stop: () => {} };
  const queries: ResultsQuery[] = [];
  let stopped = 0;
  const tell: {
    event?: (live: Live<EventInfo>) => void;
    races?: (live: Live<readonly RaceInfo[]>) => void;
    results?: (live: Live<ResultsPage>) => void;
  } = {};
  const source: ResultsSource = {
    followEvents: () => following,
    followEvent: (_, listener) => {
      tell.event = listener;
      return following;
    },
    followRaces: (_, listener) => {
      tell.races = listener;
      return following;
    },
    followResults: (query, listener) => {
      queries.push(query);
      tell.results = listener;
      return { ...following, stop: () => stopped++ };
    },
  };
  const store = createEventStore({ source, timers: time.timers }, 'e', wanted);
  return { time, store, tell, queries, stopped: () => stopped };
};

it('follows the race of the address, else the first one', () => {
  for (const [wanted, expected] of [
    ['b', 'b'],
    ['gone', 'a'],
    [null, 'a'],
  ] as const) {
    const { store, tell, queries } = open(wanted);
    tell.races?.(known([race('a'), race('b')]));
    tell.races?.(known([race('a'), race('b')]));
    expect(store.race.value?.raceId).toBe(expected);
    expect(queries).toEqual([{ eventId: 'e', raceId: expected, search: '', limit: ROWS_STEP }]);
  }
});

it('drops the rows of another race at once', () => {
  const { store, tell, queries, stopped } = open(null);
  tell.races?.(known([race('a'), race('b')]));
  tell.results?.(known(page));
  store.choose('b');
  expect(store.results.value).toEqual(WAITING);
  expect(queries.at(-1)?.raceId).toBe('b');
  expect(stopped()).toBe(1);
});

it('keeps the rows while a search is typed, and asks once after a pause', async () => {
  const { time, store, tell, queries } = open(null);
  tell.races?.(known([race('a')]));
  tell.results?.(known(page));
  for (const text of ['1', '12', ' 123 ']) store.setSearch(text);
  await time.advanceAsync(1000);
  expect(queries.map((it) => it.search)).toEqual(['', '123']);
  tell.results?.({ value: null, confirmedAt: null, problem: { type: 'unreachable' } });
  expect(store.results.value).toEqual({ value: page, confirmedAt: 1, problem: { type: 'unreachable' } });
});

it('asks for more rows in steps, and starts again with a new search', async () => {
  const { time, store, tell, queries } = open(null);
  tell.races?.(known([race('a')]));
  store.showMore();
  store.setSearch('x');
  await time.advanceAsync(1000);
  expect(queries.map((it) => it.limit)).toEqual([ROWS_STEP, 2 * ROWS_STEP, ROWS_STEP]);
});

it('moves on when the race is deleted meanwhile', () => {
  const { store, tell, queries } = open('b');
  tell.races?.(known([race('a'), race('b')]));
  tell.races?.(known([race('a')]));
  expect(store.race.value?.raceId).toBe('a');
  expect(queries.map((it) => it.raceId)).toEqual(['b', 'a']);
});
