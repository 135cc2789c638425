import {
  type Correction,
  EMPTY_SETUP,
  type Participant,
  type ParticipantId,
  participantIdFor,
  type Race,
  type Roster,
  type Setup,
} from '@baton/schema/doc';
import { EventId, PointId, RaceId, StreamId } from '@baton/schema/ids';
import type { ReadsFrame } from '@baton/schema/protocol';
import { encodeBatch, type Pair, type PairKey, pairKey, type Read } from '@baton/schema/reads';
import { createRaceFold, type FoldInputs, type FoldRead } from '@baton/schema/results';
import { RESULT_SHAPES, RESULT_TABLES, type ResultTable, resultRowsOf } from '../../src/replica/result-tables.ts';
import { type EventFacts, type SetupRows, setupRows } from '../../src/replica/setup-rows.ts';
import type { TableRow } from '../../src/replica/table-mirror.ts';

/** Two races of one event, three streams with two epochs each. */
export const START = StreamId.parse('box-1.start');
export const HALF = StreamId.parse('box-2.half');
export const FINISH = StreamId.parse('box-3.finish');
export const TEN = RaceId.parse('race-10k');
export const FIVE = RaceId.parse('race-5k');

export const EVENT: EventFacts = {
  eventId: EventId.parse('e1'),
  title: 'Spring run',
  date: '2026-03-06',
  timezone: 'Europe/Paris',
};

const point = (pointId: string, kind: Race['points'][number]['kind']): Race['points'][number] => ({
  pointId: PointId.parse(pointId),
  name: pointId.toUpperCase(),
  kind,
});

const raceOf = (raceId: RaceId, name: string): Race => ({
  raceId,
  name,
  startAt: '2026-03-06T10:00:00',
  points: [point('s', 'start'), point('k5', 'split'), point('f', 'finish')],
  categories: [{ categoryId: 'w', name: 'Women', sex: 'F', ageFrom: null, ageTo: null }],
});

export const setupOf = (mapped: Iterable<readonly [PairKey, RaceId]>, more: Partial<Setup> = {}): Setup => ({
  ...EMPTY_SETUP,
  races: new Map([
    [TEN, raceOf(TEN, '10 km')],
    [FIVE, raceOf(FIVE, '5 km')],
  ]),
  epochRaces: new Map(mapped),
  streamPoints: new Map([
    [START, PointId.parse('s')],
    [HALF, PointId.parse('k5')],
    [FINISH, PointId.parse('f')],
  ]),
  ...more,
});

export const ALL_TEN: readonly (readonly [PairKey, RaceId])[] = [START, HALF, FINISH].map(
  (streamId) => [pairKey(streamId, 1), TEN] as const,
);

export const chipOf = (bib: string): string => `0580${bib.padStart(8, '0')}`;
export const idOf = (bib: string): ParticipantId => participantIdFor(null, bib);

export const runner = (bib: string, more: Partial<Participant> = {}): Participant => ({
  participantId: idOf(bib),
  bib,
  firstName: 'Ada',
  lastName: `N${bib}`,
  club: null,
  sex: Number(bib) % 2 === 0 ? 'F' : 'M',
  birthYear: null,
  category: null,
  raceId: null,
  ...more,
});

export const rosterOf = (
  runners: readonly Participant[],
  corrections: ReadonlyMap<ParticipantId, Correction> = new Map(),
): Roster => ({
  participants: new Map(runners.map((it) => [it.participantId, it])),
  chips: new Map(runners.map((it) => [chipOf(it.bib), it.participantId])),
  corrections,
});

export const rowsOf = (setup: Setup, roster: Roster): SetupRows => setupRows(setup, roster, [], EVENT);

/** A read so many seconds after the gun by its reader's clock. */
export const readAt = (bib: string, seconds: number, receivedAt = 1_772_790_000_000): Read => {
  const readerTime = new Date(Date.UTC(2026, 2, 6, 10) + seconds * 1000).toISOString().slice(0, 23);
  const chip = chipOf(bib);
  return { raw: new TextEncoder().encode(`${chip} ${readerTime}`), receivedAt, readerTime, chip, kind: 'RAW' };
};

export const framesOf = (pair: Pair, firstSeq: number, reads: readonly Read[]): readonly ReadsFrame[] => [
  { streamId: pair.streamId, epoch: pair.epoch, firstSeq, batch: encodeBatch(reads) },
];

export const foldReads = (pair: Pair, reads: readonly Read[]): readonly FoldRead[] =>
  reads.map(({ receivedAt, readerTime, chip, kind }, index) => ({
    ...pair,
    seq: index + 1,
    receivedAt,
    readerTime,
    chip,
    kind,
  }));

export const sortedRows = (rows: readonly TableRow[], table: ResultTable): readonly TableRow[] => {
  const keyOf = (row: TableRow): string => JSON.stringify(RESULT_SHAPES[table].key.map((column) => row[column]));
  return [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

/** What the tables must hold: each race folded anew from the reads of the pairs that are mapped to it. */
export const expectedRows = (
  setup: Setup,
  roster: Roster,
  held: ReadonlyMap<PairKey, readonly FoldRead[]>,
): Readonly<Record<ResultTable, readonly TableRow[]>> => {
  const all: Record<ResultTable, TableRow[]> = {
    results: [],
    splits: [],
    crossings: [],
    on_course: [],
    read_fates: [],
  };
  for (const raceId of setup.races.keys()) {
    const inputs: FoldInputs = { raceId, setup, roster, timezone: EVENT.timezone, date: EVENT.date };
    const fold = createRaceFold(inputs);
    for (const [key, reads] of held) if (setup.epochRaces.get(key) === raceId) fold.add(reads);
    const rows = resultRowsOf(fold, inputs);
    for (const table of RESULT_TABLES) all[table].push(...rows[table]);
  }
  return all;
};
