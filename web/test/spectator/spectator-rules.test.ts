import type { EventBody, ResultRow as HttpResultRow, RaceBody } from '@baton/schema/http';
import { EventId, PointId, RaceId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import type { Live } from '../../src/platform/live.ts';
import { groupEvents } from '../../src/spectator/event-words.ts';
import { freshnessOf } from '../../src/spectator/freshness.ts';
import { resultsPath } from '../../src/spectator/polling-source.ts';
import {
  decodeEvent,
  decodeEvents,
  decodeRaces,
  decodeResults,
  type RaceInfo,
  type ResultRow,
} from '../../src/spectator/public-body.ts';
import { cellCount, columnsOf, withCategoryName } from '../../src/spectator/result-columns.ts';
import { eventHref, raceOf, routeOf } from '../../src/spectator/route.ts';

const row = (fields: Partial<ResultRow>): ResultRow => ({
  raceId: 'r',
  bib: '1',
  name: 'A',
  club: null,
  category: null,
  sex: null,
  status: null,
  rank: 1,
  categoryRank: null,
  sexRank: null,
  gunMs: null,
  chipMs: null,
  behindMs: null,
  splits: [],
  updatedAt: 1,
  ...fields,
});

const race: RaceInfo = {
  raceId: 'r',
  name: '10 km',
  startAt: null,
  points: [
    { pointId: 's', name: 'Start', kind: 'start' },
    { pointId: 'a', name: '5 km', kind: 'split' },
    { pointId: 'b', name: '7 km', kind: 'split' },
  ],
  categories: [{ categoryId: 'W40', name: 'Women 40–49' }],
};

describe('addresses', () => {
  it('knows an event by its path, and everything else is the list', () => {
    expect(routeOf('/e/spring-2026')).toEqual({ type: 'event', eventId: 'spring-2026' });
    expect(routeOf('/e/a%7Eb/')).toEqual({ type: 'event', eventId: 'a~b' });
    for (const path of ['/', '/e/', '/e/a/b', '/e/%E0%A4%A', '/index.html']) {
      expect(routeOf(path)).toEqual({ type: 'events' });
    }
    expect(routeOf(eventHref('a/b?c'))).toEqual({ type: 'event', eventId: 'a/b?c' });
  });

  it('asks for rows with what was typed escaped', () => {
    expect(raceOf('?race=r%201')).toBe('r 1');
    expect(resultsPath({ eventId: 'e/1', raceId: 'r', search: 'Ö&q=1', limit: 100 })).toBe(
      '/api/v1/events/e%2F1/results/r?detailed=true&limit=100&q=%C3%96%26q%3D1',
    );
  });
});

describe('freshness', () => {
  const live = (fields: Partial<Live<string>>): Live<string> => ({
    value: 'x',
    confirmedAt: 1000,
    problem: null,
    ...fields,
  });

  it('waits, is fresh, grows stale, and says when the device is offline', () => {
    expect(freshnessOf(live({ value: null, confirmedAt: null }), 1000, true)).toEqual({ type: 'waiting' });
    expect(freshnessOf(live({}), 2000, true)).toEqual({ type: 'fresh', at: 1000 });
    expect(freshnessOf(live({}), 12_000, true)).toEqual({ type: 'stale', at: 1000, offline: false });
    expect(freshnessOf(live({ problem: { type: 'unreachable' } }), 1500, false)).toEqual({
      type: 'stale',
      at: 1000,
      offline: true,
    });
    const never = live({ confirmedAt: null, problem: { type: 'unreachable' } });
    expect(freshnessOf(never, 1500, true)).toEqual({ type: 'never', offline: false });
  });

  it('trusts the relay more than the device’s word that it is offline', () => {
    expect(freshnessOf(live({}), 2000, false)).toEqual({ type: 'fresh', at: 1000 });
  });
});

describe('result columns', () => {
  it('leaves out what nobody has', () => {
    const columns = columnsOf(race, [row({})]);
    expect(columns).toEqual({ category: false, splits: [], main: 'none', gunToo: false, behind: false });
    expect(cellCount(columns)).toBe(4);
  });

  it('shows net before gun, and splits in course order', () => {
    const columns = columnsOf(race, [
      row({
        chipMs: 1,
        gunMs: 2,
        behindMs: 5,
        category: 'M40',
        splits: [
          { pointId: 'b', name: '7 km', elapsedMs: 2, rank: 1 },
          { pointId: 'a', name: '5 km', elapsedMs: 1, rank: 1 },
          { pointId: 's', name: 'Start', elapsedMs: 0, rank: 1 },
        ],
      }),
    ]);
    expect(columns).toMatchObject({ category: true, main: 'net', gunToo: true, behind: true });
    expect(columns.splits.map((it) => it.pointId)).toEqual(['a', 'b']);
    expect(cellCount(columns)).toBe(9);
  });

  it('says a category by its name, and one that the race does not have as the roster wrote it', () => {
    expect(withCategoryName(race, row({ category: 'W40' })).category).toBe('Women 40–49');
    expect(withCategoryName(race, row({ category: 'Masters' })).category).toBe('Masters');
    expect(withCategoryName(race, row({ category: null })).category).toBeNull();
  });

  it('shows gun alone as the main time', () => {
    expect(columnsOf(race, [row({ gunMs: 2 })])).toMatchObject({ main: 'gun', gunToo: false });
  });
});

it('groups events by what a visitor wants first', () => {
  const event = (title: string, date: string, status: 'startlist' | 'running' | 'finished' | 'official') => ({
    title,
    date,
    status,
  });
  const groups = groupEvents([
    event('old', '2024-01-01', 'official'),
    event('new', '2025-01-01', 'finished'),
    event('later', '2026-09-01', 'startlist'),
    event('soon', '2026-05-01', 'startlist'),
    event('now', '2026-03-01', 'running'),
  ]);
  expect(groups.map((group) => [group.title, ...group.events.map((it) => it.title)])).toEqual([
    ['Live now', 'now'],
    ['Coming up', 'soon', 'later'],
    ['Results', 'new', 'old'],
  ]);
});

describe('public bodies', () => {
  const full: HttpResultRow = {
    ...row({}),
    raceId: RaceId.parse('r'),
    splits: [{ pointId: PointId.parse('a'), name: '5 km', elapsedMs: null, rank: null }],
    updatedAt: 1,
  };
  const event: EventBody = {
    eventId: EventId.parse('e'),
    title: 'Run',
    date: '2026-03-14',
    timezone: 'UTC',
    location: null,
    status: 'running',
    statusChangedAt: 1,
    minClientVersion: null,
    createdAt: 1,
  };
  const raceBody: RaceBody = {
    raceId: RaceId.parse('r'),
    eventId: event.eventId,
    name: '10 km',
    startAt: null,
    points: [{ pointId: PointId.parse('a'), name: '5 km', kind: 'split' }],
    categories: [],
  };

  it('reads what the contract says, and leaves out the rest', () => {
    expect(decodeResults({ data: [full], total: 1, asOf: 1 })).toEqual({
      data: [row({ splits: [{ pointId: 'a', name: '5 km', elapsedMs: null, rank: null }] })],
      total: 1,
    });
    expect(decodeEvents({ events: [event] })).toMatchObject([{ eventId: 'e', status: 'running', location: null }]);
    expect(decodeEvent(event)).not.toHaveProperty('createdAt');
    expect(decodeRaces({ races: [raceBody] })).toMatchObject([{ raceId: 'r', points: [{ kind: 'split' }] }]);
  });

  it('refuses a body with one entry that it does not understand', () => {
    expect(decodeResults({ data: [full, { bib: 7 }], total: 2, asOf: 1 })).toBeNull();
    expect(decodeEvents({ events: [{ ...event, status: 'postponed' }] })).toBeNull();
    expect(decodeRaces({ races: [{ ...raceBody, points: {} }] })).toBeNull();
    for (const body of [null, 7, 'x', [], { data: null, total: 1 }]) expect(decodeResults(body)).toBeNull();
  });
});
