/** What is asked of the replicas, the same of each where it is SQL. */

/** The results of the race from the table that the replica keeps, as a page shows them. */
export const RESULTS_TOP = `SELECT rank, bib, name, club, category, sex, status, gun_ms, chip_ms, behind_ms
FROM results ORDER BY rank LIMIT 50`;

export const RESULTS_ALL = `SELECT rank, bib, name, club, category, sex, status, gun_ms, chip_ms, behind_ms
FROM results ORDER BY rank`;

/**
 * Who was first seen when at the finish, straight from the reads: one statement that PGlite and SQLite both take. A database without
 * tables of results can be asked no less.
 */
export const FIRST_AT_FINISH = `SELECT p.bib, p.last_name, f.first_time, f.reads
FROM (SELECT chip, min(reader_time) AS first_time, count(*) AS reads FROM reads WHERE stream_id = 'f1.finish' GROUP BY chip) f
JOIN chips c ON c.chip = lower(f.chip) JOIN participants p ON p.participant_id = c.participant_id
ORDER BY f.first_time, p.bib LIMIT 50`;

/** Reads that the tables of results contain: each read of a mapped epoch has one fate. */
export const SEEN = 'SELECT coalesce(sum(reads), 0)::int AS seen FROM read_fates';

/** A live query over the roll-up that the pull transaction keeps. */
export const LIVE_ROLL_UP = `SELECT stream_id, count(*)::int AS chips, sum(reads)::int AS seen
FROM chip_totals GROUP BY stream_id`;

/** A live query over results, with the number of reads that they contain. */
export const LIVE_RESULTS = `SELECT r.rank, r.bib, r.name, r.chip_ms, s.seen
FROM results r, (SELECT sum(reads)::int AS seen FROM read_fates) s ORDER BY r.rank LIMIT 50`;
