import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Correction, Participant, ParticipantId, Roster } from '../../src/doc/index.ts';
import { PointId } from '../../src/ids.ts';
import { pairKey } from '../../src/reads/index.ts';
import {
  createRaceFold,
  type ExternalResult,
  type ExternalRider,
  FATES,
  type FoldInputs,
  type FoldRead,
  foldRace,
  NO_EXTERNAL,
  type RaceFold,
} from '../../src/results/index.ts';
import { type HeldRows, holdRows, inAnyOrder, inOwnOrder } from './held-rows.ts';
import { naiveFold } from './naive/naive-fold.ts';
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

/** Enough that a new leader moves more rows than are told whole. */
const FIELD = 34;
const BIBS = Array.from({ length: FIELD }, (_, index) => `${index + 1}`);

const someBib = fc.oneof(fc.constantFrom('1', '2', '3', '4'), fc.constantFrom(...BIBS, 'A-1'));
const someId = fc.oneof(fc.constantFrom('1', '2', '3'), fc.constantFrom(...BIBS)).map(idOf);

const CATEGORIES = [
  { categoryId: 'W', name: 'Women', sex: 'F', ageFrom: null, ageTo: null },
  { categoryId: 'old', name: 'From 50', sex: null, ageFrom: 50, ageTo: null },
] as const;

const field = (index: number): Participant =>
  runner(`${index + 1}`, {
    sex: (['F', 'M', 'X', null] as const)[index % 4] ?? null,
    birthYear: index % 3 === 0 ? 1960 : null,
    category: index % 5 === 0 ? '__proto__' : null,
  });

const firstInputs = (): FoldInputs => ({
  ...inputsOf([], {
    race: { categories: CATEGORIES },
    roster: rosterOf(BIBS.map((_, index) => field(index))),
  }),
  external: NO_EXTERNAL,
});

/** One thing that an operator, or another timing system, does. */
type Edit = (inputs: FoldInputs) => FoldInputs;

const withRoster = (inputs: FoldInputs, changed: Partial<Roster>): FoldInputs => ({
  ...inputs,
  roster: { ...inputs.roster, ...changed },
});

const changed = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V | null): ReadonlyMap<K, V> => {
  const copy = new Map(map);
  if (value === null) copy.delete(key);
  else copy.set(key, value);
  return copy;
};

const editParticipant: fc.Arbitrary<Edit> = fc
  .record({
    id: someId,
    change: fc.oneof(
      fc.record({ bib: someBib }),
      fc.record({ sex: fc.constantFrom('F' as const, 'M' as const, null) }),
      fc.record({ category: fc.constantFrom('W', '__proto__', null) }),
      fc.record({ raceId: fc.constantFrom(raceId, otherRaceId, null) }),
      fc.record({ lastName: fc.constantFrom('Lovelace', 'King') }),
      fc.constant(null),
    ),
  })
  .map(({ id, change }) => (inputs) => {
    const before = inputs.roster.participants.get(id) ?? runner(id.split('#')[1] ?? '');
    const participants = changed(inputs.roster.participants, id, change === null ? null : { ...before, ...change });
    return withRoster(inputs, { participants });
  });

const editChip: fc.Arbitrary<Edit> = fc
  .record({
    chip: fc.oneof(
      someBib.map((bib) => chipOf(bib)),
      fc.constant('ffff00000000'),
    ),
    id: fc.option(someId),
  })
  .map(
    ({ chip, id }) =>
      (inputs) =>
        withRoster(inputs, { chips: changed(inputs.roster.chips, chip, id) }),
  );

const someCorrection: fc.Arbitrary<Correction> = fc.record({
  status: fc.constantFrom(null, 'DNS', 'DNF', 'DSQ'),
  manualMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
  reason: fc.constant(''),
  author: fc.constant('kim'),
  at: fc.integer({ min: 0, max: 2e12 }),
});

const editCorrection: fc.Arbitrary<Edit> = fc.record({ id: someId, correction: fc.option(someCorrection) }).map(
  ({ id, correction }) =>
    (inputs) =>
      withRoster(inputs, {
        corrections: changed<ParticipantId, Correction>(inputs.roster.corrections, id, correction),
      }),
);

const someResult: fc.Arbitrary<ExternalResult> = fc.record({
  timeMs: fc.option(fc.integer({ min: 0, max: 60_000 })),
  status: fc.constantFrom(null, 'DNS', 'DNF', 'DSQ'),
  at: fc.integer({ min: 0, max: 2e12 }),
});

const someRider: fc.Arbitrary<ExternalRider> = fc.record({
  startedAt: fc.option(fc.integer({ min: 1_772_787_600_000, max: 1_772_791_200_000 })),
  lastPoint: fc.constantFrom(null, 's', 'k5', 'nowhere'),
  at: fc.integer({ min: 1_772_787_600_000, max: 1_772_791_200_000 }),
});

const someTold = fc.oneof(fc.constantFrom('1', '2', '77', '78'), fc.constantFrom(...BIBS));

const editExternal: fc.Arbitrary<Edit> = fc
  .record({ bib: someTold, result: fc.option(someResult), rider: fc.option(someRider), which: fc.boolean() })
  .map(({ bib, result, rider, which }) => (inputs) => {
    const external = inputs.external ?? NO_EXTERNAL;
    return {
      ...inputs,
      external: which
        ? { ...external, byBib: changed(external.byBib, bib, result) }
        : { ...external, onCourse: changed(external.onCourse, bib, rider) },
    };
  });

const editMapping: fc.Arbitrary<Edit> = fc
  .record({
    streamId: fc.constantFrom(start, half, finishA, finishB),
    epoch: fc.constantFrom(1, 1, 2),
    race: fc.constantFrom(raceId, raceId, otherRaceId, null),
    point: fc.constantFrom('s', 'k5', 'f', 'gone', null),
    offsetMs: fc.constantFrom(null, null, null, -2500, 60_000),
    which: fc.boolean(),
  })
  .map(({ streamId, epoch, race, point, offsetMs, which }) => (inputs) => {
    const epochOffsets = changed(inputs.setup.epochOffsets, pairKey(streamId, epoch), offsetMs);
    const setup = { ...inputs.setup, epochOffsets };
    const epochRaces = changed(setup.epochRaces, pairKey(streamId, epoch), race);
    const streamPoints = changed(setup.streamPoints, streamId, point === null ? null : PointId.parse(point));
    return { ...inputs, setup: which ? { ...setup, epochRaces } : { ...setup, streamPoints } };
  });

const editRules: fc.Arbitrary<Edit> = fc
  .record({
    startAt: fc.constantFrom(null, '2026-03-06T10:00:00', '2026-03-06T09:00:05Z'),
    rankBy: fc.constantFrom('gun' as const, 'chip' as const),
    dedupWindowMs: fc.constantFrom(0, 1000, 5000),
    minLapMs: fc.constantFrom(0, 10_000),
    startWindowMs: fc.constantFrom(0, 3000, 600_000),
    points: fc.constantFrom<readonly number[]>([0, 1, 2], [0, 1, 2], [1, 2], [2], []),
    timezone: fc.constantFrom('Europe/Berlin', 'Europe/Berlin', 'Europe/Lisbon'),
    date: fc.constantFrom('2026-03-06', '2026-03-05'),
  })
  .map(({ startAt, points, timezone, date, ...rules }) => (inputs) => {
    const whole = inputsOf([]).setup.races.get(raceId);
    const race = inputs.setup.races.get(raceId);
    if (race === undefined || whole === undefined) return inputs;
    const chosen = points.flatMap((index) => whole.points[index] ?? []);
    const races = changed(inputs.setup.races, raceId, { ...race, startAt, points: chosen });
    return { ...inputs, timezone, date, setup: { ...inputs.setup, races, rules } };
  });

const someEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: editParticipant },
  { weight: 4, arbitrary: editChip },
  { weight: 5, arbitrary: editCorrection },
  { weight: 5, arbitrary: editExternal },
  { weight: 3, arbitrary: editMapping },
  { weight: 1, arbitrary: editRules },
);

interface Draft {
  readonly streamId: FoldRead['streamId'];
  readonly chip: string | null;
  readonly seconds: number;
  readonly epoch: number;
  readonly readerTime: string | null;
}

const someDraft: fc.Arbitrary<Draft> = fc.record({
  streamId: fc.constantFrom(start, half, finishA, finishB),
  chip: fc.oneof(
    someBib.map((bib) => chipOf(bib)),
    fc.constantFrom(chipOf('1', 1), 'ffff00000000', 'FFFF00000000', null),
  ),
  seconds: fc.oneof(fc.integer({ min: -5, max: 60 }), fc.double({ min: -5, max: 40, noNaN: true })),
  epoch: fc.constantFrom(1, 1, 1, 1, 2),
  readerTime: fc.option(fc.constantFrom('soon', '2026-03-06T09:00:09Z', '2026-03-06 10:00:20,5'), { freq: 20 }),
});

type Step =
  | { readonly type: 'read'; readonly drafts: readonly Draft[] }
  | { readonly type: 'edit'; readonly edits: readonly Edit[]; readonly leaveOne: boolean }
  | { readonly type: 'take' };

const someStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constant('read' as const), drafts: fc.array(someDraft, { maxLength: 4 }) }),
  fc.record({
    type: fc.constant('edit' as const),
    edits: fc.array(someEdit, { minLength: 1, maxLength: 3 }),
    leaveOne: fc.boolean(),
  }),
  fc.record({ type: fc.constant('take' as const) }),
);

/** How many of the field have passed which point before anything else happens. */
const someBeginning = fc.record({
  started: fc.constantFrom(0, 10, FIELD),
  halfway: fc.constantFrom(0, 9, 30),
  finished: fc.constantFrom(0, 3, 30),
});

type Beginning = typeof someBeginning extends fc.Arbitrary<infer T> ? T : never;

const beginning = (read: ReturnType<typeof createReads>, { started, halfway, finished }: Beginning) => [
  ...BIBS.slice(0, started).map((bib, index) => read(start, chipOf(bib), index / 10)),
  ...BIBS.slice(0, halfway).map((bib, index) => read(half, chipOf(bib), 12 + (index % 7))),
  ...BIBS.slice(0, finished).map((bib, index) => read(finishA, chipOf(bib), 30 + Math.floor(index / 2))),
];

interface World {
  readonly fold: RaceFold;
  readonly held: HeldRows;
  readonly reads: FoldRead[];
  inputs: FoldInputs;
}

const takeStep = (world: World, read: ReturnType<typeof createReads>, step: Step): void => {
  if (step.type === 'take') return world.held.apply(world.fold.takeChanges());
  if (step.type === 'read') {
    const reads = step.drafts.map(({ streamId, chip, seconds, epoch, readerTime }) =>
      read(streamId, chip, seconds, { epoch, ...(readerTime === null ? {} : { readerTime }) }),
    );
    world.reads.push(...reads);
    return world.fold.add(reads);
  }
  // another update may begin before one has come to its end
  if (step.leaveOne) world.fold.updateSliced(step.edits[0]?.(world.inputs) ?? world.inputs).next();
  world.inputs = step.edits.reduce((inputs, edit) => edit(inputs), world.inputs);
  world.fold.update(world.inputs);
};

/** Everything a fold says, in an order of its own. */
const told = (fold: RaceFold) => ({
  standings: fold.standings(),
  crossings: fold.crossings(),
  unknown: fold.unknownChips(),
  tally: fold.tally(),
});

const expectSame = ({ fold, held, reads, inputs }: World): void => {
  const naive = naiveFold(inputs, reads);
  const rows = naive.standings.map(({ row }) => row);
  const onCourse = naive.standings.flatMap((it) => it.onCourse ?? []);
  expect(fold.standings()).toEqual(naive.standings);
  expect(inOwnOrder(held.rows())).toEqual(inOwnOrder(rows));
  expect(inAnyOrder(held.onCourse())).toEqual(inAnyOrder(onCourse));
  expect(held.total()).toBe(rows.length);
  const fates = [...fold.fates()].map(({ read, fate }) => `${read.streamId}/${read.epoch}/${read.seq} ${fate}`);
  expect(fates.sort()).toEqual(naive.fates);
  const { total } = fold.tally();
  for (const fate of FATES) expect(total[fate]).toBe(fates.filter((it) => it.endsWith(` ${fate}`)).length);
};

const expectPages = ({ fold }: World): void => {
  const { rows, onCourse } = fold.results();
  expect(fold.onCourse()).toEqual(onCourse);
  for (const [offset, limit] of [
    [0, 50],
    [3, 7],
    [rows.length - 1, 5],
    [rows.length, 5],
  ] as const) {
    expect(fold.page({ offset, limit })).toEqual({
      rows: rows.slice(Math.max(0, offset), Math.max(0, offset) + limit),
      total: rows.length,
    });
  }
  for (const sex of ['F', undefined]) {
    for (const category of ['W', '__proto__', undefined]) {
      const wanted = rows.filter(
        (row) => (sex === undefined || row.sex === sex) && (category === undefined || row.category === category),
      );
      const query = { ...(sex === undefined ? {} : { sex }), ...(category === undefined ? {} : { category }) };
      expect(fold.page({ ...query, offset: 1, limit: 4 })).toEqual({ rows: wanted.slice(1, 5), total: wanted.length });
    }
  }
  for (const bib of ['1', '2', '77']) expect(fold.rowsOf(bib)).toEqual(rows.filter((row) => row.bib === bib));
  const all = fold.standings();
  expect([...fold.standingsOf(all.map(({ participantId }) => participantId))]).toEqual(all);
};

const someStory = fc.record({ begin: someBeginning, steps: fc.array(someStep, { maxLength: 12 }) });

const play = ({ begin, steps }: { readonly begin: Beginning; readonly steps: readonly Step[] }): World => {
  const read = createReads();
  const inputs = firstInputs();
  const fold = createRaceFold(inputs);
  const world: World = { fold, held: holdRows(fold), reads: [...beginning(read, begin)], inputs };
  fold.add(world.reads);
  world.held.apply(fold.takeChanges());
  for (const step of steps) takeStep(world, read, step);
  world.held.apply(fold.takeChanges());
  return world;
};

describe('changes of a fold', () => {
  it('[CN-07] held rows and the changes since are what recomputing everything gives, row for row', () => {
    fc.assert(
      fc.property(someStory, (story) => {
        expectSame(play(story));
      }),
      { numRuns: 80 },
    );
  });

  it('says after any edits and reads what a fold from nothing says', () => {
    fc.assert(
      fc.property(someStory, (story) => {
        const { fold, inputs, reads } = play(story);
        const anew = createRaceFold(inputs);
        anew.add(reads);
        expect(told(fold)).toEqual(told(anew));
        expect(fold.results()).toEqual(foldRace(inputs, [...reads].reverse()));
      }),
      { numRuns: 40 },
    );
  });

  it('pages are slices of the results, filtered or not', () => {
    fc.assert(
      fc.property(someStory, (story) => {
        expectPages(play(story));
      }),
      { numRuns: 40 },
    );
  });
});
