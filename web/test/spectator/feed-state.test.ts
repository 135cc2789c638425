import { packedRow } from '@baton/schema/feed';
import type { ResultRow as ToldRow } from '@baton/schema/http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiffData, decodeFrame, type FullData, type KnownFrame } from '../../src/spectator/feed-body.ts';
import { type FeedState, headKey, joinPage, MAX_RECENT, takeFrame } from '../../src/spectator/feed-state.ts';
import type { ResultRow, ResultsPage } from '../../src/spectator/public-body.ts';
import { everybody, type RowFilter, type RowWindow } from '../../src/spectator/row-window.ts';
import { diffOf, type Entrant, RACE, rowsOf } from './race-model.ts';

const HEAD = 5;

const event = {
  eventId: 'e',
  title: 'Run',
  date: '2026-05-17',
  timezone: 'UTC',
  location: null,
  status: 'running',
} as const;

const fullOf = (entrants: readonly Entrant[], version: number, hub = 'h'): FullData => ({
  hub,
  version,
  event,
  races: [RACE],
  results: rowsOf(entrants).slice(0, HEAD),
  oncourse: [],
  totals: { r: { results: entrants.length, oncourse: 0 } },
  asOf: 1,
  venue: null,
});

const diff = (fields: Partial<DiffData>): Extract<KnownFrame, { type: 'diff' }> => ({
  type: 'diff',
  data: {
    version: null,
    asOf: null,
    raceId: null,
    results: null,
    gone: null,
    moved: null,
    total: null,
    oncourse: null,
    offcourse: null,
    oncourseTotal: null,
    status: null,
    venue: null,
    ...fields,
  },
});

/** As it goes over the wire. */
const sent = (frame: { readonly type: string; readonly data?: unknown }): KnownFrame => {
  const decoded = decodeFrame(JSON.stringify(frame));
  if (decoded.type === 'unknown') throw new Error(`${frame.type} is no frame of this version`);
  return decoded;
};

const held = (state: FeedState | null, frame: KnownFrame): FeedState => {
  const step = takeFrame(state, frame);
  if (step.type !== 'held') throw new Error(`expected a held state, not ${step.type}`);
  return step.state;
};

const start = held(null, { type: 'full', data: fullOf([], 4) });

describe('frames of the feed', () => {
  it('[CN-01] begin with a full state; a diff before it says nothing', () => {
    expect(takeFrame(null, diff({ version: 1 }))).toEqual({ type: 'unreadable' });
    expect(start).toMatchObject({ hub: 'h', version: 4, event: { eventId: 'e' } });
  });

  it('[CN-19] a missing diff is a gap, one that was there already is nothing, refresh is told on', () => {
    expect(takeFrame(start, diff({ version: 6 }))).toEqual({ type: 'gap', expected: 5, version: 6 });
    expect(takeFrame(start, diff({ version: 4, status: 'finished' }))).toEqual({ type: 'held', state: start });
    expect(takeFrame(start, { type: 'refresh' })).toEqual({ type: 'refresh' });
  });

  it('[CN-05] a status comes with or without a version', () => {
    const after = held(start, diff({ version: 5, status: 'finished' }));
    expect(after).toMatchObject({ version: 5, event: { status: 'finished' } });
    expect(held(after, diff({ status: 'official' }))).toMatchObject({ version: 5, event: { status: 'official' } });
  });

  it('[CN-04] who is on the course comes, moves on and leaves', () => {
    const rider = {
      raceId: 'r',
      bib: '7',
      name: 'A',
      lastPoint: 'start',
      elapsedMs: 0,
      nextPoint: null,
      expectedMs: null,
    };
    const on = held(start, diff({ version: 5, oncourse: [rider, { ...rider, bib: '8' }] }));
    const moved = held(on, diff({ version: 6, oncourse: [{ ...rider, elapsedMs: 9 }] }));
    expect(moved.onCourse.map((it) => [it.bib, it.elapsedMs])).toEqual([
      ['7', 9],
      ['8', 0],
    ]);
    expect(held(moved, diff({ version: 7, offcourse: [{ raceId: 'r', bib: '7' }] })).onCourse).toHaveLength(1);
  });

  it('a new full state takes the place of everything', () => {
    const before = held(start, diff({ version: 5 }));
    expect(held(before, { type: 'full', data: fullOf([], 1, 'other') })).toMatchObject({ hub: 'other', recent: [] });
  });

  it('keeps no more diffs than it needs', () => {
    let state = start;
    for (let version = 5; version < 5 + 2 * MAX_RECENT; version++) state = held(state, diff({ version }));
    expect(state.recent).toHaveLength(MAX_RECENT);
  });

  it('are read from hostile text without a throw', () => {
    const hostile = ['', '{', 'null', '[]', '{"type":"full"}', '{"type":"diff","data":7}'];
    for (const text of hostile) expect(decodeFrame(text)).toEqual({ type: 'unreadable' });
    expect(decodeFrame('{"type":"diff","data":{"results":[{"bib":7}]}}')).toEqual({ type: 'unreadable' });
    expect(decodeFrame('{"type":"refresh","data":{}}')).toEqual({ type: 'refresh' });
    expect(decodeFrame('{"type":"toString"}')).toEqual({ type: 'unknown' });
    fc.assert(fc.property(fc.json(), (text) => decodeFrame(text).type !== 'full'));
  });
});

const pageAt = (rows: readonly ResultRow[], version: number | null, limit: number): ResultsPage => ({
  data: rows.slice(0, limit),
  total: rows.length,
  asOf: 1,
  hub: 'h',
  version,
});

describe('a list that was asked for', () => {
  const list = (version: number | null, hub = 'h') => ({
    filter: everybody('r'),
    limit: 10,
    page: { ...pageAt([], version, 10), hub },
  });

  it('is joined at the cut that is held', () => {
    const state = held(held(start, diff({ version: 5 })), diff({ version: 6 }));
    for (const version of [4, 5, 6, 9]) expect(joinPage(state, 'v', list(version)).type).toBe('joined');
    expect(joinPage(state, 'v', list(3))).toEqual({ type: 'late' });
    expect(joinPage(state, 'v', list(6, 'other'))).toEqual({ type: 'other-hub' });
    expect(joinPage(state, 'v', list(null))).toEqual({ type: 'other-hub' });
  });
});

const BIBS = 14;

const entrant = fc.record({
  category: fc.constantFrom('A' as const, 'B' as const),
  sex: fc.constantFrom('F' as const, 'M' as const),
  status: fc.option(fc.constantFrom('DNS' as const, 'DNF' as const, 'DSQ' as const), { freq: 6 }),
  finishMs: fc.option(fc.integer({ min: 10, max: 18 }), { freq: 3 }),
  splitMs: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 }),
  startedAt: fc.integer({ min: 1, max: 1_000_000 }),
});

const steps = fc.array(
  fc.record({
    changes: fc.array(fc.record({ bib: fc.integer({ min: 1, max: BIBS }), entrant: fc.option(entrant, { freq: 5 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    told: fc.constantFrom('rows' as const, 'moves' as const),
    /** The answer of a list was taken so many cuts ago; below none, it is ahead of the feed. */
    lag: fc.integer({ min: -1, max: 3 }),
  }),
  { minLength: 1, maxLength: 30 },
);

const changed = (
  before: readonly Entrant[],
  changes: readonly { readonly bib: number; readonly entrant: Omit<Entrant, 'bib'> | null }[],
): readonly Entrant[] => {
  const entrants = new Map(before.map((it) => [it.bib, it]));
  for (const { bib, entrant } of changes) {
    if (entrant === null) entrants.delete(String(bib));
    else entrants.set(String(bib), { ...entrant, bib: String(bib) });
  }
  return [...entrants.values()];
};

const FILTERS: readonly RowFilter[] = [
  everybody('r'),
  { ...everybody('r'), category: 'A' },
  { ...everybody('r'), sex: 'F' },
  { ...everybody('r'), search: 'Runner 1' },
  { ...everybody('r'), bib: '3' },
];

const passes = (filter: RowFilter) => (row: ResultRow) =>
  (filter.category ?? row.category) === row.category &&
  (filter.sex ?? row.sex) === row.sex &&
  (filter.bib ?? row.bib) === row.bib &&
  row.name.includes(filter.search);

/** Every row as the model has it, none missing between them, and the number right whenever the window is sure. */
const expectTrue = (window: RowWindow, model: readonly ResultRow[]): void => {
  const truth = new Map(model.map((row) => [row.bib, row]));
  for (const row of window.rows) expect(row).toEqual(truth.get(row.bib));
  if (!window.isSure) return;
  expect(window.total).toBe(model.length);
  expect(window.rows).toEqual(model.slice(0, Math.min(window.limit, model.length)));
};

type Plan = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** Plays a race to a page that follows lists of `limit` rows, and looks at each window after each diff. */
const play = (plan: Plan, limit: number, isJoinedOnce: boolean): void => {
  const history: (readonly Entrant[])[] = [[]];
  for (const { changes } of plan) history.push(changed(history.at(-1) ?? [], changes));
  const rowsAt = (version: number, filter: RowFilter) => rowsOf(history[version] ?? []).filter(passes(filter));
  let state = held(null, sent({ type: 'full', data: fullOf([], 0) }));

  const ask = (filter: RowFilter, lag: number): void => {
    const key = JSON.stringify(filter);
    if (state.windows.get(key)?.isSure === true && isJoinedOnce) return;
    const version = Math.min(Math.max(0, state.version - lag), plan.length);
    const step = joinPage(state, key, { filter, limit, page: pageAt(rowsAt(version, filter), version, limit) });
    if (step.type !== 'joined') throw new Error(`expected to join, not ${step.type}`);
    state = step.state;
  };
  const look = (key: string, filter: RowFilter): void => {
    const window = state.windows.get(key);
    if (window === undefined) throw new Error(`there is no window ${key}`);
    expectTrue(window, rowsAt(Math.max(state.version, window.version), filter));
  };

  for (const [at, { told, lag }] of plan.entries()) {
    for (const filter of FILTERS) ask(filter, lag);
    const data = diffOf(history[at] ?? [], history[at + 1] ?? [], at + 1, told);
    // every other one as the relay sends what would be too long
    const results = data.results?.map((row) => (at % 2 === 0 ? (packedRow(row as ToldRow, RACE.points) ?? row) : row));
    state = held(state, sent({ type: 'diff', data: { ...data, results } }));
    look(headKey('r'), everybody('r'));
    for (const filter of FILTERS) look(JSON.stringify(filter), filter);
  }
};

describe('windows of rows', () => {
  it('[CN-07][CN-20] are, after any diffs joined in any order with lists, what the race is', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: BIBS }), fc.boolean(), play), { numRuns: 150 });
  });

  it('says whether the relay at the venue is heard, and leaves it as it was where a diff does not speak of it', () => {
    const full = takeFrame(
      null,
      sent({ type: 'full', data: { ...fullOf([], 1), venue: { connected: true, heardAt: 5 } } }),
    );
    if (full.type !== 'held') throw new Error('expected a state');
    const away = takeFrame(
      full.state,
      sent({ type: 'diff', data: { version: 2, venue: { connected: false, heardAt: 9 } } }),
    );
    if (away.type !== 'held') throw new Error('expected a state');
    const later = takeFrame(away.state, sent({ type: 'diff', data: { version: 3, status: 'finished' } }));
    expect(later).toMatchObject({ type: 'held', state: { venue: { connected: false, heardAt: 9 }, version: 3 } });
    // a relay that knows of no venue says nothing
    expect(takeFrame(null, sent({ type: 'full', data: { ...fullOf([], 1), venue: undefined } }))).toMatchObject({
      state: { venue: null },
    });
  });
});
