import { beforeAll, describe, expect, it } from 'vitest';
import type { Participant, ParticipantId } from '../../src/doc/index.ts';
import { pairKey } from '../../src/reads/index.ts';
import { createRaceFold, type FoldInputs, type FoldRead, foldRace, type RaceFold } from '../../src/results/index.ts';
import { holdRows, inAnyOrder, inOwnOrder } from './held-rows.ts';
import {
  chipOf,
  createReads,
  finishA,
  finishB,
  half,
  idOf,
  inputsOf,
  otherRaceId,
  raceId,
  rosterOf,
  runner,
  start,
} from './race-fixture.ts';

/** More than fit a node of a list, and more than are settled, sorted or told one by one. */
const FIELD = 900;
const BIBS = Array.from({ length: FIELD }, (_, index) => `${index + 1}`);
const SEXES = ['F', 'M', 'X', null] as const;

const inputs = (changed: Parameters<typeof inputsOf>[1] = {}): FoldInputs =>
  inputsOf([], {
    roster: rosterOf(
      BIBS.map((bib, index) => runner(bib, { sex: SEXES[index % 4] ?? null, category: `${index % 7}` })),
    ),
    ...changed,
  });

/** In some order of arrival, the same each time. */
const shuffled = <T>(items: readonly T[]): readonly T[] => {
  let state = 7;
  const keyed = items.map((item) => {
    state = (state * 48_271) % 2_147_483_647;
    return { item, key: state };
  });
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
};

const makeReads = (): readonly FoldRead[] => {
  const read = createReads();
  return BIBS.flatMap((bib, index) => {
    const pace = 600 + ((index * 7919) % 900);
    return [
      read(start, chipOf(bib), index / 100),
      read(half, chipOf(bib), pace),
      read(half, chipOf(bib), pace + 2),
      ...(index % 10 === 0
        ? []
        : [read(finishA, chipOf(bib), 2 * pace + (index % 3)), read(finishB, chipOf(bib), 2 * pace + 4)]),
    ];
  });
};

const withParticipants = (from: FoldInputs, changed: readonly Participant[]): FoldInputs => {
  const participants = new Map<ParticipantId, Participant>(from.roster.participants);
  for (const it of changed) participants.set(it.participantId, it);
  return { ...from, roster: { ...from.roster, participants } };
};

/** Everything a fold says, however it came to it. */
const told = (fold: RaceFold) => ({
  standings: fold.standings(),
  crossings: fold.crossings(),
  tally: fold.tally(),
  unknown: fold.unknownChips(),
});

const anew = (given: FoldInputs, reads: Iterable<FoldRead>): RaceFold => {
  const fold = createRaceFold(given);
  fold.add(reads);
  return fold;
};

describe('a fold of a field of 900', () => {
  let reads: readonly FoldRead[] = [];

  beforeAll(() => {
    reads = makeReads();
  });

  it('[CN-07] tells changes portion by portion that add up to the results', () => {
    const fold = createRaceFold(inputs());
    const held = holdRows(fold);
    const kinds = new Set<string>();
    const all = shuffled(reads);
    const firstPart = all.length - 600;
    fold.add(all.slice(0, firstPart));
    for (let from = firstPart; from <= all.length; from += 30) {
      const changes = fold.takeChanges();
      kinds.add(changes.type === 'some' && changes.moved !== null ? 'moved' : changes.type);
      held.apply(changes);
      fold.add(all.slice(from, from + 30));
    }
    held.apply(fold.takeChanges());
    const results = foldRace(inputs(), reads);
    expect(inOwnOrder(held.rows())).toEqual(inOwnOrder(results.rows));
    expect(inAnyOrder(held.onCourse())).toEqual(inAnyOrder(results.onCourse));
    expect(fold.results()).toEqual(results);
    expect([...kinds]).toEqual(expect.arrayContaining(['all', 'moved']));
    expect(fold.page({ offset: 0, limit: FIELD }).rows).toEqual(results.rows);
    expect(fold.takeChanges()).toEqual({ type: 'none' });
  });

  it('[CN-20] tells of one who comes in among 810 in one row and a few numbers', () => {
    const read = createReads();
    const late = read(finishB, chipOf('1'), 1234, { seq: 1_000_000 });
    const fold = anew(inputs(), reads);
    fold.takeChanges();
    fold.add([late]);
    const changes = fold.takeChanges();
    expect(changes).toMatchObject({ type: 'some', rows: [{ bib: '1', gunMs: 1_234_000 }], gone: [], offCourse: ['1'] });
    expect(JSON.stringify(changes).length).toBeLessThan(700);
  });

  it('answers by the inputs before until all is judged anew, whatever comes meanwhile', () => {
    const later = inputs({ race: { startAt: '2026-03-06T09:59:00' } });
    const [first, rest] = [reads.slice(0, 2500), reads.slice(2500)];
    const fold = anew(inputs(), first);
    const before = fold.results();
    fold.takeChanges();
    let steps = 0;
    let added = 0;
    const work = fold.updateSliced(later);
    while (work.next().done !== true) {
      steps++;
      if (steps === 1) expect(fold.results()).toEqual(before);
      fold.add(rest.slice(added, added + 100));
      added += 100;
    }
    expect(steps).toBeGreaterThan(10);
    expect(added).toBeLessThan(rest.length * 2);
    fold.add(rest.slice(added));
    expect(fold.takeChanges()).toEqual({ type: 'all' });
    expect(told(fold)).toEqual(told(anew(later, reads)));
  });

  it('judges the reads of an epoch anew when it is mapped, in steps, together with those that come meanwhile', () => {
    const mapped = inputs();
    const key = pairKey(half, 1);
    const epochRaces = new Map(mapped.setup.epochRaces);
    epochRaces.set(key, otherRaceId);
    const unmapped = { ...mapped, setup: { ...mapped.setup, epochRaces } };
    const [first, rest] = [reads.slice(0, 3000), reads.slice(3000)];
    const fold = anew(unmapped, first);
    fold.takeChanges();
    const work = fold.updateSliced(mapped);
    let added = 0;
    for (let step = work.next(); step.done !== true; step = work.next()) {
      fold.add(rest.slice(added, added + 20));
      added += 20;
    }
    fold.add(rest.slice(added));
    expect(told(fold)).toEqual(told(anew(mapped, reads)));
    fold.update(unmapped);
    expect(told(fold)).toEqual(told(anew(unmapped, reads)));
  });

  it('lets another update take the place of one that has not ended, at any step', () => {
    const gun = inputs({ race: { startAt: '2026-03-06T09:58:00' } });
    const renamed = withParticipants(inputs(), [
      runner('3', { lastName: 'Later' }),
      runner('4', { raceId: otherRaceId }),
    ]);
    for (const stop of [0, 1, 5, 40, 90]) {
      const fold = anew(inputs(), reads);
      const left = [fold.updateSliced(gun), fold.updateSliced(withParticipants(gun, [runner('5', { bib: '1' })]))];
      for (const work of left) for (let step = 0; step < stop; step++) work.next();
      fold.update(renamed);
      for (const work of left) while (work.next().done !== true);
      expect(told(fold)).toEqual(told(anew(renamed, reads)));
    }
  });

  it('changes one participant without telling of others, but those whose rank moves', () => {
    const fold = anew(inputs(), reads);
    fold.takeChanges();
    fold.update(
      withParticipants(inputs(), [{ ...runner('7'), ...inputs().roster.participants.get(idOf('7')), club: 'New' }]),
    );
    expect(fold.takeChanges()).toMatchObject({
      type: 'some',
      rows: [{ bib: '7', club: 'New' }],
      gone: [],
      moved: null,
      onCourse: [],
      changedParticipants: [idOf('7')],
    });
    fold.update(inputs());
    fold.takeChanges();
    fold.update(inputs());
    expect(fold.takeChanges()).toEqual({ type: 'none' });
  });

  it('is none the slower for a chip that lies at a mat: all of its reads are one lane', () => {
    const read = createReads();
    const lingering = Array.from({ length: 3000 }, (_, index) => read(half, chipOf('9'), 5000 + index / 10));
    const fold = createRaceFold(inputs());
    for (const one of shuffled(lingering)) {
      fold.add([one]);
      fold.takeChanges();
    }
    expect(fold.tally().total).toMatchObject({ counted: 1, 'within-gap': 49, repeated: 2950 });
    expect(fold.page({ offset: 0, limit: 1 }).rows).toMatchObject([
      { bib: '9', raceId, splits: [{ elapsedMs: 5_000_000, rank: 1 }] },
    ]);
  });
});
