import type { Question } from '../live-rows.ts';

/** Which results of a race; empty texts are no choice. */
export interface ResultsFilter {
  readonly race: string;
  readonly category: string;
  readonly sex: string;
  readonly text: string;
}

/** A list longer than this is told to be cut. */
export const MOST_RESULTS = 20_000;

export const RACES: Question = {
  sql: `SELECT r.race_id, r.name, (SELECT count(*)::int FROM results x WHERE x.race_id = r.race_id)
FROM races r ORDER BY r.start_at NULLS LAST, r.name`,
  on: ['setup', 'results'],
};

export const categoriesOf = (race: string): Question => ({
  sql: `SELECT DISTINCT x.category, coalesce(c.name, x.category), coalesce(c.position, 999) FROM results x
LEFT JOIN categories c ON c.race_id = x.race_id AND c.category_id = x.category
WHERE x.race_id = $1 AND x.category IS NOT NULL ORDER BY 3, 2`,
  params: [race],
  on: ['setup', 'results'],
});

const LIKE = /[\\%_]/g;

/** All words must be found, in whichever of bib, name and club. */
const wordConditions = (text: string, params: unknown[]): readonly string[] =>
  text
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 8)
    .map((word) => {
      const at = params.push(`%${word.replace(LIKE, '\\$&')}%`);
      return `(x.bib ILIKE $${at} OR x.name ILIKE $${at} OR coalesce(x.club, '') ILIKE $${at})`;
    });

/**
 * Finishers by place, then those under way, furthest first, then DNF, DSQ and DNS, as the relay orders them. The place
 * is that among those chosen: of the category, of the sex, or of all.
 */
export const resultsOf = ({ race, category, sex, text }: ResultsFilter): Question => {
  const params: unknown[] = [race];
  const where = ['x.race_id = $1'];
  if (category !== '') where.push(`x.category = $${params.push(category)}`);
  if (sex !== '') where.push(`x.sex = $${params.push(sex)}`);
  where.push(...wordConditions(text, params));
  const place = category !== '' ? 'x.category_rank' : sex !== '' ? 'x.sex_rank' : 'x.rank';
  return {
    sql: `SELECT x.participant_id, ${place}, x.bib, x.name, x.club, x.sex, coalesce(c.name, x.category), x.status,
  x.gun_ms, x.chip_ms, x.behind_ms, x.rank, x.category_rank, x.sex_rank, s.at
FROM results x
LEFT JOIN categories c ON c.race_id = x.race_id AND c.category_id = x.category
LEFT JOIN (
  SELECT participant_id, max(position) AS at, max(elapsed_ms) AS ms FROM splits WHERE race_id = $1 GROUP BY participant_id
) s ON s.participant_id = x.participant_id
WHERE ${where.join(' AND ')}
ORDER BY CASE x.status WHEN 'DNF' THEN 2 WHEN 'DSQ' THEN 3 WHEN 'DNS' THEN 4 ELSE CASE WHEN x.rank IS NULL THEN 1 ELSE 0 END END,
  x.rank, s.at DESC NULLS LAST, s.ms NULLS LAST, length(x.bib), x.bib, x.participant_id`,
    params,
    on: ['results', 'setup'],
    maxRows: MOST_RESULTS,
  };
};

/** Columns of `resultsOf`. */
export const RESULT = {
  id: 0,
  place: 1,
  bib: 2,
  name: 3,
  club: 4,
  sex: 5,
  category: 6,
  status: 7,
  gunMs: 8,
  chipMs: 9,
  behindMs: 10,
  rank: 11,
  categoryRank: 12,
  sexRank: 13,
} as const;

export const onCourseOf = (race: string): Question => ({
  sql: `SELECT o.participant_id, o.bib, o.name, coalesce(l.name, o.last_point), o.elapsed_ms, coalesce(n.name, o.next_point)
FROM on_course o
LEFT JOIN points l ON l.race_id = o.race_id AND l.point_id = o.last_point
LEFT JOIN points n ON n.race_id = o.race_id AND n.point_id = o.next_point
WHERE o.race_id = $1 ORDER BY l.position DESC NULLS LAST, o.elapsed_ms NULLS LAST, length(o.bib), o.bib`,
  params: [race],
  on: ['results', 'setup'],
  maxRows: MOST_RESULTS,
});

export const splitsOf = (race: string, participantId: string): Question => ({
  sql: `SELECT coalesce(p.name, s.point_id), s.elapsed_ms, s.rank, x.reader_time FROM splits s
LEFT JOIN points p ON p.race_id = s.race_id AND p.point_id = s.point_id
LEFT JOIN crossings x ON x.race_id = s.race_id AND x.participant_id = s.participant_id AND x.point_id = s.point_id
WHERE s.race_id = $1 AND s.participant_id = $2 ORDER BY s.position`,
  params: [race, participantId],
  on: ['results', 'setup'],
});

export const correctionOf = (participantId: string): Question => ({
  sql: `SELECT status, manual_ms, reason, author, to_timestamp(at / 1000.0) FROM corrections WHERE participant_id = $1`,
  params: [participantId],
  on: ['setup'],
});
