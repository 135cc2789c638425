import { SPAN_ROWS } from './read-spans.ts';

/** Which reads: of one stream, of one chip or of the chips of one bib; empty texts are no choice. */
export interface ReadFilter {
  readonly stream: string;
  readonly who: string;
}

export const isFiltered = ({ stream, who }: ReadFilter): boolean => stream !== '' || who !== '';

interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** `$1` and `$2` are the span's positions. */
const condition = ({ stream, who }: ReadFilter): { readonly sql: string; readonly params: readonly string[] } => {
  const parts = ['r.pos > $1 AND r.pos <= $2'];
  const params: string[] = [];
  if (stream !== '') parts.push(`r.stream_id = $${params.push(stream) + 2}`);
  if (who !== '') {
    const at = params.push(who.toLowerCase()) + 2;
    parts.push(`(lower(r.chip) = $${at} OR lower(r.chip) IN (SELECT k.chip FROM chips k
      JOIN participants o ON o.participant_id = k.participant_id WHERE lower(o.bib) = $${at}))`);
  }
  return { sql: parts.join(' AND '), params };
};

/** How many reads of a span are meant, and the position of every `SPAN_ROWS`th from the newest on. */
export const countStatement = (filter: ReadFilter, lo: number, hi: number): Statement => {
  const { sql, params } = condition(filter);
  return {
    sql: `SELECT count(*)::int, json_agg(pos ORDER BY pos DESC) FILTER (WHERE n % ${SPAN_ROWS} = 0) FROM (
      SELECT r.pos, row_number() OVER (ORDER BY r.pos DESC) AS n FROM reads r WHERE ${sql}) AS counted`,
    params: [lo, hi, ...params],
  };
};

/** The reads of a span with whose they are, oldest first. */
export const spanStatement = (filter: ReadFilter, lo: number, hi: number): Statement => {
  const { sql, params } = condition(filter);
  return {
    sql: `SELECT r.pos, r.stream_id, r.epoch, r.seq, r.reader_time, r.received_at, r.chip, r.kind, r.raw,
      p.bib, trim(p.first_name || ' ' || p.last_name)
      FROM reads r
      LEFT JOIN chips c ON c.chip = lower(r.chip)
      LEFT JOIN participants p ON p.participant_id = c.participant_id
      WHERE ${sql} ORDER BY r.pos LIMIT ${SPAN_ROWS}`,
    params: [lo, hi, ...params],
  };
};
