/** Questions that people at a finish have; a test runs each. */
export const SQL_EXAMPLES: readonly { readonly title: string; readonly sql: string }[] = [
  {
    title: 'Results of each race',
    sql: `SELECT race, rank, bib, name, club, category, status, gun_time, chip_time, behind
FROM result_list`,
  },
  {
    title: 'The first three of each category',
    sql: `SELECT race, category, category_rank AS place, bib, name, chip_time
FROM result_list
WHERE category_rank <= 3
ORDER BY race, category, category_rank`,
  },
  {
    title: 'Who is still on the course',
    sql: `SELECT o.bib, o.name, p.name AS last_point, o.elapsed_ms * interval '1 ms' AS elapsed
FROM on_course o
LEFT JOIN points p USING (race_id)
WHERE p.point_id = o.last_point
ORDER BY o.elapsed_ms DESC`,
  },
  {
    title: 'Who started and has no finish',
    sql: `SELECT race, bib, name, status
FROM result_list
WHERE rank IS NULL
ORDER BY race, bib`,
  },
  {
    title: 'Reads of one bib, in the order of the clock',
    sql: `SELECT reader_time, stream_id, epoch, seq, chip, kind
FROM read_lines
WHERE bib = '101'
ORDER BY reader_time`,
  },
  {
    title: 'Chips that nobody has',
    sql: `SELECT chip, reads, last_received_at
FROM unknown_chips
ORDER BY reads DESC`,
  },
  {
    title: 'Reads for each minute and stream',
    sql: `SELECT date_trunc('minute', to_timestamp(received_at / 1000.0)) AS minute, stream_id, count(*) AS reads
FROM reads
GROUP BY 1, 2
ORDER BY 1 DESC, 2`,
  },
  {
    title: 'What is not complete',
    sql: `SELECT stream_id, epoch, held, head, missing, seal_check
FROM incomplete`,
  },
  {
    title: 'Why reads of a race did not count',
    sql: `SELECT r.name AS race, f.fate, f.reads
FROM read_fates f
LEFT JOIN races r USING (race_id)
ORDER BY r.name, f.reads DESC`,
  },
];
