import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Correction } from '../../src/doc/index.ts';
import { type PairKey, pairKey } from '../../src/reads/index.ts';
import {
  createRaceFold,
  FATES,
  type FoldInputs,
  type FoldRead,
  foldRace,
  type RaceFold,
} from '../../src/results/index.ts';
import {
  chipOf,
  createReads,
  finishA,
  finishB,
  half,
  idOf,
  inputsOf,
  race,
  rosterOf,
  runner,
  start,
} from './race-fixture.ts';

const BIBS = ['1', '2', '3', '4'];

/** Reads of few runners in a short time, so that repeats, ties and steps backwards are frequent. */
const someReads: fc.Arbitrary<readonly FoldRead[]> = fc
  .array(
    fc.record({
      streamId: fc.constantFrom(start, half, finishA, finishB),
      chip: fc.constantFrom(...BIBS.map((bib) => chipOf(bib)), chipOf('1', 1), 'ffff00000000', null),
      seconds: fc.oneof(fc.integer({ min: -20, max: 60 }), fc.double({ min: -5, max: 20, noNaN: true })),
      readerTime: fc.option(fc.constantFrom('soon', '2026-03-06T09:00:09Z'), { freq: 20 }),
      epoch: fc.constantFrom(1, 1, 1, 1, 2),
    }),
    { maxLength: 60 },
  )
  .map((drafts) => {
    const read = createReads();
    return drafts.map(({ streamId, chip, seconds, readerTime, epoch }) =>
      read(streamId, chip, seconds, { epoch, ...(readerTime === null ? {} : { readerTime }) }),
    );
  });

const someCorrection: fc.Arbitrary<Correction> = fc.record({
  status: fc.constantFrom(null, 'DNS', 'DNF', 'DSQ'),
  manualMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
  reason: fc.constant(''),
  author: fc.constant('kim'),
  at: fc.integer({ min: 0, max: 2e12 }),
});

const someInputs: fc.Arbitrary<FoldInputs> = fc
  .record({
    startAt: fc.constantFrom(null, '2026-03-06T10:00:00', '2026-03-06T09:00:05Z'),
    points: fc.constantFrom(race.points, [], race.points.slice(1)),
    rankBy: fc.constantFrom('gun' as const, 'chip' as const),
    dedupWindowMs: fc.constantFrom(0, 1000, 5000),
    minLapMs: fc.constantFrom(0, 10_000),
    startWindowMs: fc.constantFrom(0, 3000, 600_000),
    corrected: fc.option(someCorrection, { freq: 3 }),
    bibs: fc.subarray(BIBS),
    slow: fc.dictionary(
      fc.constantFrom(pairKey(start, 1), pairKey(half, 1), pairKey(finishA, 2)),
      fc.constantFrom(-4000, 1, 3_600_000),
    ),
  })
  .map(({ startAt, points, corrected, bibs, slow, ...rules }) => {
    const runners = bibs.map((bib) => runner(bib, { sex: bib === '1' ? 'F' : 'M', birthYear: 1980 }));
    const corrections = new Map(corrected === null ? [] : [[idOf('2'), corrected] as const]);
    const inputs = inputsOf([], { race: { startAt, points }, rules, roster: rosterOf(runners, corrections) });
    const epochOffsets = new Map(Object.entries(slow) as [PairKey, number][]);
    return { ...inputs, setup: { ...inputs.setup, epochOffsets } };
  });

/** Everything a fold says, in an order of its own. */
const told = (fold: RaceFold) => ({
  results: fold.results(),
  crossings: fold.crossings(),
  unknown: fold.unknownChips(),
  tally: fold.tally(),
  fates: [...fold.fates()]
    .map(({ read, fate, pointId }) => `${read.streamId}/${read.epoch}/${read.seq} ${fate} ${pointId}`)
    .sort(),
});

const folded = (inputs: FoldInputs, reads: readonly FoldRead[]): RaceFold => {
  const fold = createRaceFold(inputs);
  fold.add(reads);
  return fold;
};

/** A list with a permutation of itself, cut into pieces. */
const disordered = fc.tuple(someReads, fc.infiniteStream(fc.nat())).map(([reads, choices]) => {
  const keys = reads.map(() => choices.next().value ?? 0);
  const shuffled = reads.map((read, index) => ({ read, key: keys[index] ?? 0 })).sort((a, b) => a.key - b.key);
  const pieces: FoldRead[][] = [[]];
  for (const { read, key } of shuffled) {
    if (key % 3 === 0) pieces.push([]);
    pieces.at(-1)?.push(read);
  }
  return { reads, pieces };
});

describe('race fold, any reads and rules', () => {
  it('does not depend on the order of arrival, nor on when it is asked', () => {
    fc.assert(
      fc.property(someInputs, disordered, (inputs, { reads, pieces }) => {
        const fold = createRaceFold(inputs);
        for (const piece of pieces) {
          fold.add(piece);
          fold.results();
        }
        expect(told(fold)).toEqual(told(folded(inputs, reads)));
        expect(fold.results()).toEqual(foldRace(inputs, reads));
      }),
    );
  });

  it('is after a change of the inputs what it would be from nothing', () => {
    fc.assert(
      fc.property(someInputs, someInputs, someReads, fc.nat(60), (before, after, reads, cut) => {
        const fold = folded(before, reads.slice(0, cut));
        fold.results();
        fold.update(after);
        fold.add(reads.slice(cut));
        expect(told(fold)).toEqual(told(folded(after, reads)));
      }),
    );
  });

  it('explains every read once, and counts one read a crossing', () => {
    fc.assert(
      fc.property(someInputs, someReads, (inputs, reads) => {
        const fold = folded(inputs, reads);
        const { total, byStream } = fold.tally();
        const fates = [...fold.fates()];
        expect(new Set(fates.map(({ read }) => read))).toEqual(new Set(reads));
        expect(fates).toHaveLength(reads.length);
        for (const fate of FATES) expect(total[fate]).toBe(fates.filter((it) => it.fate === fate).length);
        const summed = [...byStream.values()].reduce((sum, counts) => sum + counts.counted, 0);
        expect(summed).toBe(total.counted);
        const crossings = fold.crossings();
        expect(crossings).toHaveLength(total.counted);
        const places = crossings.map((it) => `${it.participantId} ${it.pointId}`);
        expect(new Set(places).size).toBe(places.length);
      }),
    );
  });

  it('ranks by time: nobody faster stands behind, equals share a rank, the rest has none', () => {
    fc.assert(
      fc.property(someInputs, someReads, (inputs, reads) => {
        const { rows } = foldRace(inputs, reads);
        const ranked = rows.filter((row) => row.rank !== null);
        const timed = ranked.filter((row) => row.behindMs !== null);
        for (const row of ranked) {
          // in a race without a start, who was given a time stands before those who only crossed the finish
          const faster = row.behindMs === null ? timed : timed.filter((it) => (it.behindMs ?? 0) < (row.behindMs ?? 0));
          if (row.behindMs === null) expect(row.rank).toBeGreaterThan(faster.length);
          else expect(row.rank).toBe(faster.length + 1);
          expect(row.status).toBeNull();
        }
        expect(rows.slice(0, ranked.length)).toEqual(ranked);
        for (const row of rows) if (row.gunMs !== null) expect(row.gunMs).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('takes the earliest read at the finish after the start as the finish', () => {
    fc.assert(
      fc.property(someReads, (reads) => {
        const inputs = inputsOf(BIBS, { race: { points: [] } });
        const rows = new Map(foldRace(inputs, reads).rows.map((row) => [row.bib, row.gunMs]));
        for (const bib of BIBS) {
          const times = reads
            .filter((it) => it.epoch === 1 && (it.chip === chipOf(bib) || it.chip === chipOf(bib, 1)))
            .flatMap((it) => (it.readerTime === 'soon' ? [] : [it.readerTime ?? '']))
            .map(
              (text) => Date.parse(text.endsWith('Z') ? '2026-03-06T10:00:09Z' : `${text}Z`) - Date.UTC(2026, 2, 6, 10),
            )
            .filter((ms) => ms >= 0);
          expect(rows.get(bib) ?? null).toBe(times.length === 0 ? null : Math.min(...times));
        }
      }),
    );
  });
});
