import type { EventBody, ResultRow as HttpResultRow, RaceBody } from '@baton/schema/http';
import { EventId, PointId, RaceId } from '@baton/schema/ids';
import { describe, expect, it } from 'vitest';
import { groupEvents } from '../../src/spectator/event-groups.ts';
import type { Link } from '../../src/spectator/feed-link.ts';
import { freshnessOf } from '../../src/spectator/freshness.ts';
import { decodeEvents, decodeRaces } from '../../src/spectator/list-body.ts';
import { freshnessOfPoll } from '../../src/spectator/poll-freshness.ts';
import { decodeEvent, decodeResults, type RaceInfo, type ResultRow } from '../../src/spectator/public-body.ts';
import { resultsPath } from '../../src/spectator/public-paths.ts';
import { isClockShown, raceClockMs, runningText } from '../../src/spectator/race-clock.ts';
import { behindOf, categoryName, columnsOf, placeOf } from '../../src/spectator/result-columns.ts';
import { eventHref, routeOf, viewHref, viewOf } from '../../src/spectator/route.ts';
import { everybody } from '../../src/spectator/row-window.ts';

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

  it('knows the announcer’s page', () => {
    expect(routeOf('/e/run/announcer')).toEqual({ type: 'announcer', eventId: 'run' });
    expect(routeOf('/e/run/announcer/')).toEqual({ type: 'announcer', eventId: 'run' });
  });

  it('asks for rows with what was typed escaped', () => {
    const filter = { ...everybody('r'), category: 'M 40', sex: 'M', search: 'Ö&q=1' };
    expect(resultsPath('e/1', filter, 100)).toBe(
      '/api/v1/events/e%2F1/results/r?detailed=true&limit=100&category=M+40&sex=M&q=%C3%96%26q%3D1',
    );
    expect(resultsPath('e', { ...everybody('r'), bib: '7' }, 9)).toContain('limit=9&bib=7');
  });

  it('hold what is looked at, so that a link shows the same', () => {
    const view = { part: 'oncourse', raceId: 'r 1', category: 'M40', sex: 'F', search: 'Ö', bib: '7' } as const;
    const href = viewHref('e', view);
    expect(viewOf(href.slice(href.indexOf('?')))).toEqual(view);
    const plain = viewOf('');
    expect(viewHref('e', plain)).toBe('/e/e');
    expect(viewOf('?part=admin&race=&q=')).toEqual(plain);
    expect(viewOf(`?bib=${'7'.repeat(5000)}`).bib).toHaveLength(200);
  });
});

describe('freshness', () => {
  const of = (type: Link['type'], confirmedAt: number | null, now: number, online = true) =>
    freshnessOf({ type }, confirmedAt, now, online);

  it('a feed is fresh as long as it was confirmed lately; a frozen one grows stale', () => {
    expect(of('live', 1000, 40_000)).toEqual({ type: 'fresh', at: 1000 });
    expect(of('live', 1000, 42_000)).toEqual({ type: 'stale', at: 1000, offline: false });
    expect(of('polling', 1000, 20_000)).toEqual({ type: 'fresh', at: 1000 });
    expect(of('polling', 1000, 22_000)).toEqual({ type: 'stale', at: 1000, offline: false });
  });

  it('nothing is fresh without the relay, however new it is', () => {
    expect(of('lost', 1000, 1001)).toEqual({ type: 'stale', at: 1000, offline: false });
    expect(of('lost', 1000, 1001, false)).toEqual({ type: 'stale', at: 1000, offline: true });
    expect(of('lost', null, 1)).toEqual({ type: 'never', offline: false });
  });

  it('what the device kept is being updated until the relay has spoken, and stale without a network', () => {
    expect(of('connecting', null, 1)).toEqual({ type: 'waiting' });
    expect(of('connecting', 1000, 9_000_000)).toEqual({ type: 'updating', at: 1000 });
    expect(of('connecting', 1000, 9_000_000, false)).toEqual({ type: 'stale', at: 1000, offline: true });
  });

  it('official results grow no older', () => {
    expect(of('final', 1000, 9_000_000)).toEqual({ type: 'final', at: 1000 });
  });

  it('trusts the relay more than the device’s word that it is offline', () => {
    expect(of('live', 1000, 2000, false)).toEqual({ type: 'fresh', at: 1000 });
  });

  it('of what is asked for again and again is as old as the last answer', () => {
    const live = { value: 'x', confirmedAt: 1000, problem: null };
    expect(freshnessOfPoll(live, 2000, true)).toEqual({ type: 'fresh', at: 1000 });
    const failing = { ...live, problem: { type: 'unreachable' } } as const;
    expect(freshnessOfPoll(failing, 2000, true)).toEqual({ type: 'stale', at: 1000, offline: false });
    expect(freshnessOfPoll({ ...live, confirmedAt: null }, 2000, true)).toEqual({ type: 'waiting' });
    // an official start list is what it was
    for (const it of [live, failing])
      expect(freshnessOfPoll(it, 9_000_000, true, true)).toEqual({ type: 'final', at: 1000 });
  });
});

describe('the race clock', () => {
  const at = (text: string): number => Date.parse(text);

  it('counts from the gun on the event’s wall, whatever the device’s zone', () => {
    expect(raceClockMs('2026-05-17T10:00:00', 'Europe/Copenhagen', at('2026-05-17T08:30:00Z'))).toBe(1_800_000);
    expect(raceClockMs('2026-05-17T10:00:00Z', 'Asia/Tokyo', at('2026-05-17T09:59:00Z'))).toBe(-60_000);
  });

  it('says nothing without a start, or of a zone that nobody knows', () => {
    expect(raceClockMs(null, 'UTC', 1)).toBeNull();
    expect(raceClockMs('soon', 'UTC', 1)).toBeNull();
    expect(raceClockMs('2026-05-17T10:00:00', 'Mars/Olympus', 1)).toBeNull();
  });

  it('shows whole seconds that have gone by', () => {
    expect(runningText(3_723_999)).toBe('1:02:03');
    expect(runningText(-59_000)).toBe('0:00:59');
    expect(runningText(172_800_000)).toBe('48:00:00');
  });

  it('runs while the race does, and before it only down to the gun: a race that is late has no time', () => {
    const shown = (status: Parameters<typeof isClockShown>[0]) =>
      [-1000, 0, 1000].map((ms) => isClockShown(status, ms));
    expect(shown('startlist')).toEqual([true, false, false]);
    expect(shown('running')).toEqual([true, true, true]);
    for (const status of ['draft', 'finished', 'official'] as const)
      expect(shown(status)).toEqual([false, false, false]);
    expect([-172_800_001, 172_800_000, 172_800_001].map((ms) => isClockShown('running', ms))).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('result columns', () => {
  it('leaves out what nobody has', () => {
    const columns = columnsOf(race, [row({})]);
    expect(columns).toEqual({ category: false, splits: [], main: 'none', gunToo: false, behind: false });
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
  });

  it('says a category by its name, and one that the race does not have as the roster wrote it', () => {
    expect(categoryName(race, 'W40')).toBe('Women 40–49');
    expect(categoryName(race, 'Masters')).toBe('Masters');
    expect(categoryName(race, null)).toBeNull();
  });

  it('counts places and distances among those who are shown', () => {
    const it = row({ rank: 9, categoryRank: 2, sexRank: 4, behindMs: 900 });
    expect(placeOf(it, { category: null, sex: null })).toBe(9);
    expect(placeOf(it, { category: 'W40', sex: null })).toBe(2);
    expect(placeOf(it, { category: null, sex: 'F' })).toBe(4);
    expect(placeOf(it, { category: 'W40', sex: 'F' })).toBeNull();
    expect(behindOf(it, row({ behindMs: 700 }))).toBe(200);
    expect(behindOf(row({ behindMs: null }), it)).toBeNull();
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
    ['groupLive', 'now'],
    ['groupNext', 'soon', 'later'],
    ['groupPast', 'new', 'old'],
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
      asOf: 1,
      hub: null,
      version: null,
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
