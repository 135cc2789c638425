import type { RowFilter } from './row-window.ts';

const API = '/api/v1/events';

/** Where the relay tells what this page asks for. */
export const eventPath = (eventId: string): string => `${API}/${encodeURIComponent(eventId)}`;

export interface PageStep {
  readonly limit: number;
  readonly offset?: number;
}

/** Path and query of a page of result rows. One runner is looked for by the bib; the answer holds all whose bib contains it. */
export const resultsPath = (eventId: string, filter: RowFilter, { limit, offset = 0 }: PageStep): string => {
  const query = new URLSearchParams({ detailed: 'true', limit: String(limit) });
  if (offset > 0) query.set('offset', String(offset));
  if (filter.category !== null) query.set('category', filter.category);
  if (filter.sex !== null) query.set('sex', filter.sex);
  const wanted = filter.bib ?? filter.search;
  if (wanted !== '') query.set('q', wanted);
  return `${eventPath(eventId)}/results/${encodeURIComponent(filter.raceId)}?${query}`;
};
