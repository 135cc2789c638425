import type { FeedDiff } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import type { Pace } from '@baton/schema/roster';
import { beforeEach, describe, expect, it } from 'vitest';
import { openShelf } from '../../src/subscriptions/collection.ts';
import { createResultsShelf, type ResultsShelf } from '../../src/subscriptions/results-shelf.ts';

const raceId = RaceId.parse('00000000-0000-4000-8000-000000000001');
const FIELD = 3000;
/** Documents of a snapshot that are told at once. */
const MOST_TOLD = 50;

const row = (rank: number): ResultRow => ({
  ...{ raceId, bib: `${rank}`, name: `Runner ${rank}`, club: null, category: null, sex: null, status: null },
  ...{ rank, categoryRank: null, sexRank: null, gunMs: rank * 1000, chipMs: null, behindMs: (rank - 1) * 1000 },
  splits: [],
  updatedAt: rank,
});

async function* rowsOf(count: number): AsyncIterable<readonly ResultRow[]> {
  for (let from = 0; from < count; from += 100) yield Array.from({ length: 100 }, (_, n) => row(from + n + 1));
}

describe('[P16] a shelf of 3,000 results', () => {
  let rests = 0;
  let results: ResultsShelf;
  /** Rests whenever it may. */
  const pace: Pace = {
    isOver: () => true,
    rest: async () => {
      rests++;
    },
  };

  beforeEach(async () => {
    results = createResultsShelf('era', pace);
    await results.fillRace(raceId, rowsOf(FIELD), 1);
    rests = 0;
  });

  it('somebody who comes in late moves everybody behind, one in a step', () => {
    const winner = { ...row(1), bib: 'late', rank: 1 };
    const moved = { rank: [[1, 1] as const], category: {}, sex: {}, splits: {}, behindMs: 0 };
    const diff: FeedDiff = { raceId, results: [winner], moved, total: FIELD + 1 };
    const work = results.takeDiff(diff, 2);
    let steps = 1;
    for (let at = results.shelf.at(); work.next().done !== true; at = results.shelf.at(), steps++) {
      expect(results.shelf.at() - at).toBeLessThanOrEqual(1);
    }
    expect(steps).toBeGreaterThan(FIELD);
    const ranks = [...results.shelf.documents()].map((doc) => [doc['bib'], doc['rank']]);
    expect(ranks).toContainEqual(['late', 1]);
    expect(ranks).toContainEqual(['3000', 3001]);
    expect(new Set(ranks.map(([, rank]) => rank)).size).toBe(FIELD + 1);
  });

  it('a snapshot rests behind each part, also for whoever takes it at once', async () => {
    const listener = { onDelta: () => {}, onReset: () => {} };
    const { snapshot } = openShelf(results.shelf, listener, [], null, pace);
    let told = 0;
    for await (const docs of snapshot()) {
      expect(docs.length).toBeLessThanOrEqual(MOST_TOLD);
      told += docs.length;
    }
    expect(told).toBe(FIELD);
    expect(rests).toBe(FIELD / MOST_TOLD);
  });

  it('however many follow, one row is told them in a step', () => {
    const heard: unknown[] = [];
    for (let follower = 0; follower < 5; follower++) {
      const listener = { onDelta: (...delta: unknown[]) => void heard.push(delta), onReset: () => {} };
      openShelf(results.shelf, listener, [], null, pace);
    }
    const moved = { rank: [[1, 1] as const], category: {}, sex: {}, splits: {}, behindMs: 0 };
    const work = results.takeDiff({ raceId, results: [{ ...row(1), bib: 'late', rank: 1 }], moved }, 2);
    for (let before = 0; work.next().done !== true; before = heard.length) {
      expect(heard.length - before).toBeLessThanOrEqual(5);
    }
    expect(heard).toHaveLength(5 * (FIELD + 1));
  });

  it('rows that go, go one in a step', async () => {
    await results.fillRace(raceId, rowsOf(0), 3);
    expect(rests).toBe(FIELD);
    await results.fillRace(raceId, rowsOf(FIELD), 4);
    rests = 0;
    await results.keepRaces(new Set(), 5);
    expect(rests).toBe(FIELD);
    expect([...results.shelf.documents()]).toEqual([]);
  });
});
