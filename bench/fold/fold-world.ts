import { EMPTY_ROSTER, EMPTY_SETUP, type Participant, ParticipantId, type Race } from '@baton/schema/doc';
import { PointId, RaceId, StreamId } from '@baton/schema/ids';
import { pairKey } from '@baton/schema/reads';
import type { FoldInputs, FoldRead } from '@baton/schema/results';

const RACE = RaceId.parse('00000000-0000-4000-8000-000000000001');
const KINDS = ['start', 'split', 'split', 'finish'] as const;

export const STREAMS = KINDS.map((kind, index) => StreamId.parse(`box-${index}.${kind}`));
const POINTS = KINDS.map((kind, index) => ({ pointId: PointId.parse(`p${index}`), name: `P${index}`, kind }));
const GUN = Date.UTC(2026, 3, 12, 9);

const race = (startAt: string): Race => ({
  raceId: RACE,
  name: 'Ten',
  startAt,
  points: POINTS,
  categories: (['F', 'M'] as const).flatMap((sex) =>
    [0, 40, 60].map((ageFrom, index) => ({
      categoryId: `${sex}${ageFrom}`,
      name: `${sex}${ageFrom}`,
      sex,
      ageFrom,
      ageTo: [39, 59, 150][index] ?? null,
    })),
  ),
});

export const participantId = (runner: number): ParticipantId => ParticipantId.parse(`#${runner}`);

const participant = (runner: number): Participant => ({
  participantId: participantId(runner),
  bib: `${runner}`,
  firstName: `First${runner % 37}`,
  lastName: `Last${runner % 997}`,
  club: null,
  sex: runner % 2 === 0 ? 'F' : 'M',
  birthYear: 1940 + (runner % 68),
  category: null,
  raceId: RACE,
});

const chipOf = (runner: number): string => `0580${runner.toString(16).padStart(8, '0')}`;

/** A race with start, two splits and finish, and its roster. */
export const foldInputs = (runners: number, startAt = '2026-04-12T09:00:00'): FoldInputs => {
  const people = Array.from({ length: runners }, (_, index) => participant(index + 1));
  return {
    raceId: RACE,
    setup: {
      ...EMPTY_SETUP,
      races: new Map([[RACE, race(startAt)]]),
      epochRaces: new Map(STREAMS.map((streamId) => [pairKey(streamId, 1), RACE])),
      streamPoints: new Map(
        STREAMS.flatMap((streamId, index) => [[streamId, POINTS[index]?.pointId ?? PointId.parse('p0')]]),
      ),
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

const readOf = (runner: number, mat: number, seq: number, atMs: number): FoldRead => ({
  streamId: STREAMS[mat] ?? StreamId.parse('box-0.start'),
  epoch: 1,
  seq,
  chip: chipOf(runner),
  readerTime: new Date(GUN + atMs).toISOString().slice(0, 23),
  receivedAt: GUN + atMs,
  kind: 'RAW',
});

/** Between 25 and 75 minutes for the whole way; the same runner always takes the same time. */
const paceMs = (runner: number): number => 1_500_000 + ((runner * 7919) % 300_000) * 10;

/** Mat by mat, as each mat's log holds them; a runner is read several times at each. */
export function* foldReads(runners: number, reads: number): Iterable<FoldRead> {
  const times = Math.max(1, Math.round(reads / runners / KINDS.length));
  for (let mat = 0; mat < KINDS.length; mat++) {
    let seq = 0;
    for (let time = 0; time < times; time++) {
      for (let runner = 1; runner <= runners; runner++) {
        yield readOf(runner, mat, ++seq, 10_000 + (paceMs(runner) * mat) / 3 + time * 50);
      }
    }
  }
}

/** A line that comes late and tells of a finish some seconds before the one that is known. */
export const lateRead = (runner: number, nth: number): FoldRead =>
  readOf(runner, 3, 10_000_000 + nth, 10_000 + paceMs(runner) - 5000 - nth);
