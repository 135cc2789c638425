import type { Replica } from '@baton/client-core';
import { err, ok, type Result } from '@baton/schema/result';
import { raceTimeText } from '../../ui/time-text.ts';
import { numberAt, type Row, textAt } from '../cell-values.ts';
import { csvLine, UTF8_MARK } from '../csv-text.ts';
import { RESULT, resultsOf } from '../results/results-query.ts';

const MOST_ROWS = 100_000;

const POINTS = `SELECT point_id, name FROM points WHERE race_id = $1 AND kind = 'split' ORDER BY position`;
const SPLITS = `SELECT participant_id, json_object_agg(point_id, elapsed_ms) FROM splits WHERE race_id = $1 GROUP BY participant_id`;

const HEADER = [
  'place',
  'bib',
  'name',
  'club',
  'sex',
  'category',
  'status',
  'netTime',
  'gunTime',
  'behind',
  'categoryPlace',
  'sexPlace',
] as const;

const timeText = (ms: unknown): string => (typeof ms === 'number' ? raceTimeText(ms) : '');

const cells = (row: Row): readonly unknown[] => [
  numberAt(row, RESULT.rank),
  ...[RESULT.bib, RESULT.name, RESULT.club, RESULT.sex, RESULT.category, RESULT.status].map((at) => textAt(row, at)),
  ...[RESULT.chipMs, RESULT.gunMs, RESULT.behindMs].map((at) => timeText(row[at])),
  numberAt(row, RESULT.categoryRank),
  numberAt(row, RESULT.sexRank),
];

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** The results of a race with a column for each split, as CSV. */
export const exportResults = async (
  replica: Pick<Replica, 'select'>,
  race: string,
): Promise<Result<{ readonly text: string; readonly results: number }, string>> => {
  const question = resultsOf({ race, category: '', sex: '', text: '' });
  const options = { maxRows: MOST_ROWS };
  const [results, points, splits] = await Promise.all([
    replica.select(question.sql, question.params, options),
    replica.select(POINTS, [race]),
    replica.select(SPLITS, [race], options),
  ]);
  if (!results.ok) return err(results.error.message);
  if (!points.ok) return err(points.error.message);
  if (!splits.ok) return err(splits.error.message);
  const times = new Map(splits.value.rows.map((row) => [row[0], row[1]]));
  const courses = points.value.rows;
  const lines = results.value.rows.map((row) => {
    const own = times.get(row[RESULT.id]);
    const atPoints = courses.map((point) => (isRecord(own) ? timeText(own[textAt(point, 0)]) : ''));
    return csvLine([...cells(row), ...atPoints]);
  });
  const header = csvLine([...HEADER, ...courses.map((point) => textAt(point, 1))]);
  return ok({ text: UTF8_MARK + header + lines.join(''), results: lines.length });
};
