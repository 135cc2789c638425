import type { Question } from '../live-rows.ts';

export const MOST_CHIPS = 20_000;

const LIKE = /[\\%_]/g;

/** Chips that were read and that nobody has, most reads first; from the roll-up. */
export const unknownChips = (text: string): Question => ({
  sql: `SELECT t.chip, sum(t.reads)::bigint, max(t.last_received_at), string_agg(DISTINCT t.stream_id, ' ' ORDER BY t.stream_id)
FROM chip_totals t WHERE NOT EXISTS (SELECT FROM chips c WHERE c.chip = lower(t.chip)) AND t.chip ILIKE $1
GROUP BY t.chip ORDER BY 2 DESC, t.chip`,
  params: [`%${text.trim().replace(LIKE, '\\$&')}%`],
  on: ['reads', 'setup'],
  maxRows: MOST_CHIPS,
});

/** Who has which chip, and how often it was read. */
export const givenChips = (text: string): Question => ({
  sql: `SELECT c.chip, p.bib, trim(p.first_name || ' ' || p.last_name), r.name, coalesce(t.reads, 0), t.last_at
FROM chips c
JOIN participants p ON p.participant_id = c.participant_id
LEFT JOIN races r ON r.race_id = p.race_id
LEFT JOIN (
  SELECT lower(chip) AS chip, sum(reads)::bigint AS reads, max(last_received_at) AS last_at FROM chip_totals GROUP BY 1
) t ON t.chip = c.chip
WHERE c.chip ILIKE $1 OR p.bib = $2 OR p.first_name || ' ' || p.last_name ILIKE $1
ORDER BY length(p.bib), p.bib, c.chip`,
  params: [`%${text.trim().replace(LIKE, '\\$&')}%`, text.trim()],
  on: ['reads', 'setup'],
  maxRows: MOST_CHIPS,
});
