import type { FeedDiff } from '@baton/schema/feed';
import type { ResultRow } from '@baton/schema/http';
import { RaceId } from '@baton/schema/ids';
import { beforeEach, describe, expect, it } from 'vitest';
import { openShelf } from '../../src/subscriptions/collection.ts';
import { createResultsShelf, type ResultsShelf } from '../../src/subscriptions/results-shelf.ts';

const raceId = RaceId.parse('00000000-0000-4000-8000-000000000001');
const FIELD = 3000;
/** Rows that may be put, or told, between two pauses. */
const MOST_PUT = 200;
const MOST_TOLD = 200;

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
  let pauses = 0;
  let results: ResultsShelf;
  const pause = async (): Promise<void> => {
    pauses++;
  };

  beforeEach(async () => {
    results = createResultsShelf('era', pause);
    await results.fillRace(raceId, rowsOf(FIELD), 1);
    pauses = 0;
  });

  it('somebody who comes in late moves everybody behind some hundred at a time', () => {
    const winner = { ...row(1), bib: 'late', rank: 1 };
    const moved = { rank: [[1, 1] as const], category: {}, sex: {}, splits: {}, behindMs: 0 };
    const diff: FeedDiff = { raceId, results: [winner], moved, total: FIELD + 1 };
    const work = results.takeDiff(diff, 2);
    let steps = 1;
    for (let at = results.shelf.at(); work.next().done !== true; at = results.shelf.at(), steps++) {
      expect(results.shelf.at() - at).toBeLessThanOrEqual(MOST_PUT);
    }
    expect(steps).toBeGreaterThan(FIELD / (MOST_PUT + 1));
    const ranks = [...results.shelf.documents()].map((doc) => [doc['bib'], doc['rank']]);
    expect(ranks).toContainEqual(['late', 1]);
    expect(ranks).toContainEqual(['3000', 3001]);
    expect(new Set(ranks.map(([, rank]) => rank)).size).toBe(FIELD + 1);
  });

  it('a snapshot pauses behind each part, also for whoever takes it at once', async () => {
    const listener = { onDelta: () => {}, onReset: () => {} };
    const { snapshot } = openShelf(results.shelf, listener, [], null, pause);
    let told = 0;
    for await (const docs of snapshot()) {
      expect(docs.length).toBeLessThanOrEqual(MOST_TOLD);
      told += docs.length;
    }
    expect(told).toBe(FIELD);
    expect(pauses).toBe(FIELD / MOST_TOLD);
  });

  it('whom it is told to counts: the more follow, the fewer rows in one step', () => {
    const heard: unknown[] = [];
    for (let follower = 0; follower < 5; follower++) {
      const listener = { onDelta: (...delta: unknown[]) => void heard.push(delta), onReset: () => {} };
      openShelf(results.shelf, listener, [], null, pause);
    }
    const moved = { rank: [[1, 1] as const], category: {}, sex: {}, splits: {}, behindMs: 0 };
    const work = results.takeDiff({ raceId, results: [{ ...row(1), bib: 'late', rank: 1 }], moved }, 2);
    for (let before = 0; work.next().done !== true; before = heard.length) {
      expect(heard.length - before).toBeLessThan(60);
    }
    expect(heard).toHaveLength(5 * (FIELD + 1));
  });

  it('rows that go, go some hundred at a time', async () => {
    await results.fillRace(raceId, rowsOf(0), 3);
    expect(pauses).toBe(FIELD / MOST_PUT);
    await results.fillRace(raceId, rowsOf(FIELD), 4);
    pauses = 0;
    await results.keepRaces(new Set(), 5);
    expect(pauses).toBe(FIELD / MOST_PUT);
    expect([...results.shelf.documents()]).toEqual([]);
  });
});
