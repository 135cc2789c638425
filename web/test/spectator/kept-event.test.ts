import { createVirtualTime } from '@baton/testkit';
import { signal } from '@preact/signals';
import { expect, it } from 'vitest';
import type { KeyValue } from '../../src/platform/key-value.ts';
import { createKnownValues } from '../../src/platform/known-values.ts';
import type { Link } from '../../src/spectator/feed-link.ts';
import { type FeedState, headKey, joinPage, takeFrame } from '../../src/spectator/feed-state.ts';
import { decodeKept, keepEvent, keptOf } from '../../src/spectator/kept-event.ts';
import { listKey } from '../../src/spectator/list-follower.ts';
import { everybody, ROWS_OF_ONE } from '../../src/spectator/row-window.ts';
import { type Entrant, RACE, rowsOf } from './race-model.ts';

const runners = (count: number): readonly Entrant[] =>
  Array.from({ length: count }, (_, at) => ({
    bib: String(at + 1),
    category: 'A',
    sex: 'F',
    status: null,
    finishMs: 1000 + at,
    splitMs: 1,
    startedAt: 1,
  }));

const stateOf = (count: number): FeedState => {
  const rows = rowsOf(runners(count));
  const step = takeFrame(null, {
    type: 'full',
    data: {
      hub: 'h',
      version: 3,
      event: { eventId: 'e', title: 'Run', date: '2026-05-17', timezone: 'UTC', location: null, status: 'running' },
      races: [RACE, { ...RACE, raceId: 'other' }],
      results: rows.slice(0, 150),
      oncourse: [],
      totals: { r: { results: count, oncourse: 4 } },
      asOf: 1,
      venue: { connected: false, heardAt: 7 },
    },
  });
  if (step.type !== 'held') throw new Error('expected a state');
  const filter = { ...everybody('r'), bib: '190' };
  const page = { data: rows, total: count, asOf: 1, hub: 'h', version: 3 };
  const joined = joinPage(step.state, listKey({ filter, limit: ROWS_OF_ONE }), { filter, limit: ROWS_OF_ONE, page });
  if (joined.type !== 'joined') throw new Error('expected to join');
  return joined.state;
};

const createStorage = (): KeyValue & { readonly held: Map<string, string> } => {
  const held = new Map<string, string>();
  return {
    held,
    get: (key) => held.get(key) ?? null,
    set: (key, value) => {
      held.set(key, value);
      return true;
    },
    remove: (key) => {
      held.delete(key);
    },
  };
};

it('keeps the head of each race and single runners, however many there are, and reads them again', () => {
  const kept = JSON.parse(JSON.stringify(keptOf(stateOf(200))));
  expect(kept.full.results).toHaveLength(100);
  const again = decodeKept(kept);
  expect(again?.event.title).toBe('Run');
  expect(again?.windows.get(headKey('r'))).toMatchObject({ total: 200, rows: { length: 100 } });
  const filter = { ...everybody('r'), bib: '190' };
  expect(again?.windows.get(listKey({ filter, limit: ROWS_OF_ONE }))?.rows).toMatchObject([{ bib: '190', rank: 190 }]);
});

it('reads nothing but its own', () => {
  for (const body of [null, 7, {}, { full: {}, singles: [] }, { ...keptOf(stateOf(2)), singles: [{}] }]) {
    expect(decodeKept(body)).toBeNull();
  }
});

it('shows what was kept with its age, and keeps what comes', () => {
  const time = createVirtualTime();
  const storage = createStorage();
  const attention = { visible: () => true, online: () => true, onChange: () => () => {} };
  const open = (held: FeedState | null, confirmedAt: number | null) => {
    const recalled: number[] = [];
    const source = {
      state: signal(held),
      link: signal<Link>({ type: 'live' }),
      confirmedAt: signal(confirmedAt),
      recall: (state: FeedState, at: number) => {
        expect(state.event.title).toBe('Run');
        recalled.push(at);
      },
    };
    keepEvent({ known: createKnownValues(storage, 'x'), source, timers: time.timers, attention }, 'e');
    return recalled;
  };
  expect(open(null, null)).toEqual([]);
  expect(open(stateOf(200), 77)).toEqual([]);
  expect(open(null, null)).toEqual([77]);
  const chars = [...storage.held.values()].reduce((sum, it) => sum + it.length, 0);
  expect(chars).toBeLessThan(100_000);
});
