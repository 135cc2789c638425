import type { RowFilter } from './row-window.ts';

const API = '/api/v1/events';

/** Where the relay tells what this page asks for. */
export const eventPath = (eventId: string): string => `${API}/${encodeURIComponent(eventId)}`;

/** Path and query of the first rows of a list of results. */
export const resultsPath = (eventId: string, filter: RowFilter, limit: number): string => {
  const query = new URLSearchParams({ detailed: 'true', limit: String(limit) });
  if (filter.category !== null) query.set('category', filter.category);
  if (filter.sex !== null) query.set('sex', filter.sex);
  if (filter.search !== '') query.set('q', filter.search);
  if (filter.bib !== null) query.set('bib', filter.bib);
  return `${eventPath(eventId)}/results/${encodeURIComponent(filter.raceId)}?${query}`;
};
