import type { ParticipantId } from '@baton/schema/doc';
import type { RaceId } from '@baton/schema/ids';
import { type CrossingRow, FATES, type FoldInputs, type RaceFold } from '@baton/schema/results';
import type { TableRow, TableShape } from './table-mirror.ts';

const RACE_PARTICIPANT = ['race_id', 'participant_id'] as const;

const shape = (table: string, key: readonly string[], others: readonly string[]): TableShape => ({
  table,
  key,
  columns: [...key, ...others],
});

/** Tables that the fold fills, each row of one race. */
export const RESULT_SHAPES = {
  results: shape('results', RACE_PARTICIPANT, [
    'bib',
    'name',
    'club',
    'category',
    'sex',
    'status',
    'rank',
    'category_rank',
    'sex_rank',
    'gun_ms',
    'chip_ms',
    'behind_ms',
    'updated_at',
  ]),
  splits: shape('splits', [...RACE_PARTICIPANT, 'point_id'], ['position', 'elapsed_ms', 'rank']),
  crossings: shape(
    'crossings',
    [...RACE_PARTICIPANT, 'point_id'],
    ['stream_id', 'epoch', 'seq', 'reader_time', 'received_at'],
  ),
  on_course: shape('on_course', RACE_PARTICIPANT, ['bib', 'name', 'last_point', 'elapsed_ms', 'next_point']),
  read_fates: shape('read_fates', ['race_id', 'fate'], ['reads']),
} as const;

export type ResultTable = keyof typeof RESULT_SHAPES;
export const RESULT_TABLES = Object.keys(RESULT_SHAPES) as readonly ResultTable[];

export type ResultRows = Readonly<Record<ResultTable, readonly TableRow[]>>;

type Standings = ReturnType<RaceFold['standings']>;

const resultRows = (standings: Standings): readonly TableRow[] =>
  standings.map(({ participantId, row }) => ({
    race_id: row.raceId,
    participant_id: participantId,
    bib: row.bib,
    name: row.name,
    club: row.club,
    category: row.category,
    sex: row.sex,
    status: row.status,
    rank: row.rank,
    category_rank: row.categoryRank,
    sex_rank: row.sexRank,
    gun_ms: row.gunMs,
    chip_ms: row.chipMs,
    behind_ms: row.behindMs,
    updated_at: row.updatedAt,
  }));

const splitRows = (standings: Standings, positions: ReadonlyMap<string, number>): readonly TableRow[] =>
  standings.flatMap(({ participantId, row }) =>
    row.splits.map((split) => ({
      race_id: row.raceId,
      participant_id: participantId,
      point_id: split.pointId,
      position: positions.get(split.pointId) ?? 0,
      elapsed_ms: split.elapsedMs,
      rank: split.rank,
    })),
  );

const onCourseRows = (standings: Standings): readonly TableRow[] =>
  standings.flatMap(({ participantId, onCourse }) =>
    onCourse === null
      ? []
      : [
          {
            race_id: onCourse.raceId,
            participant_id: participantId,
            bib: onCourse.bib,
            name: onCourse.name,
            last_point: onCourse.lastPoint,
            elapsed_ms: onCourse.elapsedMs,
            next_point: onCourse.nextPoint,
          },
        ],
  );

const crossingRows = (raceId: RaceId, crossings: readonly CrossingRow[]): readonly TableRow[] =>
  crossings.map(({ participantId, pointId, read }) => ({
    race_id: raceId,
    participant_id: participantId,
    point_id: pointId,
    stream_id: read.streamId,
    epoch: read.epoch,
    seq: read.seq,
    reader_time: read.readerTime ?? '',
    received_at: read.receivedAt,
  }));

const fateRows = (raceId: RaceId, fold: RaceFold): readonly TableRow[] => {
  const { total } = fold.tally();
  return FATES.flatMap((fate) => (total[fate] === 0 ? [] : [{ race_id: raceId, fate, reads: total[fate] }]));
};

const rowsOf = (
  fold: RaceFold,
  { raceId, setup }: FoldInputs,
  standings: Standings,
  crossings: readonly CrossingRow[],
): ResultRows => {
  const points = setup.races.get(raceId)?.points ?? [];
  const positions = new Map(points.map((point, index) => [point.pointId as string, index]));
  return {
    results: resultRows(standings),
    splits: splitRows(standings, positions),
    crossings: crossingRows(raceId, crossings),
    on_course: onCourseRows(standings),
    read_fates: fateRows(raceId, fold),
  };
};

/** What the tables must say of a race. */
export const resultRowsOf = (fold: RaceFold, inputs: FoldInputs): ResultRows =>
  rowsOf(fold, inputs, fold.standings(), fold.crossings());

/** The same of some participants; the fates are always those of the race. */
export const someResultRows = (
  fold: RaceFold,
  inputs: FoldInputs,
  participantIds: readonly ParticipantId[],
): ResultRows =>
  rowsOf(
    fold,
    inputs,
    fold.standingsOf(participantIds),
    participantIds.flatMap((id) => fold.crossingsOf(id)),
  );
