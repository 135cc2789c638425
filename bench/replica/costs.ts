import { EMPTY_ROSTER, EMPTY_SETUP, type Participant, ParticipantId, type Race } from '@baton/schema/doc';
import { PointId, RaceId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import { createRaceFold, type FoldInputs, type FoldRead } from '@baton/schema/results';
import { rollUpCost } from '../support/bare-copy.ts';
import { type Benchmark, type Figures, median, now, rounded } from '../support/measure.ts';
import { chipOf, RUNNERS, streamReads } from './race-world.ts';
import { STREAMS } from './streams.ts';

const READS = 100_000;
const ROUNDS = 3;
const RACE = RaceId.parse('00000000-0000-4000-8000-000000000001');

const pointOf = (streamId: string): PointId => PointId.parse(streamId.split('.')[1] ?? '');

const race: Race = {
  raceId: RACE,
  name: 'Ten',
  startAt: '2026-04-12T09:00:00',
  points: STREAMS.map((streamId, index) => ({
    pointId: pointOf(streamId),
    name: streamId,
    kind: (['start', 'split', 'finish'] as const)[index] ?? 'split',
  })),
  categories: [],
};

const participant = (runner: number): Participant => ({
  participantId: ParticipantId.parse(`#${runner}`),
  bib: `${runner}`,
  firstName: 'First',
  lastName: `Last${runner % 997}`,
  club: null,
  sex: null,
  birthYear: null,
  category: null,
  raceId: null,
});

const inputs = (): FoldInputs => {
  const people = Array.from({ length: RUNNERS }, (_, index) => participant(index + 1));
  return {
    raceId: RACE,
    setup: {
      ...EMPTY_SETUP,
      races: new Map([[RACE, race]]),
      epochRaces: new Map(STREAMS.map((streamId) => [pairKey(streamId, 1), RACE])),
      streamPoints: new Map(STREAMS.map((streamId) => [streamId, pointOf(streamId)])),
    },
    roster: {
      ...EMPTY_ROSTER,
      participants: new Map(people.map((it) => [it.participantId, it])),
      chips: new Map(people.map((it) => [chipOf(Number(it.bib)), it.participantId])),
    },
    timezone: 'UTC',
    date: '2026-04-12',
  };
};

const foldReads = (): readonly FoldRead[] =>
  streamReads(READS).flatMap(({ streamId, reads }) =>
    reads().map(({ chip, readerTime, receivedAt, kind }, index) => ({
      streamId,
      epoch: 1,
      seq: index + 1,
      chip,
      readerTime,
      receivedAt,
      kind,
    })),
  );

/** Milliseconds to feed all reads, and then to make the standings of all runners. */
const foldOnce = (
  given: FoldInputs,
  reads: readonly FoldRead[],
): { readonly addMs: number; readonly rankMs: number } => {
  const from = now();
  const fold = createRaceFold(given);
  fold.add(reads);
  const added = now();
  const rows = fold.standings();
  if (rows.length < RUNNERS / 2) throw new Error(`expected standings of most runners, got ${rows.length}`);
  return { addMs: added - from, rankMs: now() - added };
};

const run = async (): Promise<Figures> => {
  const [given, reads] = [inputs(), foldReads()];
  const folds = Array.from({ length: ROUNDS }, () => foldOnce(given, reads));
  const addMs = median(folds.map((it) => it.addMs));
  const rankMs = median(folds.map((it) => it.rankMs));
  const { withSeconds, withoutSeconds } = await rollUpCost(streamReads(READS));
  return {
    'reads/s that the fold takes': Math.round((reads.length * 1000) / addMs),
    'ms to judge all passages and rank, once': rounded(rankMs),
    'reads/s of fold and ranking together': Math.round((reads.length * 1000) / (addMs + rankMs)),
    's to store with COPY and clock': rounded(withoutSeconds),
    's to store with COPY, roll-up by chip and clock': rounded(withSeconds),
    'cost of the roll-up, ratio': rounded(withSeconds / withoutSeconds),
  };
};

export const replicaCosts: Benchmark = {
  name: 'replica-costs',
  method:
    `${READS} reads of ${RUNNERS} runners: the fold of results alone, median of ${ROUNDS}; then the same reads into two PGlites on files, portions of ` +
    '10000 in turn, one transaction each, with and without the roll-up by chip, summing up included',
  run,
};
